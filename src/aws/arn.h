// ARNs of what belongs to the caller: made for outputs, and understood where an input gives one.
#pragma once

#include <string>
#include <string_view>

#include "aws/call.h"
#include "base/result.h"

namespace toolgate::aws {

// What an ARN names behind its region and account.
struct Named {
  std::string_view service;   // "ecr"
  std::string_view resource;  // "repository/NAME"
};
// "arn:aws:ecr:REGION:ACCOUNT:repository/NAME", in the call's region and account.
[[nodiscard]] std::string own_arn(const Call& call, Named named);

// NAME of the ARN that the input's `member` is; `named.resource` is what stands before it, as
// "repository/". Fails with InvalidParameterException, which says what is expected, for an ARN of
// anything else, or of another account or region.
[[nodiscard]] Result<std::string> name_in_own_arn(const Call& call, std::string_view member,
                                                  Named named);

}  // namespace toolgate::aws
