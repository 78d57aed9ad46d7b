// A key's secret bytes, and what they encrypt: ciphertexts say which key and which of its materials
// they were made with, so that Decrypt needs nothing else.
#pragma once

#include <string>
#include <string_view>

#include "json/json.h"
#include "services/kms/documents.h"

namespace toolgate::services::kms {

// Adds fresh material to a key's document, sealed under the store's data key. Rotation adds more:
// the newest encrypts, all decrypt.
void add_material(const Kms& kms, Key& key, Time now);

// The same for a key that signs: the private half of its pair, which is never replaced.
void add_private_key(const Kms& kms, Key& key, std::string_view der, Time now);
// A material's bytes. Fails with Code::not_found, or Code::internal when it cannot be unsealed.
[[nodiscard]] Result<std::string> unsealed_material(const Kms& kms, const Key& key,
                                                    std::string_view id);

// AES-256-GCM. The encryption context (an object of strings, or null) is authenticated with the
// key's name; it is not in the ciphertext. Fails with Code::internal when the material cannot be
// unsealed.
[[nodiscard]] Result<std::string> encrypt(const Kms& kms, const Key& key, std::string_view plain,
                                          const Json* context);

// Whose ciphertext it is, if it is one of ours.
struct Origin {
  std::string key_id;
  std::string material_id;
};
[[nodiscard]] std::optional<Origin> origin_of(std::string_view ciphertext);
// Fails with InvalidCiphertextException: another context, or a changed byte.
[[nodiscard]] Result<std::string> decrypt(const Kms& kms, const Key& key,
                                          std::string_view ciphertext, const Json* context);
[[nodiscard]] std::unexpected<Error> invalid_ciphertext();

// The id of the newest.
[[nodiscard]] std::string current_material(const Key& key);

}  // namespace toolgate::services::kms
