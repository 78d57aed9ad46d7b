#include "crypto/key_pair.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/jwt_algorithms.h"

namespace toolgate::crypto {
namespace {

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
  ASSERT(key != nullptr);
  return {key, EVP_PKEY_free};
}

bool is_of(EVP_PKEY* key, KeyKind kind) {
  if (kind == KeyKind::rsa) return EVP_PKEY_is_a(key, "RSA") == 1;
  const Curve* curve = find_curve(kind);
  std::array<char, 64> group{};
  std::size_t length = 0;
  return curve != nullptr && EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         std::string_view{group.data(), length} == curve->group;
}

// What is asked, ready for OpenSSL.
struct Ready {
  const Algorithm* algorithm = nullptr;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  std::size_t hash_bytes = 0;
};

Result<Ready> ready(EVP_PKEY* key, std::string_view name, KeyPair::Signed what) {
  Ready made{.algorithm = find_algorithm(name)};
  if (made.algorithm == nullptr || !is_of(key, made.algorithm->kind)) {
    return fail(Code::invalid, "the algorithm is not for this kind of key");
  }
  if (!what.is_hash) {
    made.hash_bytes = digest_to(made.algorithm->digest, what.bytes, made.hash.data());
    return made;
  }
  const auto wanted = static_cast<std::size_t>(EVP_MD_get_size(fetched(made.algorithm->digest)));
  if (what.bytes.size() != wanted) {
    return fail(Code::invalid, fmt::format("the digest has {} bytes; the algorithm's has {}",
                                           what.bytes.size(), wanted));
  }
  std::ranges::copy(what.bytes, made.hash.begin());
  made.hash_bytes = wanted;
  return made;
}

}  // namespace

KeyPair KeyPair::generate(std::string_view spec) {
  KeyPair pair;
  if (spec.starts_with("RSA-")) {
    const int bits = spec == "RSA-4096" ? 4096 : spec == "RSA-3072" ? 3072 : 2048;
    pair.key_ = shared(EVP_RSA_gen(static_cast<unsigned>(bits)));
  } else {
    pair.key_ = shared(EVP_EC_gen(std::string{spec}.c_str()));
  }
  return pair;
}

Result<KeyPair> KeyPair::from_der(std::string_view pkcs8) {
  const ClearErrors clear;
  const unsigned char* in = bytes_of(pkcs8);
  EVP_PKEY* key = d2i_AutoPrivateKey(nullptr, &in, static_cast<long>(pkcs8.size()));
  if (key == nullptr) return fail(Code::invalid, "no private key in DER");
  KeyPair pair;
  pair.key_ = shared(key);
  return pair;
}

std::string KeyPair::private_der() const {
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info{EVP_PKEY2PKCS8(key_.get())};
  ASSERT(info != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  ASSERT(size > 0);
  std::string out{reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return out;
}

std::string KeyPair::public_der() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  ASSERT(size > 0);
  std::string out{reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
  OPENSSL_free(der);
  return out;
}

Result<std::string> KeyPair::sign(std::string_view algorithm, Signed what) const {
  TRY(const Ready asked, ready(key_.get(), algorithm, what));
  const OwnedKeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
  ASSERT(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1);
  ASSERT(configure(context.get(), *asked.algorithm));
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  std::size_t length = signature.size();
  ASSERT(EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                       asked.hash.data(), asked.hash_bytes) == 1);
  signature.resize(length);
  return signature;
}

Result<bool> KeyPair::verify(std::string_view algorithm, Signed what,
                             std::string_view signature) const {
  TRY(const Ready asked, ready(key_.get(), algorithm, what));
  const ClearErrors clear;
  const OwnedKeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
  ASSERT(context != nullptr && EVP_PKEY_verify_init(context.get()) == 1);
  ASSERT(configure(context.get(), *asked.algorithm));
  return EVP_PKEY_verify(context.get(), bytes_of(signature), signature.size(), asked.hash.data(),
                         asked.hash_bytes) == 1;
}

Result<std::string> jwt_signature(std::string_view algorithm, std::string_view der) {
  const Algorithm* row = find_algorithm(algorithm);
  if (row == nullptr) return fail(Code::invalid, "no such algorithm");
  const Curve* curve = find_curve(row->kind);
  if (curve == nullptr) return std::string{der};
  const ClearErrors clear;
  const unsigned char* in = bytes_of(der);
  const OwnedEcdsaSignature parts{d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()))};
  const int half = static_cast<int>(curve->coordinate_bytes);
  std::string raw(2 * curve->coordinate_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  const bool fits = parts != nullptr &&
                    BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out, half) == half &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out + half, half) == half;
  if (!fits) return fail(Code::invalid, "no ECDSA signature in DER");
  return raw;
}

}  // namespace toolgate::crypto
