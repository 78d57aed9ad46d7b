// Sign-in by AWS Signature Version 4: with a long-lived access key or a session's.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/sigv4.h"
#include "crypto/sigv4_chunks.h"
#include "identity/access_keys.h"
#include "identity/principal.h"
#include "net/http.h"

namespace toolgate::identity {

// The request's parts as the signature sees them.
[[nodiscard]] crypto::SignedRequest signed_request(const net::Request& request);

// Whose secret a request must have been signed with, by what it says of itself. `session_token` is
// empty for a long-lived key. Fails with "UnrecognizedClientException" and "ExpiredToken".
struct Signer {
  std::string secret;
  Principal principal;
};
[[nodiscard]] Result<Signer> signer_of(std::string_view access_key_id,
                                       std::string_view session_token, const AccessKeys& keys,
                                       const SessionTokens& sessions, Time now);

// Who signed the request, and what its signature says.
struct SignIn {
  Principal principal;
  crypto::SignatureClaim claim;
  // What the chunks of the body must be signed with, where it comes in signed chunks.
  std::optional<crypto::ChunkSignatures> chunks;
};
// Whether the body is whole in the request, or is checked by who reads it.
enum class Body : unsigned char { here, follows };
// Fails as sign_in does, and with "XAmzContentSHA256Mismatch" for a body of S3.
[[nodiscard]] Result<SignIn> sign_in_with_body(const net::Request& request, Body body,
                                               const AccessKeys& keys,
                                               const SessionTokens& sessions, Time now);

// Who signed the request. Fails with Code::unauthenticated and AWS's Error::name:
// "MissingAuthenticationToken" (no signature at all), "IncompleteSignature",
// "UnrecognizedClientException" (no such key), "SignatureDoesNotMatch", "RequestExpired"
// (a URL), "RequestTimeTooSkewed", "ExpiredToken".
[[nodiscard]] Result<Principal> sign_in(const net::Request& request, const AccessKeys& keys,
                                        const SessionTokens& sessions, Time now);

}  // namespace toolgate::identity
