#include "services/identity_data/workload_tokens.h"

#include <algorithm>

#include <fmt/format.h>

#include "crypto/jwt.h"
#include "identity/jwt_rules.h"
#include "json/members.h"

namespace toolgate::services::identity_data {
namespace {

std::string context_of(const model::Place& place) {
  return fmt::format("workload_access_token/{}/{}", place.account, place.region);
}

std::unexpected<Error> unauthorized(std::string detail) {
  return std::unexpected(Error{.code = Code::unauthenticated,
                               .message = "The workload identity token is invalid or has expired.",
                               .detail = std::move(detail),
                               .name = "UnauthorizedException",
                               .fields = {}});
}

std::unexpected<Error> bad_user_token(std::string_view why) {
  return fail(Code::invalid, fmt::format("userToken: {}", why));
}

// The rules of an authorizer that takes this one token's audience or client: the caller of the
// operation vouches for the application, the issuer for the user.
Result<Json> rules_for(const crypto::Jwt& jwt) {
  auto issuer = json::find_string(jwt.claims, "iss").value_or("");
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  if (issuer.empty()) return bad_user_token("has no iss");
  JsonObject rules{{"discoveryUrl", fmt::format("{}/.well-known/openid-configuration", issuer)}};
  const Json* audience = json::find(jwt.claims, "aud");
  if (const auto client = identity::client_of(jwt.claims); !client.empty()) {
    rules["allowedClients"] = JsonArray{client};
  } else if (audience != nullptr && audience->is_string()) {
    rules["allowedAudience"] = JsonArray{*audience};
  } else if (audience != nullptr && audience->is_array() && !audience->get_array().empty()) {
    rules["allowedAudience"] = *audience;
  } else {
    return bad_user_token("names neither an audience nor a client");
  }
  return Json(std::move(rules));
}

}  // namespace

std::string make_workload_token(const IdentityData& own, const model::Place& place, Time now,
                                const credentials::User& user) {
  Time ends = now + workload_token_life;
  if (!user.token.empty()) ends = std::min(ends, user.token_ends);
  const JsonObject said{{"workload", user.workload},
                        {"user", user.name},
                        {"token", user.token},
                        {"tokenEnds", milliseconds_of(user.token_ends)},
                        {"ends", milliseconds_of(ends)}};
  return own.secrets.seal(json::print(said), context_of(place));
}

Task<Result<std::shared_ptr<const credentials::User>>> open_workload_token(const IdentityData& own,
                                                                           const aws::Call& call,
                                                                           std::string token) {
  const auto text = own.secrets.unseal(token, context_of({call.account, call.region}));
  if (!text) co_return unauthorized("it does not open: " + text.error().message);
  CO_TRY(const Json said, json::parse(*text));
  if (json::find_int(said, "ends").value_or(0) <= milliseconds_of(call.now)) {
    co_return unauthorized("it has ended");
  }
  const auto member = [&](std::string_view name) { return json::member(said, name); };
  auto user = std::make_shared<credentials::User>(credentials::User{
      .workload = member("workload"),
      .name = member("user"),
      .token = member("token"),
      .token_ends =
          Time{std::chrono::milliseconds{json::find_int(said, "tokenEnds").value_or(0)}}});
  const auto exists = co_await check_workload(own, call, user->workload);
  if (!exists && exists.error().code == Code::not_found) {
    co_return unauthorized(exists.error().message);
  }
  if (!exists) co_return std::unexpected(exists.error());
  co_return user;
}

Task<Result<void>> check_workload(const IdentityData& own, const aws::Call& call,
                                  std::string_view name) {
  CO_TRY(const auto found,
         co_await own.store.get({.account = call.account,
                                 .region = call.region,
                                 .kind = std::string{model::kind::workload_identity},
                                 .id = std::string{name}}));
  if (found) co_return Result<void>{};
  co_return fail(Code::not_found, fmt::format("Workload identity {} does not exist.", name));
}

Task<Result<credentials::User>> verified_user(const IdentityData& own, std::string token,
                                              net::Worker& worker) {
  const auto jwt = crypto::parse_jwt(token);
  if (!jwt) co_return bad_user_token(jwt.error().message);
  CO_TRY(const Json rules, rules_for(*jwt));
  CO_TRY(const auto authorizer, identity::JwtAuthorizer::compile(rules, own.issuer_aliases));
  const auto principal = co_await authorizer->authenticate(token, worker);
  if (!principal && principal.error().code == Code::unavailable) {
    co_return fail(Code::unavailable, "userToken: " + principal.error().message,
                   principal.error().detail);
  }
  if (!principal) {
    co_return bad_user_token(fmt::format("is not valid: {}", principal.error().detail));
  }
  const Json& claims = (*principal)->claims;
  const auto issuer = json::find_string(claims, "iss").value_or("");
  const auto subject = json::find_string(claims, "sub").value_or("");
  if (subject.empty()) co_return bad_user_token("has no sub");
  const Json* expires = json::find(claims, "exp");
  const double ends = expires != nullptr && expires->is_number() ? expires->to_number<double>() : 0;
  co_return credentials::User{
      .workload = {},
      .name = credentials::user_of_token(issuer, subject),
      .token = std::move(token),
      .token_ends = Time{std::chrono::milliseconds{static_cast<std::int64_t>(ends * 1000)}}};
}

}  // namespace toolgate::services::identity_data
