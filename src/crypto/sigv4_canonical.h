// The canonical request and the signature over it: what signing and verifying have in common.
// Only for the files of this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/sigv4.h"

namespace toolgate::crypto {

inline constexpr std::string_view signature_algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view scope_end = "aws4_request";
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// "20261121T093000Z"; the first eight characters are the date of the scope.
[[nodiscard]] std::string iso_time(Time time);
// The opposite; nothing for any other form or a day that does not exist.
[[nodiscard]] std::optional<Time> parse_iso_time(std::string_view text);
// The Date header's form: "Sat, 21 Nov 2026 09:30:00 GMT" (RFC 9110 §5.6.7), or
// with the zone as +0000.
[[nodiscard]] std::optional<Time> parse_http_date(std::string_view text);

// S3 signs the path as it is, all other services sign the encoded path encoded once more, with
// empty and dot segments taken out.
[[nodiscard]] bool is_s3(std::string_view service);

// The values of all fields of that name, joined by commas, runs of spaces made one; nothing when
// there is no such field. `lower_name` is lower case.
[[nodiscard]] std::optional<std::string> header_value(const SignedRequest& request,
                                                      std::string_view lower_name);

// The query's parameters, %-decoded, in their order; a parameter without '=' has an empty value.
struct QueryParameter {
  std::string name;
  std::string value;
};
[[nodiscard]] std::vector<QueryParameter> parse_query(std::string_view query);

// What is signed beside the request itself.
struct Scope {
  std::string_view date;  // "20261121"
  std::string_view region;
  std::string_view service;
};
struct Signing {
  Scope scope;
  std::string_view time;                           // as iso_time gives it
  const std::vector<std::string>& signed_headers;  // lower case, sorted; each is in the request
  std::string_view payload_hash;                   // hex, or the word that stands for it
};
// The key that a day's signatures of one service are made with.
[[nodiscard]] std::string signing_key(const Scope& scope, std::string_view secret_access_key);

// The signature in hex. X-Amz-Signature in the query is left out of it.
[[nodiscard]] std::string signature_of(const SignedRequest& request, const Signing& signing,
                                       std::string_view secret_access_key);

}  // namespace toolgate::crypto
