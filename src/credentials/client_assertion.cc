#include "credentials/client_assertion.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "base/ids.h"
#include "credentials/kinds.h"
#include "crypto/hash.h"

namespace toolgate::credentials {
namespace {

constexpr std::int64_t life_seconds = 300;
// A server whose clock is behind ours believes it all the same.
constexpr std::int64_t back_dated_seconds = 30;

constexpr std::array<std::string_view, 5> ours_in_header{"alg", "typ", "crit", "b64", "jwk"};
constexpr std::array<std::string_view, 6> ours_in_payload{"iss", "sub", "jti", "exp", "iat", "nbf"};

Result<Json> read_claims(const Json& configuration, std::string_view path, std::string_view member,
                         std::span<const std::string_view> ours) {
  const Json* claims = json::find(configuration, member);
  if (claims == nullptr || !claims->is_object()) return Json{};
  for (const auto& [name, value] : claims->get_object()) {
    const std::string_view claim = name;
    if (std::ranges::find(ours, claim) == ours.end() && value.is_string()) continue;
    return wrong_member(fmt::format("{}.{}.{}", path, member, claim), "is set by the service");
  }
  return *claims;
}

void add_claims(const Json& claims, JsonObject& to) {
  if (!claims.is_object()) return;
  for (const auto& [name, value] : claims.get_object()) to[name] = value;
}

}  // namespace

Result<AssertionKey> read_assertion_key(const Json& configuration, std::string_view path) {
  AssertionKey key;
  const auto arn =
      json::find_string(configuration, "privateKeySource", "kmsKeySource", "kmsKeyArn");
  if (!arn) {
    return wrong_member(fmt::format("{}.privateKeySource.kmsKeySource.kmsKeyArn", path),
                        "is required: the key that signs");
  }
  key.key_arn = *arn;
  if (const auto named = json::find_string(configuration, "signingAlgorithm")) {
    key.algorithm = *named;
  }
  TRY(key.header, read_claims(configuration, path, "additionalHeaderClaims", ours_in_header));
  TRY(key.payload, read_claims(configuration, path, "additionalPayloadClaims", ours_in_payload));
  return key;
}

Task<Result<std::string>> client_assertion(Assertion wanted, const KeySigner* signer, Time now) {
  if (signer == nullptr) co_return fail(Code::internal, "no key signs here");
  JsonObject header{{"alg", wanted.key.algorithm}, {"typ", "JWT"}};
  add_claims(wanted.key.header, header);
  const std::int64_t seconds = milliseconds_of(now) / 1'000;
  JsonObject payload{{"aud", wanted.audience}};
  add_claims(wanted.key.payload, payload);
  payload["iss"] = wanted.client_id;
  payload["sub"] = wanted.client_id;
  payload["jti"] = random_uuid();
  payload["iat"] = seconds - back_dated_seconds;
  payload["exp"] = seconds + life_seconds;
  std::string token = crypto::base64url(json::print(header));
  token += '.' + crypto::base64url(json::print(payload));
  CO_TRY(const std::string signature, co_await signer->sign({.place = wanted.place,
                                                             .key_arn = wanted.key.key_arn,
                                                             .algorithm = wanted.key.algorithm,
                                                             .input = token}));
  co_return token + '.' + crypto::base64url(signature);
}

}  // namespace toolgate::credentials
