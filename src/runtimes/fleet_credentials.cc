// A child's temporary credentials, in the form of ECS's container credentials provider.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/log.h"
#include "runtimes/fleet.h"

namespace toolgate::runtimes {
namespace {

constexpr auto lasts = std::chrono::hours{1};

net::Response refuse(int status, std::string_view code, std::string_view message) {
  return net::Response::text(status, "application/json",
                             json::print(JsonObject{{"code", code}, {"message", message}}));
}

}  // namespace

Task<net::Response> Fleet::credentials(const net::Request& request) {
  const auto token = request.headers.find("authorization");
  if (!request.peer.loopback || !token || request.method != "GET") {
    co_return refuse(403, "AccessDenied", "for the programs of runtimes only");
  }
  Role role;
  {
    const std::scoped_lock lock{mutex_};
    const auto found = roles_.find(*token);
    if (found == roles_.end()) co_return refuse(403, "AccessDenied", "no such token");
    role = found->second;
  }
  const auto principal = co_await options_.role_session(role);
  if (!principal) {
    log::warn("credentials of role {}: {}", role.arn, principal.error().message);
    co_return refuse(403, "AccessDenied", principal.error().message);
  }
  const auto issued = options_.sessions->issue(*principal, {}, options_.clock->now() + lasts);
  const auto expires = std::chrono::floor<std::chrono::seconds>(issued.expires);
  co_return net::Response::text(
      200, "application/json",
      json::print(JsonObject{{"RoleArn", role.arn},
                             {"AccessKeyId", issued.access_key_id},
                             {"SecretAccessKey", issued.secret_access_key},
                             {"Token", issued.session_token},
                             {"Expiration", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", expires)}}));
}

}  // namespace toolgate::runtimes
