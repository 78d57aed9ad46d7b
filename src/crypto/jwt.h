// JSON Web Tokens (RFC 7515, 7518, 7519, 8037) and their keys (RFC 7517): pure functions, no
// fetching.
// Algorithms: RS/PS/ES256, 384 and 512, and EdDSA (Ed25519). Never "none", never HMAC.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"

struct evp_pkey_st;  // OpenSSL's key

namespace toolgate::crypto {

// A token taken apart, not yet believed.
struct Jwt {
  std::string algorithm;  // header "alg"
  std::string key_id;     // header "kid", or empty
  Json header;
  Json claims;                // always an object
  std::string signing_input;  // header.payload as received
  std::string signature;      // raw bytes
};

// Fails with Code::unauthenticated when it is no compact JWS of a JSON object, is larger than
// limits::token_bytes_max, names an algorithm not listed above, or has a "crit" header.
[[nodiscard]] Result<Jwt> parse_jwt(std::string_view token);

// A public key, decoded once (decoding costs twenty times a verification). Immutable, any thread.
class PublicKey {
 public:
  // From a JWK of kty RSA (at least 2048 bits), EC (P-256, P-384, P-521) or OKP (Ed25519). Keys for
  // encryption ("use": "enc") and symmetric keys fail with Code::invalid.
  static Result<PublicKey> from_jwk(const Json& jwk);

  [[nodiscard]] const std::string& id() const;  // "kid", or empty
  // True when the key may be used with the algorithm: the type fits, and "alg", if the JWK names
  // one, is the same.
  [[nodiscard]] bool fits(std::string_view algorithm) const;
  [[nodiscard]] bool verify(std::string_view algorithm, std::string_view signing_input,
                            std::string_view signature) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// A private key of our own, for the identity provider and for private_key_jwt.
class PrivateKey {
 public:
  static PrivateKey generate_rsa();  // 2048 bits
  static PrivateKey generate_p256();
  static Result<PrivateKey> from_pem(std::string_view pem);
  [[nodiscard]] std::string pem() const;  // PKCS#8, not encrypted: seal it before it is stored

  // The public half: kty, n and e (or crv, x, y), alg, use "sig", and kid (RFC 7638 thumbprint).
  [[nodiscard]] Json public_jwk() const;
  [[nodiscard]] std::string id() const;  // the thumbprint
  // The compact form of the claims, signed RS256 (or ES256), with "kid" in its header.
  [[nodiscard]] std::string sign_jwt(const Json& claims) const;

 private:
  struct Impl;
  static PrivateKey adopt(evp_pkey_st* key);
  std::shared_ptr<const Impl> impl_;
};

// The usable keys of a JWK set; unusable ones are left out. Fails with Code::invalid when the
// document is no JWK set.
[[nodiscard]] Result<std::vector<PublicKey>> parse_jwks(const Json& document);

// The SHA-256 thumbprint of a key (RFC 7638), base64url. Fails with Code::invalid when a member
// that it is made of is missing.
[[nodiscard]] Result<std::string> thumbprint(const Json& jwk);

}  // namespace toolgate::crypto
