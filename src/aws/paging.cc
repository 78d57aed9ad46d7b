#include "aws/paging.h"

#include <algorithm>

#include <fmt/format.h>

#include "crypto/hash.h"

namespace toolgate::aws {
namespace {

constexpr std::size_t check_bytes = 8;

// Not a secret: it tells a token of another listing, or a broken one, from our own. What a token
// may reach is decided by who asks.
std::string check_of(const Call& call, std::string_view after) {
  return crypto::sha256(fmt::format("page\n{}\n{}\n{}\n{}\n{}", call.account, call.region,
                                    call.service, call.operation, after))
      .substr(0, check_bytes);
}

}  // namespace

std::string next_token(const Call& call, std::string_view after) {
  if (after.empty()) return {};
  return crypto::base64url(check_of(call, after).append(after));
}

Result<PageRequest> page_request(const Call& call, PageMembers members) {
  PageRequest page{.size = members.default_size, .after = {}};
  if (const auto size = json::find_int(call.input, members.size)) {
    page.size = static_cast<std::size_t>(std::max<std::int64_t>(*size, 1));
  }
  const auto token = text_if(call, members.token);
  if (!token) return page;
  const auto bytes = crypto::from_base64url(*token);
  if (bytes && bytes->size() > check_bytes) {
    page.after = bytes->substr(check_bytes);
    if (bytes->substr(0, check_bytes) == check_of(call, page.after)) return page;
  }
  auto error = fail(Code::invalid,
                    fmt::format("{}: not a token that this operation gave", members.token));
  error.error().fields.push_back(
      {std::string{members.token}, "must be a token that this operation gave"});
  return error;
}

}  // namespace toolgate::aws
