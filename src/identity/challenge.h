// What a gateway answers to a caller it does not let in, and where it says how to sign in.
// Sources: AgentCore Gateway's answers; RFC 6750 §3, RFC 9728.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace toolgate::identity {

struct Challenge {
  int status = 401;              // 401, 403, or what fits another failure: 400 to 503
  std::string www_authenticate;  // empty: none
};

// The one table from a failed sign-in to its status and WWW-Authenticate.
[[nodiscard]] Challenge challenge(const Error& error, const std::vector<std::string>& scopes,
                                  std::string_view resource_metadata_url);

// "https://host:port" as the client of this request knows us; nothing where its Host field could
// not be repeated in a header.
[[nodiscard]] std::optional<std::string> origin_of(const net::Request& request);

// The protected resource metadata document (RFC 9728). `resource` must be the URL that the client
// has used: clients compare them (§3.3).
[[nodiscard]] std::string resource_metadata(std::string_view issuer, std::string_view resource,
                                            const std::vector<std::string>& scopes);

}  // namespace toolgate::identity
