// Tokens and keys of strangers: whatever the bytes, a token that is accepted is whole, names an
// algorithm of the list and says the same when it is put together again; no signature passes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "json/json.h"

using namespace toolgate;

namespace {

// Each byte string has one spelling, so a token has one too.
void check_token(std::string_view text) {
  const auto jwt = crypto::parse_jwt(text);
  if (!jwt) return;
  ASSERT(jwt->claims.is_object() && jwt->header.is_object());
  ASSERT(jwt->signing_input + '.' + crypto::base64url(jwt->signature) == text);
  ASSERT(jwt->algorithm != "none" && !jwt->algorithm.starts_with("HS"));
  static const auto key =
      crypto::PublicKey::from_jwk(crypto::PrivateKey::generate_p256().public_jwk()).value();
  ASSERT(!key.verify(jwt->algorithm, jwt->signing_input, jwt->signature));
}

void check_keys(std::string_view text) {
  const auto document = json::parse(text);
  if (!document) return;
  (void)crypto::thumbprint(*document);
  if (const auto key = crypto::PublicKey::from_jwk(*document)) {
    for (const auto algorithm : {"RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA"}) {
      ASSERT(!key->verify(algorithm, "input", std::string(132, 's')));
    }
  }
  (void)crypto::parse_jwks(*document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_token(text);
  check_keys(text);
  if (const auto bytes = crypto::from_base64(text)) ASSERT(crypto::base64(*bytes) == text);
  return 0;
}
