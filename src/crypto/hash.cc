#include "crypto/hash.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "crypto/openssl.h"

namespace toolgate::crypto {
namespace {

constexpr std::size_t sha256_bytes = 32;

EVP_MD_CTX* digest_context() {
  thread_local const OwnedDigestContext context{EVP_MD_CTX_new()};
  ASSERT(context != nullptr);
  return context.get();
}

EVP_MAC* hmac() {
  static EVP_MAC* const fetched_once = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  ASSERT(fetched_once != nullptr);
  return fetched_once;
}

// Naming the hash costs as much as the whole HMAC of a short text, so it is named once a thread.
OwnedMacContext make_hmac_sha256() {
  OwnedMacContext context{EVP_MAC_CTX_new(hmac())};
  ASSERT(context != nullptr);
  char name[] = "SHA256";
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                          OSSL_PARAM_construct_end()};
  ASSERT(EVP_MAC_CTX_set_params(context.get(), params.data()) == 1);
  return context;
}

}  // namespace

const EVP_MD* fetched(Digest digest) {
  static const std::array<EVP_MD*, 3> algorithms{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA384", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA512", nullptr)};
  const EVP_MD* algorithm = algorithms.at(static_cast<std::size_t>(digest));
  ASSERT(algorithm != nullptr);
  return algorithm;
}

std::size_t digest_to(Digest digest, std::string_view bytes, unsigned char* out) {
  EVP_MD_CTX* context = digest_context();
  unsigned int length = 0;
  ASSERT(EVP_DigestInit_ex2(context, fetched(digest), nullptr) == 1);
  ASSERT(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
  ASSERT(EVP_DigestFinal_ex(context, out, &length) == 1);
  return length;
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  const std::size_t length = digest_to(Digest::sha256, bytes, out.data());
  return {reinterpret_cast<const char*>(out.data()), length};
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const OwnedMacContext context = make_hmac_sha256();
  // A null key would mean "the key of last time".
  const unsigned char* key_bytes = key.empty() ? bytes_of("") : bytes_of(key);
  std::string out(sha256_bytes, '\0');
  std::size_t length = 0;
  ASSERT(EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) == 1);
  ASSERT(EVP_MAC_update(context.get(), bytes_of(bytes), bytes.size()) == 1);
  ASSERT(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
                       out.size()) == 1);
  ASSERT(length == sha256_bytes);
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  ASSERT(RAND_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(out.data()), count, 0) == 1);
  return out;
}

}  // namespace toolgate::crypto
