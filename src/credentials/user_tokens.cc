#include "credentials/user_tokens.h"

#include <algorithm>

#include "credentials/bounds.h"
#include "credentials/provider.h"
#include "crypto/hash.h"
#include "json/members.h"

namespace toolgate::credentials {
namespace {

constexpr std::string_view sealed_tokens = "sealedTokens";

// The id shows nothing of the user.
store::Key key_of(const Need& need) {
  ASSERT(need.user);
  const JsonArray whose{need.user->workload, need.user->name, need.provider, need.scope,
                        need.custom_parameters};
  return {.account = need.place.account,
          .region = need.place.region,
          .kind = std::string{model::kind::user_token},
          .id = fmt::format("{}/{}", need.provider, crypto::sha256_hex(json::print(whose)))};
}

}  // namespace

UserToken user_token(Token token, std::string callback_id, Time now) {
  return {.access = std::move(token.text),
          .refresh = std::move(token.refresh_token),
          .ends = now + std::min<std::chrono::seconds>(token.life, bounds::token_life_max),
          .callback_id = std::move(callback_id)};
}

Task<Result<std::optional<UserToken>>> find_user_token(store::Store& store,
                                                       const store::Secrets& secrets,
                                                       const Need& need) {
  using Found = std::optional<UserToken>;
  CO_TRY(const auto document, co_await store.get(key_of(need)));
  if (!document) co_return Found{};
  CO_TRY(const Json body, json::parse(document->body));
  CO_TRY(const std::string text, unseal_member(secrets, *document, body, sealed_tokens));
  CO_TRY(const Json tokens, json::parse(text));
  const auto member = [&](std::string_view name) { return json::member(tokens, name); };
  co_return Found{
      UserToken{.access = member("access"),
                .refresh = member("refresh"),
                .ends = Time{std::chrono::milliseconds{json::find_int(tokens, "ends").value_or(0)}},
                .callback_id = member("callbackId"),
                .version = document->version}};
}

store::Put put_user_token(const store::Secrets& secrets, const Need& need, const UserToken& token) {
  const store::Key key = key_of(need);
  const JsonObject tokens{{"access", token.access},
                          {"refresh", token.refresh},
                          {"ends", milliseconds_of(token.ends)},
                          {"callbackId", token.callback_id}};
  const JsonObject body{
      {sealed_tokens, seal_member(secrets, key, sealed_tokens, json::print(tokens))}};
  return {.key = key, .body = json::print(body)};
}

}  // namespace toolgate::credentials
