// Authenticated encryption of small texts: AES-256-GCM with a random 96-bit nonce.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace toolgate::crypto {

inline constexpr std::size_t seal_key_bytes = 32;

// A key and nothing else. Copies are wiped when they die.
class SealKey {
 public:
  // Fails with Code::invalid unless it is 32 bytes.
  static Result<SealKey> from_bytes(std::string_view bytes);
  static SealKey random();
  SealKey(const SealKey&);
  SealKey& operator=(const SealKey&);
  ~SealKey();
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  explicit SealKey(std::string bytes) : bytes_{std::move(bytes)} {}
  std::string bytes_;
};

// nonce ‖ ciphertext ‖ tag. `context` is authenticated, not stored: unsealing needs the same
// context, so a sealed text cannot be moved to another place.
[[nodiscard]] std::string seal(const SealKey& key, std::string_view plain,
                               std::string_view context);
// Fails with Code::denied when the key, the context or a byte differs.
[[nodiscard]] Result<std::string> unseal(const SealKey& key, std::string_view sealed,
                                         std::string_view context);

}  // namespace toolgate::crypto
