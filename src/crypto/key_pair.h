// Key pairs that sign for somebody who never sees the private half: a key management service's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;  // OpenSSL's key

namespace toolgate::crypto {

// Immutable, any thread. Algorithms are named as in JWT (RFC 7518 §3.1): RS, PS and ES.
class KeyPair {
 public:
  // `spec` is "RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384" or "P-521"; another is a bug. An
  // RSA key of 4,096 bits takes about a second.
  static KeyPair generate(std::string_view spec);
  static Result<KeyPair> from_der(std::string_view pkcs8);

  [[nodiscard]] std::string private_der() const;  // PKCS#8, not encrypted: seal it
  [[nodiscard]] std::string public_der() const;   // SubjectPublicKeyInfo (RFC 5280 §4.1.2.7)

  // What is signed: a message, or the hash of one.
  struct Signed {
    std::string_view bytes;
    bool is_hash = false;
  };
  // RSA's signature, or ECDSA's in DER (RFC 3279 §2.2.3). Fails with Code::invalid when the
  // algorithm is not for this kind of key, or a hash has another length.
  [[nodiscard]] Result<std::string> sign(std::string_view algorithm, Signed what) const;
  [[nodiscard]] Result<bool> verify(std::string_view algorithm, Signed what,
                                    std::string_view signature) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

// A signature as JWT writes it: ECDSA's two numbers side by side (RFC 7518 §3.4), RSA's as it is.
// Fails with Code::invalid for what is no DER.
[[nodiscard]] Result<std::string> jwt_signature(std::string_view algorithm, std::string_view der);

}  // namespace toolgate::crypto
