// The token endpoint: a client and its secret against an access token.
#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "services/cognito/client.h"
#include "services/cognito/oauth.h"
#include "services/cognito/scopes.h"

namespace toolgate::services::cognito {
namespace {

constexpr std::size_t client_id_characters_max = 128;  // Cognito API Reference, "ClientId"

std::unexpected<OAuthError> refuse_grant(std::string_view error, std::string description = {}) {
  return std::unexpected(OAuthError{400, error, std::move(description)});
}

// RFC 6749 §5.2: 401 when the client used the Authorization header; else 400, as Cognito answers.
// It says nothing of what was wrong.
std::unexpected<OAuthError> invalid_client(const TokenRequest& request) {
  return std::unexpected(OAuthError{request.basic ? 401 : 400, "invalid_client", {}});
}

std::unexpected<OAuthError> server_error(const Error& error) {
  log::error("token endpoint: {} {}", error.message, error.detail);
  return std::unexpected(OAuthError{500, "server_error", {}});
}

bool well_formed_id(std::string_view client_id) {
  return client_id.size() <= client_id_characters_max && std::ranges::all_of(client_id, [](char c) {
           return mixed_alphanumeric.contains(c) || c == '_' || c == '+';
         });
}

net::Response refusal(const OAuthError& error) {
  JsonObject body{{"error", error.error}};
  if (!error.description.empty()) body["error_description"] = error.description;
  auto response = net::Response::text(error.status, "application/json", json::print(body));
  response.headers.push_back({"cache-control", "no-store"});
  if (error.status == 401) {
    response.headers.push_back({"www-authenticate", R"(Basic realm="oauth2/token")"});
  }
  return response;
}

}  // namespace

Task<Result<std::optional<PoolPlace>>> OAuth::find_pool(std::string host, std::string client_id) {
  const std::string& account = cognito_.account;
  if (is_aws_host(host)) {
    const auto name = domain_host(host);
    if (!name) co_return std::nullopt;
    CO_TRY(const std::optional<Loaded> domain,
           co_await load(cognito_.store, domain_key(account, name->region, name->domain)));
    if (!domain) co_return std::nullopt;
    co_return PoolPlace{account, name->region, member(domain->body, "UserPoolId")};
  }
  CO_TRY(const std::optional<Loaded> index,
         co_await load(cognito_.store, client_index_key(account, client_id)));
  if (!index) co_return std::nullopt;
  co_return PoolPlace{account, member(index->body, "Region"), member(index->body, "UserPoolId")};
}

Task<OAuth::Answer<OAuth::Found>> OAuth::authenticate(std::string host,
                                                      const TokenRequest& request) {
  if (!well_formed_id(request.client_id)) co_return invalid_client(request);
  Result<std::optional<PoolPlace>> place = co_await find_pool(host, request.client_id);
  if (!place) co_return server_error(place.error());
  if (!*place) co_return invalid_client(request);

  const Result<Loaded> pool = co_await load_pool(cognito_.store, **place);
  if (!pool && pool.error().code == Code::not_found) co_return invalid_client(request);
  if (!pool) co_return server_error(pool.error());
  Result<std::optional<Loaded>> client =
      co_await load(cognito_.store, key_of(**place, kind::client, request.client_id));
  if (!client) co_return server_error(client.error());
  if (!*client) co_return invalid_client(request);

  JsonObject& body = (*client)->body;
  if (has_secret(body)) {
    const Result<std::string> secret = secret_of(body, cognito_.secrets);
    if (!secret) co_return server_error(secret.error());
    if (!crypto::equal_in_constant_time(*secret, request.client_secret)) {
      co_return invalid_client(request);
    }
  } else if (!request.client_secret.empty()) {
    co_return invalid_client(request);
  }
  co_return Found{.pool = **std::move(place),
                  .client = std::move(body),
                  .naming = is_aws_host(host) ? Naming::aws : Naming::own};
}

// The scopes of the token, joined: those asked for, or all that the client may have. A scope whose
// resource server is gone is nobody's any more.
Task<OAuth::Answer<std::string>> OAuth::grant_scopes(const Found& found,
                                                     std::vector<std::string> asked) {
  const auto allowed = texts(found.client, "AllowedOAuthScopes");
  const bool all = asked.empty();
  std::vector<std::string> scopes = all ? allowed : std::move(asked);
  Result<std::vector<std::string>> unknown =
      co_await unknown_scopes(cognito_.store, found.pool, scopes);
  if (!unknown) co_return server_error(unknown.error());
  const auto grantable = [&](const std::string& scope) {
    return !is_user_scope(scope) && std::ranges::find(allowed, scope) != allowed.end() &&
           std::ranges::find(*unknown, scope) == unknown->end();
  };
  if (all) {
    std::erase_if(scopes, [&](const std::string& scope) { return !grantable(scope); });
    if (scopes.empty()) co_return refuse_grant("invalid_scope", "the client has no scope");
  }
  const auto refused = std::ranges::find_if_not(scopes, grantable);
  if (refused != scopes.end()) {
    co_return refuse_grant("invalid_scope", "a scope is unknown or not the client's");
  }
  co_return join(scopes, " ");
}

Task<OAuth::Answer<std::string>> OAuth::issue(std::string host, TokenRequest request) {
  Answer<Found> found = co_await authenticate(std::move(host), request);
  if (!found) co_return std::unexpected(found.error());
  if (request.grant_type != "client_credentials") {
    co_return refuse_grant("unsupported_grant_type", "client_credentials is served");
  }
  if (!allows_client_credentials(found->client)) {
    co_return refuse_grant("unauthorized_client",
                           "the client's AllowedOAuthFlows do not hold client_credentials");
  }
  const Answer<std::string> scope = co_await grant_scopes(*found, std::move(request.scopes));
  if (!scope) co_return std::unexpected(scope.error());

  const Time now = cognito_.clock.now();
  Result<crypto::PrivateKey> key = co_await cognito_.keys->current(found->pool, now);
  if (!key) co_return server_error(key.error());
  const std::int64_t lives = access_token_lives(found->client).count();
  const std::string& pool_id = found->pool.pool_id;
  const std::string issuer =
      found->naming == Naming::aws ? aws_issuer(pool_id) : own_issuer(cognito_.base_url(), pool_id);
  const JsonObject claims{
      {"sub", request.client_id},      {"token_use", "access"}, {"scope", *scope},
      {"auth_time", seconds_of(now)},  {"iss", issuer},         {"exp", seconds_of(now) + lives},
      {"iat", seconds_of(now)},        {"version", 2},          {"jti", random_uuid()},
      {"client_id", request.client_id}};
  co_return json::print(JsonObject{
      {"access_token", key->sign_jwt(claims)}, {"expires_in", lives}, {"token_type", "Bearer"}});
}

Task<net::Response> OAuth::token(net::Request& request, net::Worker&) {
  if (request.method != "POST") {
    auto response = refusal({405, "invalid_request", "the token endpoint takes POST"});
    response.headers.push_back({"allow", "POST"});
    co_return response;
  }
  auto parsed = parse_token_request(request.headers.find("content-type").value_or(""),
                                    request.headers.find("authorization"), request.body);
  if (!parsed) co_return refusal(parsed.error());
  const Answer<std::string> body = co_await issue(std::string{request.host}, *std::move(parsed));
  if (!body) co_return refusal(body.error());
  auto response = net::Response::text(200, "application/json", *body);
  response.headers.push_back({"cache-control", "no-store"});
  response.headers.push_back({"pragma", "no-cache"});
  co_return response;
}

}  // namespace toolgate::services::cognito
