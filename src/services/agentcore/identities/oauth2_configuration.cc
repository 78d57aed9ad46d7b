#include "services/agentcore/identities/oauth2_configuration.h"

#include <fmt/format.h>

#include "credentials/vendors.h"
#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {
namespace {

// What is asked and would not be done must not be accepted in silence.
Result<void> refuse_unserved(const Json& configuration, const std::string& path) {
  if (json::find_string(configuration, "clientSecretSource").value_or("MANAGED") != "MANAGED") {
    return invalid_member(path + ".clientSecretSource",
                          "secrets that you keep elsewhere are not served; give clientSecret");
  }
  for (const std::string_view member : {"clientSecretConfig", "privateEndpoint",
                                        "privateEndpointOverrides", "certificateConfigurations"}) {
    const Json* found = json::find(configuration, member);
    if (found == nullptr || (found->is_array() && found->get_array().empty())) continue;
    return invalid_member(fmt::format("{}.{}", path, member),
                          "not served by this version of toolgate");
  }
  const auto method = json::find_string(configuration, "clientAuthenticationMethod");
  if (method == "AWS_IAM_ID_TOKEN_JWT") {
    return invalid_member(path + ".clientAuthenticationMethod",
                          "AWS_IAM_ID_TOKEN_JWT is not served; CLIENT_SECRET_BASIC, "
                          "CLIENT_SECRET_POST and PRIVATE_KEY_JWT are");
  }
  return {};
}

// The client has a secret, or a key in KMS.
Result<std::optional<credentials::AssertionKey>> read_client_key(const Json& configuration,
                                                                 const std::string& path) {
  const Json* given = json::find(configuration, "privateKeyJwtConfig");
  const bool wanted =
      json::find_string(configuration, "clientAuthenticationMethod") == "PRIVATE_KEY_JWT";
  if (wanted != (given != nullptr)) {
    return invalid_member(path + (wanted ? ".privateKeyJwtConfig" : ".clientAuthenticationMethod"),
                          wanted ? "is required with PRIVATE_KEY_JWT"
                                 : "must be PRIVATE_KEY_JWT where privateKeyJwtConfig is given");
  }
  const auto secret = json::find_string(configuration, "clientSecret").value_or("");
  if (wanted != secret.empty()) {
    return invalid_member(path + ".clientSecret",
                          wanted ? "is not used with PRIVATE_KEY_JWT" : "is required");
  }
  if (!wanted) return std::nullopt;
  auto key = credentials::read_assertion_key(*given, path + ".privateKeyJwtConfig");
  if (key) return *std::move(key);
  Error error = std::move(key).error();
  error.name = "FieldValidationFailed";
  return std::unexpected(std::move(error));
}

// onBehalfOfTokenExchangeConfig: how the provider exchanges a caller's token.
Result<void> check_on_behalf_of(const Json& configuration, const std::string& path) {
  const std::string member = path + ".onBehalfOfTokenExchangeConfig";
  const Json* exchange = json::find(configuration, "onBehalfOfTokenExchangeConfig");
  if (exchange == nullptr) return {};
  const bool by_exchange = json::find_string(*exchange, "grantType") == "TOKEN_EXCHANGE";
  const Json* details = json::find(*exchange, "tokenExchangeGrantTypeConfig");
  if (by_exchange && details == nullptr) {
    return invalid_member(member + ".tokenExchangeGrantTypeConfig",
                          "is required with grantType TOKEN_EXCHANGE");
  }
  if (!by_exchange && details != nullptr) {
    return invalid_member(member + ".tokenExchangeGrantTypeConfig",
                          "is for grantType TOKEN_EXCHANGE only");
  }
  if (by_exchange && json::find(*exchange, "onBehalfOfAuthenticationConfig") != nullptr) {
    return invalid_member(member + ".onBehalfOfAuthenticationConfig",
                          "is for grantType JWT_AUTHORIZATION_GRANT only");
  }
  if (by_exchange && json::find_string(*details, "actorTokenContent") == "AWS_IAM_ID_TOKEN_JWT") {
    return invalid_member(member + ".tokenExchangeGrantTypeConfig.actorTokenContent",
                          "AWS_IAM_ID_TOKEN_JWT is not served; NONE and M2M are");
  }
  return {};
}

}  // namespace

Result<OAuth2Configuration> read_oauth2_configuration(const Json& input) {
  const auto name = json::find_string(input, "credentialProviderVendor").value_or("");
  const auto* vendor = credentials::find_vendor(name);
  if (vendor == nullptr) {
    return invalid_member("credentialProviderVendor", fmt::format("'{}' is not known", name));
  }
  const std::string path = fmt::format("oauth2ProviderConfigInput.{}", vendor->member);
  const Json* configuration = json::find(input, "oauth2ProviderConfigInput", vendor->member);
  if (configuration == nullptr || !configuration->is_object()) {
    return invalid_member(path, fmt::format("is required for the vendor {}", name));
  }
  TRY_DO(refuse_unserved(*configuration, path));
  TRY_DO(check_on_behalf_of(*configuration, path));
  const auto client_id = json::find_string(*configuration, "clientId").value_or("");
  if (client_id.empty()) return invalid_member(path + ".clientId", "is required");
  const auto secret = json::find_string(*configuration, "clientSecret").value_or("");
  TRY(auto client_key, read_client_key(*configuration, path));
  auto discovery = credentials::discovery_of(*vendor, *configuration);
  if (!discovery) {
    Error error = std::move(discovery).error();
    error.name = "FieldValidationFailed";
    return std::unexpected(std::move(error));
  }

  JsonObject shown{{"oauthDiscovery", *std::move(discovery)}, {"clientId", client_id}};
  copy_members(
      *configuration, shown,
      {"clientAuthenticationMethod", "onBehalfOfTokenExchangeConfig", "privateKeyJwtConfig"});
  return OAuth2Configuration{.shown = JsonObject{{vendor->member, std::move(shown)}},
                             .client_secret = std::string{secret},
                             .client_key = std::move(client_key),
                             .key_path = path + ".privateKeyJwtConfig"};
}

}  // namespace toolgate::services::agentcore
