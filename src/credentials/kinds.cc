#include "credentials/kinds.h"

#include <array>

#include "crypto/hash.h"
#include "model/kinds.h"

namespace toolgate::credentials {
namespace {

constexpr std::array kinds{
    CredentialKind{.kind = Need::Kind::api_key,
                   .type = "API_KEY",
                   .member = "apiKeyCredentialProvider",
                   .provider_kind = model::kind::api_key_provider,
                   .arn_part = "apikeycredentialprovider",
                   .action = "bedrock-agentcore:GetResourceApiKey",
                   .secret = "apiKeySecretArn",
                   .read = read_api_key,
                   .make = make_api_key},
    CredentialKind{.kind = Need::Kind::oauth_client_credentials,
                   .type = "OAUTH",
                   .grant = "CLIENT_CREDENTIALS",
                   .member = "oauthCredentialProvider",
                   .provider_kind = model::kind::oauth2_provider,
                   .arn_part = "oauth2credentialprovider",
                   .action = "bedrock-agentcore:GetResourceOauth2Token",
                   .secret = "clientSecretArn",
                   .kept = true,
                   .read = read_client_credentials,
                   .make = make_client_credentials},
    CredentialKind{.kind = Need::Kind::gateway_role,
                   .type = "GATEWAY_IAM_ROLE",
                   .member = "iamCredentialProvider",
                   .provider_kind = {},
                   .arn_part = {},
                   .action = {},
                   .secret = {},
                   .read = read_gateway_role,
                   .make = make_gateway_role},
    CredentialKind{.kind = Need::Kind::oauth_token_exchange,
                   .type = "OAUTH",
                   .grant = "TOKEN_EXCHANGE",
                   .member = "oauthCredentialProvider",
                   .provider_kind = model::kind::oauth2_provider,
                   .arn_part = "oauth2credentialprovider",
                   .action = "bedrock-agentcore:GetResourceOauth2Token",
                   .secret = "clientSecretArn",
                   .read = read_token_exchange,
                   .make = make_token_exchange},
    CredentialKind{.kind = Need::Kind::oauth_authorization_code,
                   .type = "OAUTH",
                   .grant = "AUTHORIZATION_CODE",
                   .member = "oauthCredentialProvider",
                   .provider_kind = model::kind::oauth2_provider,
                   .arn_part = "oauth2credentialprovider",
                   .action = "bedrock-agentcore:GetResourceOauth2Token",
                   .secret = "clientSecretArn",
                   .read = read_authorization_code,
                   .make = make_authorization_code},
};

}  // namespace

std::span<const CredentialKind> credential_kinds() { return kinds; }

std::string mark_of(std::string_view value) { return crypto::sha256_hex(value); }

std::string mark_of(const net::Credential& credential) {
  const auto* header = std::get_if<net::HeaderCredential>(&credential.show);
  return header != nullptr ? mark_of(header->value) : std::string{};
}

std::unexpected<Error> wrong_member(std::string path, std::string message) {
  Error error{.code = Code::invalid,
              .message = fmt::format("{}: {}", path, message),
              .detail = {},
              .name = {},
              .fields = {}};
  error.fields.push_back({.path = std::move(path), .message = std::move(message)});
  return std::unexpected(std::move(error));
}

}  // namespace toolgate::credentials
