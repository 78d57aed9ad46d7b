#include "crypto/jwt.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/jwt_algorithms.h"

namespace toolgate::crypto {
namespace {

std::unexpected<Error> not_a_token(std::string why) {
  return fail(Code::unauthenticated, "token: " + std::move(why));
}

Result<std::string> decode_part(std::string_view part, std::string_view name) {
  // RFC 7515 §2: base64url without padding.
  auto bytes = part.ends_with('=') ? fail(Code::invalid, "padded") : from_base64url(part);
  if (!bytes) return not_a_token(fmt::format("the {} is not base64url", name));
  return *std::move(bytes);
}

Result<Json> decode_object(std::string_view part, std::string_view name) {
  TRY(const std::string bytes, decode_part(part, name));
  auto value = json::parse(bytes);
  if (!value || !value->is_object()) {
    return not_a_token(fmt::format("the {} is no JSON object", name));
  }
  return *std::move(value);
}

}  // namespace

Result<Jwt> parse_jwt(std::string_view token) {
  if (token.size() > limits::token_bytes_max) {
    return not_a_token(fmt::format("larger than {} bytes", limits::token_bytes_max));
  }
  const auto parts = split(token, '.');
  if (parts.size() != 3) return not_a_token("not of the form header.payload.signature");
  Jwt jwt;
  TRY(jwt.header, decode_object(parts[0], "header"));
  const auto algorithm = json::find_string(jwt.header, "alg");
  if (!algorithm || find_algorithm(*algorithm) == nullptr) {
    return not_a_token("the header names no algorithm that is accepted");
  }
  jwt.algorithm = *algorithm;
  // RFC 7515 §4.1.11: extensions that must be understood; we understand none.
  if (json::find(jwt.header, "crit") != nullptr) return not_a_token("the header has \"crit\"");
  if (const Json* key_id = json::find(jwt.header, "kid"); key_id != nullptr) {
    if (!key_id->is_string()) return not_a_token("\"kid\" is no string");
    jwt.key_id = std::string_view{key_id->get_string()};
  }
  TRY(jwt.claims, decode_object(parts[1], "payload"));
  TRY(jwt.signature, decode_part(parts[2], "signature"));
  jwt.signing_input = token.substr(0, parts[0].size() + 1 + parts[1].size());
  return jwt;
}

Result<std::string> thumbprint(const Json& jwk) {
  struct Required {
    std::string_view type;
    std::vector<std::string_view> members;  // sorted, as they are hashed
  };
  static const std::array kinds{Required{"RSA", {"e", "kty", "n"}},
                                Required{"EC", {"crv", "kty", "x", "y"}},
                                Required{"OKP", {"crv", "kty", "x"}}};
  const auto kind =
      std::ranges::find(kinds, json::find_string(jwk, "kty").value_or(""), &Required::type);
  if (kind == kinds.end()) return fail(Code::invalid, "key: \"kty\" is not RSA, EC or OKP");
  JsonObject hashed;
  for (const auto name : kind->members) {
    const auto member = json::find_string(jwk, name);
    if (!member) return fail(Code::invalid, fmt::format("key: no member \"{}\"", name));
    hashed[name] = *member;
  }
  return base64url(sha256(json::print(hashed)));
}

Result<std::vector<PublicKey>> parse_jwks(const Json& document) {
  const JsonArray* keys = json::find_array(document, "keys");
  if (keys == nullptr) return fail(Code::invalid, "key set: no member \"keys\" that is an array");
  std::vector<PublicKey> usable;
  for (const auto& jwk : *keys) {
    if (auto key = PublicKey::from_jwk(jwk)) usable.push_back(*std::move(key));
  }
  return usable;
}

}  // namespace toolgate::crypto
