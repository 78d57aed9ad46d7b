// private_key_jwt: a client shows a JWT that it has signed instead of a secret (RFC 7523 §2.2,
// OpenID Connect Core 1.0 §9).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "credentials/key_signer.h"
#include "json/json.h"

namespace toolgate::credentials {

// Of a provider's `privateKeyJwtConfig`.
struct AssertionKey {
  std::string key_arn;
  std::string algorithm = "RS256";
  Json header;   // additionalHeaderClaims: an object of strings, or null
  Json payload;  // additionalPayloadClaims
};
// Fails with Code::invalid and the member's path below `path`: no key, or a claim that we set.
[[nodiscard]] Result<AssertionKey> read_assertion_key(const Json& configuration,
                                                      std::string_view path);

// A new assertion; no two are alike, and each lives five minutes. `audience` is the token
// endpoint, unless additionalPayloadClaims has an `aud`. Fails as KeySigner::sign does.
struct Assertion {
  const AssertionKey& key;
  model::Place place;
  std::string_view client_id;
  std::string_view audience;
};
Task<Result<std::string>> client_assertion(Assertion wanted, const KeySigner* signer, Time now);

}  // namespace toolgate::credentials
