// The documents of credential providers as this room reads and services/agentcore writes them: the
// members of the API's output shapes and, beside them, the sealed secret.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::credentials {

// The member that holds the sealed secret. It never leaves the process and is never logged.
inline constexpr std::string_view sealed_client_secret = "sealedClientSecret";
inline constexpr std::string_view sealed_api_key = "sealedApiKey";

// The secret of one member of one document, sealed so that it opens nowhere else.
[[nodiscard]] std::string seal_member(const store::Secrets& secrets, const store::Key& key,
                                      std::string_view member, std::string_view secret);
// Fails with Code::internal when the member is missing or does not open.
[[nodiscard]] Result<std::string> unseal_member(const store::Secrets& secrets,
                                                const store::Document& document, const Json& body,
                                                std::string_view member);

// True for text that may stand in a header field's value (RFC 9110 §5.5): no control characters.
[[nodiscard]] bool fits_header(std::string_view text);

}  // namespace toolgate::credentials
