// What a CUSTOM_JWT authorizer asks of a token's claims, read from its configuration: pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/json.h"

namespace toolgate::identity {

// One of customClaims.
struct ClaimRule {
  enum class Type : std::uint8_t { string, string_array };
  std::string claim;
  Type type = Type::string;
  std::vector<std::string> values;  // one of them is enough
};

// An empty list asks nothing. All that ask something must be content.
struct JwtRules {
  std::string discovery_url;
  std::vector<std::string> audience;
  std::vector<std::string> clients;
  std::vector<std::string> scopes;  // one of them is enough
  std::vector<ClaimRule> claims;
  std::vector<std::string> advertised_scopes;
};

// From `customJWTAuthorizer` of the contract. Fails with Code::invalid, naming the member.
[[nodiscard]] Result<JwtRules> compile_rules(const Json& custom_jwt_authorizer);

// Clocks differ by so much between the provider and us.
inline constexpr auto clock_leeway = std::chrono::seconds{60};

// exp, which must be there, and nbf. Gives the time when the token ends. Fails with
// Code::unauthenticated.
[[nodiscard]] Result<Time> check_times(const Json& claims, Time now);

// aud, client, scopes and custom claims. Fails with Code::denied and name "insufficient_scope" when
// only the scope is missing, else with Code::unauthenticated.
[[nodiscard]] Result<void> check_claims(const JwtRules& rules, const Json& claims);

// The OAuth client that got the token: client_id (RFC 9068), else azp (OpenID Connect), cid (Okta),
// appid (Entra); empty when none is there.
[[nodiscard]] std::string_view client_of(const Json& claims);

// How sign-in says no: the caller learns nothing, the log learns why.
[[nodiscard]] std::unexpected<Error> invalid_token(std::string why);
// Text from outside for a log line: quoted, and cut when it is long.
[[nodiscard]] std::string quoted_for_log(std::string_view text);

}  // namespace toolgate::identity
