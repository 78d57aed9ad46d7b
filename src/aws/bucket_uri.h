// How requests of S3 name bucket and key: in the path, or the bucket in the host name. A key is one
// text, slashes and empty parts included, so its URI is not cut like other services' URIs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/uri.h"
#include "net/http.h"

namespace toolgate::aws {

// "s3.amazonaws.com", "s3.eu-west-1.amazonaws.com", and with a bucket in front of it.
struct BucketHost {
  std::string bucket;  // empty: the bucket is in the path
};
// Nothing for every other name. `authority` is net::Request::host: in lower case.
[[nodiscard]] std::optional<BucketHost> bucket_host(std::string_view authority);

// The segments are the bucket and the key, as far as there are any. Nothing when an escape is
// broken or what it stands for is not UTF-8.
[[nodiscard]] std::optional<RequestUri> bucket_uri(const net::Request& request);

// True when the request's host or its signature's scope says S3: it is not to be looked at as a
// path of any other service.
[[nodiscard]] bool is_bucket_request(const net::Request& head);

}  // namespace toolgate::aws
