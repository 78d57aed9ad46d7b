// OAUTH with the grant CLIENT_CREDENTIALS: a token of the gateway's own (RFC 6749 §4.4).
#include <algorithm>

#include "base/text.h"
#include "credentials/bounds.h"
#include "credentials/discovery.h"
#include "credentials/kinds.h"
#include "credentials/provider.h"
#include "credentials/token_endpoint.h"
#include "net/client.h"

namespace toolgate::credentials {
namespace {

// What a provider's document says of its client and server.
struct OAuthClient {
  std::string id;
  std::string secret;
  std::string discovery_url;  // or empty: then the metadata are given
  ServerMetadata metadata;
  std::optional<ClientAuth> auth;
};

std::unexpected<Error> unusable(const Need& need, std::string_view why) {
  return fail(Code::invalid, fmt::format("credential provider '{}': {}", need.provider, why));
}

Result<ServerMetadata> read_metadata(const Need& need, const Json& discovery) {
  ServerMetadata metadata;
  const auto endpoint =
      json::find_string(discovery, "authorizationServerMetadata", "tokenEndpoint");
  if (!endpoint) return unusable(need, "has neither a discoveryUrl nor a tokenEndpoint");
  auto url = net::Url::parse(*endpoint);
  if (!url) return unusable(need, "tokenEndpoint: " + url.error().message);
  metadata.token_endpoint = *std::move(url);
  if (const auto* methods = json::find_array(discovery, "authorizationServerMetadata",
                                             "tokenEndpointAuthMethods")) {
    for (const Json& method : *methods) {
      if (method.is_string()) metadata.auth_methods.emplace_back(method.get_string());
    }
  }
  return metadata;
}

Result<OAuthClient> read_client(const Need& need, const store::Document& provider,
                                const store::Secrets& secrets) {
  TRY(const Json body, json::parse(provider.body));
  const Json* configurations = json::find(body, "oauth2ProviderConfigOutput");
  const auto* one = configurations != nullptr ? configurations->if_object() : nullptr;
  if (one == nullptr || one->size() != 1) return unusable(need, "its document is damaged");
  const Json& configuration = one->begin()->value();
  const Json* discovery = json::find(configuration, "oauthDiscovery");
  const auto id = json::find_string(configuration, "clientId");
  if (discovery == nullptr || !id) return unusable(need, "its document is damaged");

  OAuthClient client;
  client.id = *id;
  TRY(client.secret, unseal_member(secrets, provider, body, sealed_client_secret));
  if (const auto method = json::find_string(configuration, "clientAuthenticationMethod")) {
    if (*method == "CLIENT_SECRET_BASIC") client.auth = ClientAuth::basic;
    if (*method == "CLIENT_SECRET_POST") client.auth = ClientAuth::body;
    if (!client.auth) {
      return unusable(need,
                      fmt::format("clientAuthenticationMethod {} is not served yet", *method));
    }
  }
  if (const auto url = json::find_string(*discovery, "discoveryUrl")) {
    client.discovery_url = *url;
  } else {
    TRY(client.metadata, read_metadata(need, *discovery));
  }
  return client;
}

Task<Result<Token>> ask(const OAuthClient& client, const Need& need, Making making) {
  const auto request = token_request({.client_id = client.id,
                                      .client_secret = client.secret,
                                      .auth = client.auth.value_or(choose_client_auth(
                                          client.metadata.auth_methods)),
                                      .scope = need.scope,
                                      .parameters = &need.custom_parameters});
  const auto answer = co_await making.worker.client().send(
      {.method = "POST",
       .url = &client.metadata.token_endpoint,
       .headers = &request.headers,
       .body = request.body,
       .deadline = std::min(making.deadline, within(bounds::token_timeout)),
       .body_bytes_max = bounds::token_answer_bytes_max});
  if (!answer) {
    Error error = answer.error();
    error.message = fmt::format("token endpoint: {}", error.message);
    co_return std::unexpected(std::move(error));
  }
  co_return read_token_answer(answer->status, answer->body, client.secret);
}

// Says which provider, for the caller, and where its token endpoint is, for the log.
Error of_provider(const Need& need, const OAuthClient& client, Error error) {
  error.message = fmt::format("credential provider '{}': {}", need.provider, error.message);
  if (!client.metadata.token_endpoint.host.empty()) {
    error.detail += fmt::format("{}token endpoint {}", error.detail.empty() ? "" : "; ",
                                client.metadata.token_endpoint.text());
  }
  return error;
}

}  // namespace

Result<void> read_client_credentials(const Json& configuration, std::string_view path,
                                     Need& need) {
  const auto grant = json::find_string(configuration, "grantType").value_or("CLIENT_CREDENTIALS");
  if (grant != "CLIENT_CREDENTIALS") {
    return wrong_member(fmt::format("{}.grantType", path),
                        fmt::format("{} is not served yet; CLIENT_CREDENTIALS is", grant));
  }
  std::vector<std::string> scopes;
  if (const auto* list = json::find_array(configuration, "scopes")) {
    for (const Json& scope : *list) {
      if (scope.is_string() && !scope.get_string().empty()) scopes.emplace_back(scope.get_string());
    }
  }
  need.scope = join(scopes, " ");
  const Json* parameters = json::find(configuration, "customParameters");
  if (parameters == nullptr || !parameters->is_object()) return {};
  for (const auto& [name, value] : parameters->get_object()) {
    const std::string_view ours = name;
    if (ours == "grant_type" || ours == "client_id" || ours == "client_secret" ||
        (ours == "scope" && !scopes.empty())) {
      return wrong_member(fmt::format("{}.customParameters.{}", path, ours),
                          "is set by the gateway itself");
    }
  }
  need.custom_parameters = *parameters;
  return {};
}

Task<Result<Made>> make_client_credentials(const Need& need, const store::Document& provider,
                                           Making making) {
  CO_TRY(OAuthClient client, read_client(need, provider, making.secrets));
  if (!client.discovery_url.empty()) {
    auto metadata = co_await discover(client.discovery_url, making.worker, making.clock,
                                      making.deadline);
    if (!metadata) {
      co_return std::unexpected(of_provider(need, client, std::move(metadata).error()));
    }
    client.metadata = *std::move(metadata);
  }
  auto token = co_await ask(client, need, making);
  if (!token) co_return std::unexpected(of_provider(need, client, std::move(token).error()));
  Made made;
  made.credential.show = net::HeaderCredential{"authorization", "Bearer " + token->text};
  made.life = token->life;
  co_return made;
}

}  // namespace toolgate::credentials
