#include "crypto/sigv4.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/sigv4_canonical.h"

namespace toolgate::crypto {
namespace {

constexpr auto skew_max = std::chrono::minutes{15};  // "Create a signed AWS API request"

std::unexpected<Error> refuse(std::string_view name, std::string message) {
  return std::unexpected(Error{.code = Code::unauthenticated,
                               .message = std::move(message),
                               .detail = {},
                               .name = std::string{name},
                               .fields = {}});
}

Result<void> check_time(const SignatureClaim& claim, Time now) {
  if (claim.date != std::string_view{iso_time(claim.signed_at)}.substr(0, 8)) {
    return refuse("SignatureDoesNotMatch",
                  "Date in Credential scope does not match the date of the request.");
  }
  const bool in_query = claim.form == SignatureClaim::Form::query;
  const Time last = claim.signed_at + (in_query ? Time::duration{claim.expires_in} : skew_max);
  const std::string_view name = in_query ? "RequestExpired" : "RequestTimeTooSkewed";
  if (now > last) {
    return refuse(name, fmt::format("Signature expired: it was good until {}, now it is {}.",
                                    iso_time(last), iso_time(now)));
  }
  if (claim.signed_at > now + skew_max) {
    return refuse(name, fmt::format("Signature not yet current: signed at {}, now it is {}. Is the "
                                    "clock right?",
                                    iso_time(claim.signed_at), iso_time(now)));
  }
  return {};
}

// An unsigned x-amz-* header could be added on the way and change what the request does.
Result<void> check_signed_headers(const SignedRequest& request, const SignatureClaim& claim) {
  const auto is_signed = [&claim](std::string_view name) {
    return std::ranges::binary_search(claim.signed_headers, name, std::less<>{});
  };
  if (!is_signed("host")) return refuse("IncompleteSignature", "'host' must be a signed header.");
  for (const auto& field : request.headers) {
    const std::string name = lower(field.first);
    if (name.starts_with("x-amz-") && !is_signed(name)) {
      return refuse("SignatureDoesNotMatch",
                    fmt::format("There are headers that are not signed: '{}'.", name));
    }
  }
  for (const auto& name : claim.signed_headers) {
    if (!header_value(request, name)) {
      return refuse("SignatureDoesNotMatch",
                    fmt::format("The signed header '{}' is not in the request.", name));
    }
  }
  return {};
}

// What a body that is yet to come may be declared as: its hash, or that it comes in chunks.
bool is_payload_word(std::string_view word) {
  const bool is_hash = word.size() == 64 && std::ranges::all_of(word, [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                       });
  return is_hash || word == streaming_unsigned_trailer || word == streaming_signed ||
         word == streaming_signed_trailer;
}

// What stands for the payload in the canonical request.
Result<std::string> payload_hash(const SignedRequest& request, const SignatureClaim& claim) {
  const auto declared = header_value(request, "x-amz-content-sha256");
  const bool in_query = claim.form == SignatureClaim::Form::query;
  // S3 never looks at the body of a presigned request ("Authenticating Requests: Using Query
  // Parameters", S3 API).
  if (!declared && in_query && is_s3(claim.service)) return std::string{unsigned_payload};
  if (!declared) return sha256_hex(request.body);
  if (*declared == unsigned_payload) return *declared;
  if (request.body_follows && is_payload_word(*declared)) return *declared;
  if (declared->starts_with("STREAMING-")) {
    return refuse("IncompleteSignature",
                  fmt::format("x-amz-content-sha256: '{}' is not supported; send the payload "
                              "whole, with its SHA-256 or UNSIGNED-PAYLOAD.",
                              *declared));
  }
  if (*declared != sha256_hex(request.body)) {
    if (is_s3(claim.service)) {
      return std::unexpected(content_mismatch());
    }
    return refuse("SignatureDoesNotMatch",
                  "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return *declared;
}

// Fields that proxies and clients change or drop on the way.
bool may_change(std::string_view name) {
  constexpr std::array<std::string_view, 8> names{
      "authorization", "connection",        "expect",         "content-length", "keep-alive",
      "user-agent",    "transfer-encoding", "x-amzn-trace-id"};
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Error content_mismatch() {
  return {.code = Code::invalid,
          .message = "The provided 'x-amz-content-sha256' header does not match what was computed.",
          .detail = {},
          .name = "XAmzContentSHA256Mismatch",
          .fields = {}};
}

Result<void> verify_signature(const SignedRequest& request, const SignatureClaim& claim,
                              std::string_view secret_access_key, Time now) {
  TRY_DO(check_time(claim, now));
  TRY_DO(check_signed_headers(request, claim));
  TRY(const std::string hash, payload_hash(request, claim));
  const std::string expected =
      signature_of(request,
                   {.scope = {.date = claim.date, .region = claim.region, .service = claim.service},
                    .time = iso_time(claim.signed_at),
                    .signed_headers = claim.signed_headers,
                    .payload_hash = hash},
                   secret_access_key);
  if (!equal_in_constant_time(expected, claim.signature)) {
    return refuse("SignatureDoesNotMatch",
                  "The request signature we calculated does not match the signature you provided. "
                  "Check your AWS Secret Access Key and signing method.");
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> sign(const SignedRequest& request,
                                                      const SigningKey& key, Time now) {
  const std::string time = iso_time(now);
  const std::string hash = sha256_hex(request.body);
  std::vector<std::pair<std::string, std::string>> added{{"x-amz-date", time},
                                                         {"x-amz-content-sha256", hash}};
  if (!key.session_token.empty()) added.emplace_back("x-amz-security-token", key.session_token);

  SignedRequest whole = request;
  const auto is_ours = [&added](const auto& field) {
    return std::ranges::any_of(
        added, [&](const auto& own) { return equal_ignoring_case(own.first, field.first); });
  };
  std::erase_if(whole.headers, is_ours);
  whole.headers.insert(whole.headers.end(), added.begin(), added.end());

  std::vector<std::string> names;
  for (const auto& field : whole.headers) names.push_back(lower(field.first));
  std::erase_if(names, may_change);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  ASSERT(std::ranges::find(names, "host") != names.end());

  const Scope scope{
      .date = std::string_view{time}.substr(0, 8), .region = key.region, .service = key.service};
  const std::string signature = signature_of(
      whole, {.scope = scope, .time = time, .signed_headers = names, .payload_hash = hash},
      key.secret_access_key);
  added.emplace_back("authorization",
                     fmt::format("{} Credential={}/{}/{}/{}/{}, SignedHeaders={}, Signature={}",
                                 signature_algorithm, key.access_key_id, scope.date, scope.region,
                                 scope.service, scope_end, join(names, ";"), signature));
  return added;
}

}  // namespace toolgate::crypto
