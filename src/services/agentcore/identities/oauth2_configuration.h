// The configuration of an OAuth2 credential provider, as CreateOauth2CredentialProvider and
// UpdateOauth2CredentialProvider give it.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "credentials/client_assertion.h"
#include "json/json.h"

namespace toolgate::services::agentcore {

struct OAuth2Configuration {
  Json shown;                 // oauth2ProviderConfigOutput: no secret in it
  std::string client_secret;  // empty where the client has a key
  std::optional<credentials::AssertionKey> client_key;
  std::string key_path;  // in messages
};
// Reads credentialProviderVendor and oauth2ProviderConfigInput. Fails with Code::invalid and the
// member: the vendor's own member is not the one given, a member is missing that only this vendor
// needs, or something is asked that is not served.
[[nodiscard]] Result<OAuth2Configuration> read_oauth2_configuration(const Json& input);

}  // namespace toolgate::services::agentcore
