// Private keys: made, read, and what they sign.
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "crypto/jwt_algorithms.h"

namespace toolgate::crypto {

struct PrivateKey::Impl {
  OwnedKey key;
  const Algorithm* algorithm = nullptr;
  Json public_jwk;
  std::string id;
};

namespace {

// A number of the key as JWK writes it: base64url of `bytes` bytes, or of as many as it needs.
std::string number_of(EVP_PKEY* key, const char* name, std::size_t bytes = 0) {
  BIGNUM* number = nullptr;
  ASSERT(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const OwnedNumber owned{number};
  if (bytes == 0) bytes = static_cast<std::size_t>(BN_num_bytes(number));
  std::string out(bytes, '\0');
  ASSERT(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()),
                      static_cast<int>(bytes)) == static_cast<int>(bytes));
  return base64url(out);
}

JsonObject public_members(EVP_PKEY* key, const Algorithm& algorithm) {
  if (algorithm.kind == KeyKind::rsa) {
    return {{"e", number_of(key, OSSL_PKEY_PARAM_RSA_E)},
            {"kty", "RSA"},
            {"n", number_of(key, OSSL_PKEY_PARAM_RSA_N)}};
  }
  const Curve& curve = *find_curve(algorithm.kind);
  return {{"crv", curve.name},
          {"kty", "EC"},
          {"x", number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.coordinate_bytes)},
          {"y", number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.coordinate_bytes)}};
}

std::string read_all(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  ASSERT(length >= 0);
  return {data, static_cast<std::size_t>(length)};
}

// An encrypted key fails instead of asking on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

// The algorithm we sign with, or null for a key that we do not sign with.
const Algorithm* algorithm_for(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(key);
    return bits >= rsa_bits_min && bits <= rsa_bits_max ? find_algorithm("RS256") : nullptr;
  }
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1) {
    return nullptr;
  }
  const std::string_view name{group.data(), length};
  return name == find_curve(KeyKind::p256)->group ? find_algorithm("ES256") : nullptr;
}

// DER to r ‖ s (RFC 7518 §3.4).
std::string raw_of(std::string_view der, const Curve& curve) {
  const unsigned char* in = bytes_of(der);
  const OwnedEcdsaSignature parts{d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()))};
  ASSERT(parts != nullptr);
  const int half = static_cast<int>(curve.coordinate_bytes);
  std::string raw(2 * curve.coordinate_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out, half) == half);
  ASSERT(BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out + half, half) == half);
  return raw;
}

std::string sign_bytes(EVP_PKEY* key, const Algorithm& algorithm, std::string_view bytes) {
  const OwnedKeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
  ASSERT(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1);
  ASSERT(configure(context.get(), algorithm));
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  const std::size_t hash_bytes = digest_to(algorithm.digest, bytes, hash.data());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t length = signature.size();
  ASSERT(EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                       hash.data(), hash_bytes) == 1);
  signature.resize(length);
  const Curve* curve = find_curve(algorithm.kind);
  return curve != nullptr ? raw_of(signature, *curve) : signature;
}

}  // namespace

// Owns the key from here on; algorithm_for must accept it.
PrivateKey PrivateKey::adopt(evp_pkey_st* owned_key) {
  auto impl = std::make_shared<Impl>();
  impl->key.reset(owned_key);
  ASSERT(impl->key != nullptr);
  impl->algorithm = algorithm_for(impl->key.get());
  ASSERT(impl->algorithm != nullptr);
  JsonObject members = public_members(impl->key.get(), *impl->algorithm);
  impl->id = thumbprint(members).value();
  members["alg"] = impl->algorithm->name;
  members["use"] = "sig";
  members["kid"] = impl->id;
  impl->public_jwk = std::move(members);
  PrivateKey key;
  key.impl_ = std::move(impl);
  return key;
}

PrivateKey PrivateKey::generate_rsa() { return adopt(EVP_RSA_gen(rsa_bits_min)); }

PrivateKey PrivateKey::generate_p256() { return adopt(EVP_EC_gen("P-256")); }

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  constexpr std::size_t pem_bytes_max = 64 * 1024;
  if (pem.size() > pem_bytes_max) return fail(Code::invalid, "private key: too long");
  const ClearErrors clear;
  const OwnedBio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  ASSERT(bio != nullptr);
  OwnedKey key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
  if (key == nullptr) return fail(Code::invalid, "private key: no PEM of an unencrypted key");
  if (algorithm_for(key.get()) == nullptr) {
    return fail(Code::invalid, "private key: neither RSA of at least 2048 bits nor P-256");
  }
  return adopt(key.release());
}

std::string PrivateKey::pem() const {
  const OwnedBio bio{BIO_new(BIO_s_secmem())};
  ASSERT(bio != nullptr);
  ASSERT(PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr) == 1);
  return read_all(bio.get());
}

Json PrivateKey::public_jwk() const { return impl_->public_jwk; }

std::string PrivateKey::id() const { return impl_->id; }

std::string PrivateKey::sign_jwt(const Json& claims) const {
  const Json header{{"alg", impl_->algorithm->name}, {"kid", impl_->id}, {"typ", "JWT"}};
  std::string token = base64url(json::print(header)) + '.' + base64url(json::print(claims));
  token += '.' + base64url(sign_bytes(impl_->key.get(), *impl_->algorithm, token));
  return token;
}

}  // namespace toolgate::crypto
