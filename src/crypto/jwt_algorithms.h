// The signature algorithms of RFC 7518 §3 and RFC 8037 that we accept, one row each. An algorithm
// belongs to one kind of key: a token cannot choose how its key is used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/openssl.h"

namespace toolgate::crypto {

enum class KeyKind : std::uint8_t { rsa, p256, p384, p521, ed25519 };
enum class Padding : std::uint8_t { none, pkcs1, pss };

struct Algorithm {
  std::string_view name;
  KeyKind kind;
  Digest digest;  // Ed25519 hashes by itself
  Padding padding;
};

inline constexpr std::array algorithms{
    Algorithm{"RS256", KeyKind::rsa, Digest::sha256, Padding::pkcs1},
    Algorithm{"ES256", KeyKind::p256, Digest::sha256, Padding::none},
    Algorithm{"PS256", KeyKind::rsa, Digest::sha256, Padding::pss},
    Algorithm{"RS384", KeyKind::rsa, Digest::sha384, Padding::pkcs1},
    Algorithm{"RS512", KeyKind::rsa, Digest::sha512, Padding::pkcs1},
    Algorithm{"PS384", KeyKind::rsa, Digest::sha384, Padding::pss},
    Algorithm{"PS512", KeyKind::rsa, Digest::sha512, Padding::pss},
    Algorithm{"ES384", KeyKind::p384, Digest::sha384, Padding::none},
    Algorithm{"ES512", KeyKind::p521, Digest::sha512, Padding::none},
    Algorithm{"EdDSA", KeyKind::ed25519, Digest::sha512, Padding::none},
};

// Null for a name that is not in the table.
constexpr const Algorithm* find_algorithm(std::string_view name) {
  for (const auto& algorithm : algorithms) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
}

// A curve, as JWK and OpenSSL name it, with the length of a coordinate.
struct Curve {
  std::string_view name;
  const char* group;
  KeyKind kind;
  std::size_t coordinate_bytes;
};
inline constexpr std::array curves{
    Curve{"P-256", "prime256v1", KeyKind::p256, 32},
    Curve{"P-384", "secp384r1", KeyKind::p384, 48},
    Curve{"P-521", "secp521r1", KeyKind::p521, 66},
};
constexpr const Curve* find_curve(KeyKind kind) {
  for (const auto& curve : curves) {
    if (curve.kind == kind) return &curve;
  }
  return nullptr;
}

inline constexpr int rsa_bits_min = 2048;
// Verification slows with the square of the length; nobody publishes longer keys.
inline constexpr int rsa_bits_max = 8192;

// Sets hash and padding of a context that is ready to sign or to verify.
bool configure(EVP_PKEY_CTX* context, const Algorithm& algorithm);

}  // namespace toolgate::crypto
