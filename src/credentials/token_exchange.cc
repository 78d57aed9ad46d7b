// OAUTH with the grant TOKEN_EXCHANGE: the caller's own token becomes one for the target, by token
// exchange (RFC 8693) or as a JWT authorization grant (RFC 7523 §2.1), as the provider's
// onBehalfOfTokenExchangeConfig says. Facts: AgentCore Gateway developer guide, "On-behalf-of token
// exchange".
#include <algorithm>

#include "credentials/kinds.h"
#include "credentials/oauth_client.h"

namespace toolgate::credentials {
namespace {

constexpr std::string_view exchange_grant = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view bearer_grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::string_view jwt_type = "urn:ietf:params:oauth:token-type:jwt";
constexpr std::string_view access_token_type = "urn:ietf:params:oauth:token-type:access_token";

std::string scopes_of(const Json& configuration, std::string_view member) {
  std::string joined;
  const auto* list = json::find_array(configuration, "tokenExchangeGrantTypeConfig", member);
  if (list == nullptr) return joined;
  for (const Json& scope : *list) {
    if (!scope.is_string()) continue;
    if (!joined.empty()) joined += ' ';
    joined += std::string_view{scope.get_string()};
  }
  return joined;
}

// True when the configuration's own parameters already say this form member.
bool says(const Need& need, std::string_view member) {
  return json::find(need.custom_parameters, member) != nullptr;
}

TokenQuestion question_of(const Need& need, std::string_view grant) {
  return {.grant = grant,
          .scope = need.scope,
          .parameters = &need.custom_parameters,
          .resources = need.resources,
          .audiences = need.audiences};
}

// The client's own token, which says who acts (RFC 8693 §2.1, actor_token).
Task<Result<std::string>> actor_token(const OAuthClient& client, const Making& making) {
  const std::string scope = scopes_of(client.on_behalf_of, "actorTokenScopes");
  CO_TRY(const Token token, co_await ask(client, {.scope = scope}, making.worker, making.deadline));
  co_return token.text;
}

Task<Result<Token>> exchange(const OAuthClient& client, const Need& need, const Making& making) {
  TokenQuestion question = question_of(need, exchange_grant);
  question.fields.emplace_back("subject_token", need.user->token);
  if (!says(need, "subject_token_type")) {
    question.fields.emplace_back("subject_token_type", jwt_type);
  }
  const auto actor =
      json::find_string(client.on_behalf_of, "tokenExchangeGrantTypeConfig", "actorTokenContent");
  if (actor == "M2M") {
    CO_TRY(std::string token, co_await actor_token(client, making));
    question.fields.emplace_back("actor_token", std::move(token));
    if (!says(need, "actor_token_type")) {
      question.fields.emplace_back("actor_token_type", access_token_type);
    }
  }
  co_return co_await ask(client, std::move(question), making.worker, making.deadline);
}

Task<Result<Token>> grant_by_jwt(const OAuthClient& client, const Need& need,
                                 const Making& making) {
  TokenQuestion question = question_of(need, bearer_grant);
  question.fields.emplace_back("assertion", need.user->token);
  // Microsoft's name for the same thing.
  if (client.microsoft && !says(need, "requested_token_use")) {
    question.fields.emplace_back("requested_token_use", "on_behalf_of");
  }
  const auto method = json::find_string(client.on_behalf_of, "onBehalfOfAuthenticationConfig",
                                        "clientAuthenticationMethod");
  if (method == "NO_CLIENT") question.auth = ClientAuth::none;
  co_return co_await ask(client, std::move(question), making.worker, making.deadline);
}

}  // namespace

Result<void> read_token_exchange(const Json& configuration, std::string_view path, Need& need) {
  return read_scopes(configuration, path, {"subject_token", "actor_token", "assertion"}, need);
}

Task<Result<Made>> make_token_exchange(const Need& need, const store::Document& provider,
                                       Making making) {
  ASSERT(need.user);
  if (need.user->token.empty()) {
    co_return fail(Code::denied,
                   fmt::format("credential provider '{}': a token can be exchanged only for a "
                               "caller who has signed in with a JWT",
                               need.provider));
  }
  const auto left =
      std::chrono::duration_cast<std::chrono::seconds>(need.user->token_ends - making.clock.now());
  CO_TRY(const OAuthClient client, co_await open_client(provider, making));
  const auto grant = json::find_string(client.on_behalf_of, "grantType");
  if (!grant && !client.microsoft) {
    co_return fail(Code::invalid,
                   fmt::format("credential provider '{}' has no onBehalfOfTokenExchangeConfig: it "
                               "does not exchange tokens",
                               need.provider));
  }
  const bool by_exchange = grant == "TOKEN_EXCHANGE";
  Result<Token> token = fail(Code::internal, {});
  if (by_exchange) {
    token = co_await exchange(client, need, making);
  } else {
    token = co_await grant_by_jwt(client, need, making);
  }
  if (!token) co_return std::unexpected(std::move(token).error());
  Made made = bearer(*token);
  // What was given for a token is not shown longer than the token itself would be believed.
  made.life = std::max(std::min(token->life, left), std::chrono::seconds{0});
  co_return made;
}

}  // namespace toolgate::credentials
