// Reads a request's claim to be signed, from the Authorization header or the query.
#include <algorithm>
#include <charconv>
#include <functional>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/sigv4.h"
#include "crypto/sigv4_canonical.h"

namespace toolgate::crypto {
namespace {

constexpr std::size_t access_key_id_bytes_max = 128;  // AWS API, AccessKeyId
constexpr std::size_t scope_part_bytes_max = 64;
constexpr std::size_t signed_headers_count_max = 128;
constexpr std::size_t signature_bytes = 64;
constexpr std::int64_t expires_seconds_max = 7L * 24 * 3600;  // "Create a signed AWS API request"

std::unexpected<Error> incomplete(std::string message) {
  return std::unexpected(Error{.code = Code::unauthenticated,
                               .message = std::move(message),
                               .detail = {},
                               .name = "IncompleteSignature",
                               .fields = {}});
}

bool all_of(std::string_view text, std::string_view also, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           also.find(c) != std::string_view::npos;
  });
}

Result<void> read_credential(std::string_view credential, SignatureClaim& claim) {
  const auto parts = split(credential, '/');
  if (parts.size() != 5 || parts[4] != scope_end) {
    return incomplete("Credential must be access-key-id/date/region/service/aws4_request.");
  }
  if (!all_of(parts[0], "_", access_key_id_bytes_max) || !all_of(parts[1], "", 8) ||
      !all_of(parts[2], "-", scope_part_bytes_max) ||
      !all_of(parts[3], "-._", scope_part_bytes_max)) {
    return incomplete("Credential has an empty part, or one with a character it cannot have.");
  }
  claim.access_key_id = parts[0];
  claim.date = parts[1];
  claim.region = parts[2];
  claim.service = parts[3];
  return {};
}

Result<void> read_signed_headers(std::string_view list, SignatureClaim& claim) {
  const auto names = split(list, ';');
  if (names.size() > signed_headers_count_max) return incomplete("SignedHeaders is too long.");
  for (const auto name : names) {
    if (name.empty() || name != lower(name)) {
      return incomplete("SignedHeaders must be lower-case names, separated by semicolons.");
    }
    claim.signed_headers.emplace_back(name);
  }
  if (std::ranges::adjacent_find(claim.signed_headers, std::greater_equal{}) !=
      claim.signed_headers.end()) {
    return incomplete("SignedHeaders must be sorted, each name once.");
  }
  return {};
}

