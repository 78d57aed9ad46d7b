#include "credentials/oauth_client.h"

#include <algorithm>

#include "base/text.h"
#include "credentials/bounds.h"
#include "credentials/provider.h"
#include "net/client.h"

namespace toolgate::credentials {
namespace {

std::unexpected<Error> unusable(std::string_view provider, std::string_view why) {
  return fail(Code::invalid, fmt::format("credential provider '{}': {}", provider, why));
}

// Says which provider, for the caller, and where its token endpoint is, for the log.
Error of_provider(const OAuthClient& client, Error error) {
  error.message = fmt::format("credential provider '{}': {}", client.provider, error.message);
  if (!client.metadata.token_endpoint.host.empty()) {
    error.detail += fmt::format("{}token endpoint {}", error.detail.empty() ? "" : "; ",
                                client.metadata.token_endpoint.text());
  }
  return error;
}

Result<ServerMetadata> read_metadata(std::string_view provider, const Json& discovery) {
  ServerMetadata metadata;
  const auto endpoint =
      json::find_string(discovery, "authorizationServerMetadata", "tokenEndpoint");
  if (!endpoint) return unusable(provider, "has neither a discoveryUrl nor a tokenEndpoint");
  auto url = net::Url::parse(*endpoint);
  if (!url) return unusable(provider, "tokenEndpoint: " + url.error().message);
  metadata.token_endpoint = *std::move(url);
  const auto text = [&](std::string_view member) {
    return std::string{
        json::find_string(discovery, "authorizationServerMetadata", member).value_or("")};
  };
  metadata.issuer = text("issuer");
  metadata.authorization_endpoint = text("authorizationEndpoint");
  if (const auto* methods =
          json::find_array(discovery, "authorizationServerMetadata", "tokenEndpointAuthMethods")) {
    for (const Json& method : *methods) {
      if (method.is_string()) metadata.auth_methods.emplace_back(method.get_string());
    }
  }
  return metadata;
}

Result<OAuthClient> read_client(const store::Document& provider, const store::Secrets& secrets) {
  OAuthClient client{.provider = provider.key.id};
  TRY(const Json body, json::parse(provider.body));
  const Json* configurations = json::find(body, "oauth2ProviderConfigOutput");
  const auto* one = configurations != nullptr ? configurations->if_object() : nullptr;
  if (one == nullptr || one->size() != 1) {
    return unusable(client.provider, "its document is damaged");
  }
  const Json& configuration = one->begin()->value();
  const Json* discovery = json::find(configuration, "oauthDiscovery");
  const auto id = json::find_string(configuration, "clientId");
  if (discovery == nullptr || !id) return unusable(client.provider, "its document is damaged");

  client.id = *id;
  client.place = {.account = provider.key.account, .region = provider.key.region};
  client.callback_id = json::find_string(body, "callbackId").value_or("");
  client.microsoft = json::find_string(body, "credentialProviderVendor") == "MicrosoftOauth2";
  if (const Json* own = json::find(configuration, "onBehalfOfTokenExchangeConfig")) {
    client.on_behalf_of = *own;
  }
  TRY(client.secret, unseal_member(secrets, provider, body, sealed_client_secret));
  if (const auto method = json::find_string(configuration, "clientAuthenticationMethod")) {
    if (*method == "CLIENT_SECRET_BASIC") client.auth = ClientAuth::basic;
    if (*method == "CLIENT_SECRET_POST") client.auth = ClientAuth::body;
    const Json* key = json::find(configuration, "privateKeyJwtConfig");
    if (*method == "PRIVATE_KEY_JWT" && key != nullptr) {
      client.auth = ClientAuth::key;
      TRY(client.key, read_assertion_key(*key, "privateKeyJwtConfig"));
    }
    if (!client.auth) {
      return unusable(client.provider,
                      fmt::format("clientAuthenticationMethod {} is not served", *method));
    }
  }
  if (const auto url = json::find_string(*discovery, "discoveryUrl")) {
    client.discovery_url = *url;
  } else {
    TRY(client.metadata, read_metadata(client.provider, *discovery));
  }
  return client;
}

}  // namespace

Task<Result<OAuthClient>> open_client(const store::Document& provider, Opening opening) {
  CO_TRY(OAuthClient client, read_client(provider, opening.secrets));
  client.signer = opening.signer;
  client.clock = &opening.clock;
  if (client.discovery_url.empty()) co_return client;
  auto metadata =
      co_await discover(client.discovery_url, opening.worker, opening.clock, opening.deadline);
  if (!metadata) co_return std::unexpected(of_provider(client, std::move(metadata).error()));
  client.metadata = *std::move(metadata);
  co_return client;
}

Task<Result<OAuthClient>> open_client(const store::Document& provider, const Making& making) {
  return open_client(provider, {.secrets = making.secrets,
                                .clock = making.clock,
                                .signer = making.signer,
                                .worker = making.worker,
                                .deadline = making.deadline});
}

Task<Result<Token>> ask(const OAuthClient& client, TokenQuestion question, net::Worker& worker,
                        Deadline deadline) {
  question.client_id = client.id;
  question.client_secret = client.secret;
  if (question.auth != ClientAuth::none) {
    question.auth = client.auth.value_or(choose_client_auth(client.metadata.auth_methods));
  }
  std::string assertion;
  if (question.auth == ClientAuth::key) {
    const std::string endpoint = client.metadata.token_endpoint.text();
    auto made = co_await client_assertion(
        {.key = *client.key, .place = client.place, .client_id = client.id, .audience = endpoint},
        client.signer, client.clock->now());
    if (!made) co_return std::unexpected(of_provider(client, std::move(made).error()));
    assertion = *std::move(made);
    question.assertion = assertion;
  }
  const auto request = token_request(question);
  const auto answer =
      co_await worker.client().send({.method = "POST",
                                     .url = &client.metadata.token_endpoint,
                                     .headers = &request.headers,
                                     .body = request.body,
                                     .deadline = std::min(deadline, within(bounds::token_timeout)),
                                     .body_bytes_max = bounds::token_answer_bytes_max});
  if (!answer) {
    Error error = answer.error();
    error.message = fmt::format("token endpoint: {}", error.message);
    co_return std::unexpected(of_provider(client, std::move(error)));
  }
  auto token = read_token_answer(answer->status, answer->body, client.secret);
  if (!token) co_return std::unexpected(of_provider(client, std::move(token).error()));
  co_return token;
}

Result<void> read_scopes(const Json& configuration, std::string_view path,
                         std::initializer_list<std::string_view> reserved, Need& need) {
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
    const bool taken = ours == "grant_type" || ours == "client_id" || ours == "client_secret" ||
                       ours == "client_assertion" || ours == "client_assertion_type" ||
                       (ours == "scope" && !scopes.empty()) ||
                       std::ranges::find(reserved, ours) != reserved.end();
    if (taken) {
      return wrong_member(fmt::format("{}.customParameters.{}", path, ours),
                          "is set by the gateway itself");
    }
  }
  need.custom_parameters = *parameters;
  return {};
}

Made bearer(const Token& token) {
  Made made;
  made.credential.show = net::HeaderCredential{"authorization", "Bearer " + token.text};
  made.life = token.life;
  return made;
}

}  // namespace toolgate::credentials
