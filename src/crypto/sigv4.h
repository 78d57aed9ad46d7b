// AWS Signature Version 4: pure functions over the parts of a request.
// Source: "Create a signed AWS API request", IAM User Guide.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace toolgate::crypto {

// The request as it is on the wire: raw target, header names in any case.
struct SignedRequest {
  std::string_view method;
  std::string_view path;   // still %-encoded, without the query
  std::string_view query;  // still %-encoded, without '?'
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  // The body is not here yet: its declared hash is believed, and who reads the body checks it.
  bool body_follows = false;
};

// What a request says about its signature, from the Authorization header or the query
// (X-Amz-Signature and its neighbours); not yet believed.
struct SignatureClaim {
  enum class Form : unsigned char { header, query };
  Form form = Form::header;
  std::string access_key_id;
  std::string date;  // "20261121"
  std::string region;
  std::string service;                      // signing name: "bedrock-agentcore", "sts"
  std::vector<std::string> signed_headers;  // lower case, sorted
  std::string signature;                    // hex
  std::string session_token;                // X-Amz-Security-Token, or empty
  Time signed_at;                           // X-Amz-Date, else Date
  std::chrono::seconds expires_in{0};       // query form only
};

// Nothing when the request carries no SigV4 signature at all. Fails with Code::unauthenticated and
// Error::name "IncompleteSignature" (or "MissingAuthenticationToken") when it is malformed.
[[nodiscard]] Result<std::optional<SignatureClaim>> parse_signature(const SignedRequest& request);

// Checks time (15 minutes of skew; the query form's own expiry), that host and every x-amz-* header
// is signed, the payload hash, and the signature in constant time. S3's services sign the path
// encoded once, all others twice. Fails with Code::unauthenticated, Error::name one of
// "SignatureDoesNotMatch", "RequestExpired", "IncompleteSignature".
[[nodiscard]] Result<void> verify_signature(const SignedRequest& request,
                                            const SignatureClaim& claim,
                                            std::string_view secret_access_key, Time now);

// The words of x-amz-content-sha256 for a payload in chunks ("Signature calculations: transferring
// a payload in multiple chunks", S3 API).
inline constexpr std::string_view streaming_unsigned_trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
inline constexpr std::string_view streaming_signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
inline constexpr std::string_view streaming_signed_trailer =
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

// The failure when a payload's hash is another than the one declared: XAmzContentSHA256Mismatch.
[[nodiscard]] Error content_mismatch();

// Who signs an outgoing request, and for what.
struct SigningKey {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // or empty
  std::string region;
  std::string service;
};
// The headers to add: authorization, x-amz-date, x-amz-content-sha256 and, with a session token,
// x-amz-security-token. `request.headers` must hold host. A header of one of these names that the
// request has already is not signed: replace it.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> sign(const SignedRequest& request,
                                                                    const SigningKey& key,
                                                                    Time now);

}  // namespace toolgate::crypto