Result<void> read_signature(std::string_view signature, SignatureClaim& claim) {
  const bool is_hex = std::ranges::all_of(
      signature, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (signature.size() != signature_bytes || !is_hex) {
    return incomplete("Signature must be 64 lower-case hexadecimal digits.");
  }
  claim.signature = signature;
  return {};
}

// Named values, each at most once.
using Values = std::vector<QueryParameter>;

Result<std::string_view> the_one(const Values& values, std::string_view name) {
  const std::string* found = nullptr;
  for (const auto& each : values) {
    if (each.name != name) continue;
    if (found != nullptr) return incomplete(fmt::format("'{}' is given twice.", name));
    found = &each.value;
  }
  if (found == nullptr || found->empty()) {
    return incomplete(fmt::format("The request's signature lacks '{}'.", name));
  }
  return std::string_view{*found};
}

bool has(const Values& values, std::string_view name) {
  return std::ranges::find(values, name, &QueryParameter::name) != values.end();
}

Result<Values> authorization_values(std::string_view text) {
  Values values;
  for (const auto part : split(text, ',')) {
    const auto field = trim(part);
    const auto equals = field.find('=');
    const auto name = field.substr(0, equals);
    if (equals == std::string_view::npos ||
        (name != "Credential" && name != "SignedHeaders" && name != "Signature")) {
      return incomplete("Authorization must be Credential=…, SignedHeaders=…, Signature=….");
    }
    values.push_back({.name = std::string{name}, .value = std::string{field.substr(equals + 1)}});
  }
  return values;
}

Result<Time> header_time(const SignedRequest& request) {
  if (const auto amazon = header_value(request, "x-amz-date")) {
    const auto time = parse_iso_time(*amazon);
    if (!time) return incomplete("X-Amz-Date must have the form YYYYMMDD'T'HHMMSS'Z'.");
    return *time;
  }
  const auto date = header_value(request, "date");
  if (!date) return incomplete("The request has neither 'X-Amz-Date' nor 'Date'.");
  auto time = parse_http_date(*date);
  if (!time) time = parse_iso_time(*date);
  if (!time) return incomplete("Date has a form that is not known.");
  return *time;
}

Result<std::optional<SignatureClaim>> from_header(const SignedRequest& request,
                                                  std::string_view rest) {
  SignatureClaim claim;
  TRY(const Values values, authorization_values(rest));
  TRY(const std::string_view credential, the_one(values, "Credential"));
  TRY(const std::string_view signed_headers, the_one(values, "SignedHeaders"));
  TRY(const std::string_view signature, the_one(values, "Signature"));
  TRY_DO(read_credential(credential, claim));
  TRY_DO(read_signed_headers(signed_headers, claim));
  TRY_DO(read_signature(signature, claim));
  TRY(claim.signed_at, header_time(request));
  claim.session_token = header_value(request, "x-amz-security-token").value_or("");
  return claim;
}

Result<std::optional<SignatureClaim>> from_query(const Values& values) {
  SignatureClaim claim;
  claim.form = SignatureClaim::Form::query;
  TRY(const std::string_view algorithm, the_one(values, "X-Amz-Algorithm"));
  if (algorithm != signature_algorithm) return incomplete("X-Amz-Algorithm is not supported.");
  TRY(const std::string_view credential, the_one(values, "X-Amz-Credential"));
  TRY(const std::string_view date, the_one(values, "X-Amz-Date"));
  TRY(const std::string_view expires, the_one(values, "X-Amz-Expires"));
  TRY(const std::string_view signed_headers, the_one(values, "X-Amz-SignedHeaders"));
  TRY(const std::string_view signature, the_one(values, "X-Amz-Signature"));
  TRY_DO(read_credential(credential, claim));
  TRY_DO(read_signed_headers(signed_headers, claim));
  TRY_DO(read_signature(signature, claim));
  const auto time = parse_iso_time(date);
  if (!time) return incomplete("X-Amz-Date must have the form YYYYMMDD'T'HHMMSS'Z'.");
  claim.signed_at = *time;
  std::int64_t seconds = 0;
  const auto read = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
  if (read.ec != std::errc{} || read.ptr != expires.data() + expires.size() || seconds < 1 ||
      seconds > expires_seconds_max) {
    return incomplete("X-Amz-Expires must be 1 to 604800 seconds.");
  }
  claim.expires_in = std::chrono::seconds{seconds};
  if (has(values, "X-Amz-Security-Token")) {
    TRY(claim.session_token, the_one(values, "X-Amz-Security-Token"));
  }
  return claim;
}

}  // namespace

Result<std::optional<SignatureClaim>> parse_signature(const SignedRequest& request) {
  std::optional<std::string_view> authorization;
  for (const auto& [name, value] : request.headers) {
    if (!equal_ignoring_case(name, "authorization")) continue;
    if (authorization) return incomplete("The request has two Authorization headers.");
    authorization = trim(value);
  }
  const Values query = parse_query(request.query);
  const bool in_query = has(query, "X-Amz-Signature") || has(query, "X-Amz-Algorithm");
  const bool in_header = authorization && authorization->starts_with("AWS");
  if (in_query && in_header) {
    return incomplete("The request is signed both in its header and in its query.");
  }
  if (in_query) return from_query(query);
  if (!in_header) return std::nullopt;
  const auto space = authorization->find_first_of(" \t");
  if (authorization->substr(0, space) != signature_algorithm) {
    return incomplete("The signature's algorithm is not AWS4-HMAC-SHA256.");
  }
  if (space == std::string_view::npos) {
    return incomplete("The request's signature lacks 'Credential'.");
  }
  return from_header(request, authorization->substr(space + 1));
}

}  // namespace toolgate::crypto
