// Presigned URLs in S3's older form (Signature Version 2), which boto3 and the AWS CLI still make
// for us-east-1 unless told otherwise. Source: "Signing and authenticating REST requests (AWS
// signature version 2)", S3 API, "Query string request authentication alternative".
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "identity/access_keys.h"
#include "net/http.h"

namespace toolgate::aws {

// True when the query has AWSAccessKeyId, Signature and Expires.
[[nodiscard]] bool is_presigned_v2(const net::Request& head);

// Who made the URL. Fails with Code::unauthenticated and "RequestExpired",
// "SignatureDoesNotMatch", "UnrecognizedClientException", "ExpiredToken".
[[nodiscard]] Result<identity::Principal> sign_in_v2(const net::Request& request,
                                                     const identity::AccessKeys& keys,
                                                     const identity::SessionTokens& sessions,
                                                     Time now);

}  // namespace toolgate::aws
