// OAUTH with the grant AUTHORIZATION_CODE: a user's own token, which the user has consented to in a
// browser (consents.h). It is refreshed here as long as the server lets it; a refresh token that is
// replaced (RFC 9700 §4.14.2) is stored before the new access token is used.
#include "credentials/kinds.h"
#include "credentials/oauth_client.h"
#include "credentials/provider.h"
#include "credentials/user_tokens.h"
#include "net/http.h"
#include "store/optimistic.h"

namespace toolgate::credentials {
namespace {

// Shorter ones are refreshed first, so that a token does not end on its way.
constexpr auto worth_showing = std::chrono::seconds{20};

std::unexpected<Error> consent_required(const Need& need) {
  return std::unexpected(Error{
      .code = Code::denied,
      .message =
          fmt::format("credential provider '{}': the user has not consented yet", need.provider),
      .detail = {},
      .name = std::string{consent_required_name},
      .fields = {}});
}

Made made_of(const UserToken& token, Time now) {
  Made made;
  made.credential.show = net::HeaderCredential{"authorization", "Bearer " + token.access};
  made.life = std::chrono::duration_cast<std::chrono::seconds>(token.ends - now);
  return made;
}

Task<Result<Made>> refresh(const Need& need, const OAuthClient& client, const UserToken& old,
                           const Making& making) {
  TokenQuestion question{.grant = "refresh_token"};
  question.fields.emplace_back("refresh_token", old.refresh);
  auto token = co_await ask(client, std::move(question), making.worker, making.deadline);
  if (!token) {
    // Withdrawn or too old: only the user can help.
    if (token.error().name == "invalid_grant") co_return consent_required(need);
    co_return std::unexpected(std::move(token).error());
  }
  const Time now = making.clock.now();
  UserToken fresh = user_token(*std::move(token), client.callback_id, now);
  if (fresh.refresh.empty()) fresh.refresh = old.refresh;
  store::Batch batch;
  const auto put = put_user_token(making.secrets, need, fresh);
  batch.preconditions.push_back(
      store::unchanged(put.key, old.version, "the user's token was replaced meanwhile"));
  batch.puts.push_back(put);
  const auto version = co_await making.store.commit(std::move(batch));
  if (!version && !store::lost_race(version.error())) {
    co_return std::unexpected(version.error());
  }
  co_return made_of(fresh, now);
}

}  // namespace

Result<void> read_authorization_code(const Json& configuration, std::string_view path, Need& need) {
  need.return_url = json::find_string(configuration, "defaultReturnUrl").value_or("");
  return read_scopes(configuration, path,
                     {"response_type", "redirect_uri", "state", "code", "code_challenge",
                      "code_challenge_method", "code_verifier"},
                     need);
}

Task<Result<Made>> make_authorization_code(const Need& need, const store::Document& provider,
                                           Making making) {
  ASSERT(need.user);
  CO_TRY(const auto token, co_await find_user_token(making.store, making.secrets, need));
  if (!token) co_return consent_required(need);
  CO_TRY(const Json body, json::parse(provider.body));
  if (json::find_string(body, "callbackId").value_or("") != token->callback_id) {
    co_return consent_required(need);  // of a provider of this name that was deleted
  }
  const Time now = making.clock.now();
  const bool refused = making.refused == mark_of("Bearer " + token->access);
  if (!refused && now + worth_showing < token->ends) co_return made_of(*token, now);
  if (token->refresh.empty()) co_return consent_required(need);
  CO_TRY(const OAuthClient client, co_await open_client(provider, making));
  co_return co_await refresh(need, client, *token, making);
}

}  // namespace toolgate::credentials
