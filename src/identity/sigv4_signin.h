// Sign-in by AWS Signature Version 4: with a long-lived access key or a session's.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/sigv4.h"
#include "identity/access_keys.h"
#include "identity/principal.h"
#include "net/http.h"

namespace toolgate::identity {

// The request's parts as the signature sees them.
[[nodiscard]] crypto::SignedRequest signed_request(const net::Request& request);

// Who signed the request. Fails with Code::unauthenticated and AWS's Error::name:
// "MissingAuthenticationToken" (no signature at all), "IncompleteSignature",
// "UnrecognizedClientException" (no such key), "SignatureDoesNotMatch", "RequestExpired",
// "ExpiredToken".
[[nodiscard]] Result<Principal> sign_in(const net::Request& request, const AccessKeys& keys,
                                        const SessionTokens& sessions, Time now);

}  // namespace toolgate::identity
