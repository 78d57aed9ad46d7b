// GetSessionToken.
#include "services/sts/service.h"

namespace toolgate::services::sts {
namespace {

using namespace std::chrono_literals;

// STS API Reference, "GetSessionToken": 12 hours unless asked for 15 minutes to 36 hours (the
// contract checks the range). AWS caps the root's sessions at one hour; here root is who works.
constexpr std::chrono::seconds session_default = 12h;

}  // namespace

Task<Result<aws::Answer>> get_session_token(Sts& sts, aws::Call& call, net::Worker&) {
  const std::string parent = parent_key_of(call.caller);
  if (parent.empty()) {
    co_return std::unexpected(
        Error{.code = Code::denied,
              .message = "Cannot call GetSessionToken with session credentials",
              .name = "AccessDenied"});
  }
  const std::chrono::seconds lasts{
      json::find_int(call.input, "DurationSeconds").value_or(session_default.count())};
  const auto credentials = sts.sessions.issue(call.caller, parent, call.now + lasts);
  co_return aws::Answer{JsonObject{{"Credentials", credentials_shape(credentials)}}, {}};
}

}  // namespace toolgate::services::sts
