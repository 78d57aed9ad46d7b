#include "aws/arn.h"

#include <fmt/format.h>

#include "aws/refuse.h"

namespace toolgate::aws {

std::string own_arn(const Call& call, Named named) {
  return fmt::format("arn:aws:{}:{}:{}:{}", named.service, call.region, call.account,
                     named.resource);
}

Result<std::string> name_in_own_arn(const Call& call, std::string_view member, Named named) {
  const std::string given = text(call, member);
  const std::string prefix = own_arn(call, named);
  if (given.starts_with(prefix) && given.size() > prefix.size()) {
    return given.substr(prefix.size());
  }
  return refuse(Code::invalid, "InvalidParameterException",
                fmt::format("{}: expected {}…", member, prefix));
}

}  // namespace toolgate::aws
