#include "crypto/seal.h"

#include <openssl/crypto.h>

#include "crypto/hash.h"
#include "crypto/openssl.h"

namespace toolgate::crypto {
namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
// What one call may take: OpenSSL counts in int.
constexpr std::size_t text_bytes_max = std::size_t{1} << 30;

const EVP_CIPHER* cipher() {
  static EVP_CIPHER* const fetched_once = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  ASSERT(fetched_once != nullptr);
  return fetched_once;
}

EVP_CIPHER_CTX* context_of_thread() {
  thread_local const OwnedCipherContext context{EVP_CIPHER_CTX_new()};
  ASSERT(context != nullptr);
  return context.get();
}

unsigned char* writable(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

void wipe(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

}  // namespace

Result<SealKey> SealKey::from_bytes(std::string_view bytes) {
  if (bytes.size() != seal_key_bytes) return fail(Code::invalid, "the key must have 32 bytes");
  return SealKey{std::string{bytes}};
}

SealKey SealKey::random() { return SealKey{random_bytes(seal_key_bytes)}; }

SealKey::SealKey(const SealKey&) = default;

SealKey& SealKey::operator=(const SealKey& other) {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = other.bytes_;
  }
  return *this;
}

SealKey::~SealKey() { wipe(bytes_); }

std::string seal(const SealKey& key, std::string_view plain, std::string_view context) {
  ASSERT(plain.size() <= text_bytes_max && context.size() <= text_bytes_max);
  std::string out = random_bytes(nonce_bytes);
  out.resize(nonce_bytes + plain.size() + tag_bytes);
  EVP_CIPHER_CTX* gcm = context_of_thread();
  int length = 0;
  ASSERT(EVP_EncryptInit_ex2(gcm, cipher(), bytes_of(key.bytes()), bytes_of(out), nullptr) == 1);
  ASSERT(EVP_EncryptUpdate(gcm, nullptr, &length, bytes_of(context),
                           static_cast<int>(context.size())) == 1);
  ASSERT(EVP_EncryptUpdate(gcm, writable(out, nonce_bytes), &length, bytes_of(plain),
                           static_cast<int>(plain.size())) == 1);
  ASSERT(static_cast<std::size_t>(length) == plain.size());
  ASSERT(EVP_EncryptFinal_ex(gcm, writable(out, nonce_bytes + plain.size()), &length) == 1);
  ASSERT(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                             writable(out, nonce_bytes + plain.size())) == 1);
  return out;
}

Result<std::string> unseal(const SealKey& key, std::string_view sealed, std::string_view context) {
  if (sealed.size() < nonce_bytes + tag_bytes || sealed.size() > text_bytes_max) {
    return fail(Code::denied, "the sealed text is cut off");
  }
  ASSERT(context.size() <= text_bytes_max);
  const ClearErrors clear;
  const std::string_view nonce = sealed.substr(0, nonce_bytes);
  const std::string_view body = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag{sealed.substr(sealed.size() - tag_bytes)};
  std::string out(body.size() + 1, '\0');  // one more, so that there is always a place to write to
  EVP_CIPHER_CTX* gcm = context_of_thread();
  int length = 0;
  ASSERT(EVP_DecryptInit_ex2(gcm, cipher(), bytes_of(key.bytes()), bytes_of(nonce), nullptr) == 1);
  ASSERT(EVP_DecryptUpdate(gcm, nullptr, &length, bytes_of(context),
                           static_cast<int>(context.size())) == 1);
  ASSERT(EVP_DecryptUpdate(gcm, writable(out, 0), &length, bytes_of(body),
                           static_cast<int>(body.size())) == 1);
  ASSERT(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(gcm, writable(out, body.size()), &length) != 1) {
    wipe(out);
    return fail(Code::denied, "the sealed text does not fit the key or its place");
  }
  out.resize(body.size());
  return out;
}

}  // namespace toolgate::crypto
