#include "aws/presigned_v2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "aws/bucket_uri.h"
#include "aws/protocol.h"
#include "base/text.h"
#include "crypto/digests.h"
#include "crypto/hash.h"
#include "identity/sigv4_signin.h"

namespace toolgate::aws {
namespace {

// The parameters that are part of what is signed: they say what is asked for.
constexpr std::array<std::string_view, 26> signed_parameters{"acl",
                                                             "cors",
                                                             "delete",
                                                             "lifecycle",
                                                             "location",
                                                             "logging",
                                                             "notification",
                                                             "object-lock",
                                                             "partNumber",
                                                             "policy",
                                                             "replication",
                                                             "requestPayment",
                                                             "restore",
                                                             "tagging",
                                                             "torrent",
                                                             "uploadId",
                                                             "uploads",
                                                             "versionId",
                                                             "versioning",
                                                             "versions",
                                                             "response-cache-control",
                                                             "response-content-disposition",
                                                             "response-content-encoding",
                                                             "response-content-language",
                                                             "response-content-type",
                                                             "response-expires"};

std::unexpected<Error> refuse(std::string_view name, std::string message) {
  return std::unexpected(Error{.code = Code::unauthenticated,
                               .message = std::move(message),
                               .detail = {},
                               .name = std::string{name},
                               .fields = {}});
}

// Headers that count, wherever the request has them: its head, or its query.
std::map<std::string, std::string> amazon_headers(const net::Request& request,
                                                  const RequestUri& uri) {
  std::map<std::string, std::string> out;
  const auto add = [&out](std::string_view name, std::string_view value) {
    auto key = lower(name);
    if (!key.starts_with("x-amz-")) return;
    auto& held = out[std::move(key)];
    held += (held.empty() ? "" : ",") + std::string{trim(value)};
  };
  for (const auto& field : request.headers) add(field.name, field.value);
  for (const auto& [name, value] : uri.query) add(name, value);
  return out;
}

std::string canonical_resource(const net::Request& request, const RequestUri& uri) {
  std::string out;
  if (const auto host = bucket_host(request.host); host && !host->bucket.empty()) {
    out = "/" + host->bucket;
  }
  out += request.path;
  std::vector<std::string> parts;
  for (const auto& [name, value] : uri.query) {
    if (std::ranges::find(signed_parameters, name) == signed_parameters.end()) continue;
    parts.push_back(value.empty() ? name : fmt::format("{}={}", name, value));
  }
  std::ranges::sort(parts);
  if (!parts.empty()) out += "?" + join(parts, "&");
  return out;
}

std::string text_to_sign(const net::Request& request, const RequestUri& uri,
                         std::string_view expires) {
  const auto header = [&](std::string_view name) {
    return std::string{request.headers.find(name).value_or(form_parameter(request.query, name))};
  };
  std::string out = fmt::format("{}\n{}\n{}\n{}\n", request.method, header("content-md5"),
                                header("content-type"), expires);
  for (const auto& [name, value] : amazon_headers(request, uri)) {
    out += fmt::format("{}:{}\n", name, value);
  }
  return out + canonical_resource(request, uri);
}

}  // namespace

bool is_presigned_v2(const net::Request& head) {
  return head.query.contains("AWSAccessKeyId=") && head.query.contains("Signature=") &&
         head.query.contains("Expires=") && !head.query.contains("X-Amz-Signature=");
}

Result<identity::Principal> sign_in_v2(const net::Request& request,
                                       const identity::AccessKeys& keys,
                                       const identity::SessionTokens& sessions, Time now) {
  const auto uri = RequestUri::parse({}, request.query);
  if (!uri) return refuse("SignatureDoesNotMatch", "The query has a broken %-escape.");
  const auto expires = form_parameter(request.query, "Expires");
  std::int64_t until = 0;
  std::from_chars(expires.data(), expires.data() + expires.size(), until);
  if (seconds_of(now) > until) return refuse("RequestExpired", "Request has expired");
  TRY(auto signer, identity::signer_of(form_parameter(request.query, "AWSAccessKeyId"),
                                       form_parameter(request.query, "x-amz-security-token"), keys,
                                       sessions, now));
  const auto wanted =
      crypto::base64(crypto::hmac_sha1(signer.secret, text_to_sign(request, *uri, expires)));
  // A '+' that was not escaped came as a space.
  auto given = form_parameter(request.query, "Signature");
  std::ranges::replace(given, ' ', '+');
  if (crypto::equal_in_constant_time(wanted, given)) return std::move(signer.principal);
  return refuse("SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.");
}

}  // namespace toolgate::aws
