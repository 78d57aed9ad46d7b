#include "credentials/kinds.h"

#include <array>

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
                   .member = "oauthCredentialProvider",
                   .provider_kind = model::kind::oauth2_provider,
                   .arn_part = "oauth2credentialprovider",
                   .action = "bedrock-agentcore:GetResourceOauth2Token",
                   .secret = "clientSecretArn",
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
};

}  // namespace

std::span<const CredentialKind> credential_kinds() { return kinds; }

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
