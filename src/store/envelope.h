// Which documents are sealed under a customer's KMS key, and where the wrapped data keys stand: in
// the document that names the key, a gateway's or the token vault's, under "envelope":
//   {"current": ID, "keys": [{"id", "kmsKeyArn", "wrapped"}, …]}
// What is written is sealed under the current one (none: it is not sealed); more than one stand
// there while data is moved from one to the next (catalogue/reseal.cc).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "store/keyring.h"
#include "store/store.h"

namespace toolgate::store {

inline constexpr std::string_view envelope_member = "envelope";

struct WrappedKey {
  std::string id;
  std::string kms_key_arn;
  std::string wrapped;  // KMS' CiphertextBlob, in base64
};

struct Envelope {
  std::string current;  // an id; empty: none
  std::vector<WrappedKey> keys;

  // Whether there is data under keys that are not the current one.
  [[nodiscard]] bool moving() const { return keys.size() > (current.empty() ? 0U : 1U); }
};

// Of a gateway's or the vault's document; empty when it has none.
[[nodiscard]] Envelope envelope_of(const Json& document);
[[nodiscard]] Json to_json(const Envelope& envelope);
// Whether every key is open; the reason of the first that is not.
[[nodiscard]] Result<void> check_open(const Keyring& keyring, const Envelope& envelope);

// The document whose envelope is asked when this one is written: its gateway's, or the vault's.
// Nothing for a kind that is never sealed.
[[nodiscard]] std::optional<Key> envelope_owner(const Key& key);
// The kinds that such an owner seals, and the ids under it.
struct SealedKinds {
  std::vector<std::string_view> kinds;
  std::string id_prefix;
};
[[nodiscard]] SealedKinds sealed_under(const Key& owner);

// A document's body with what is secret in it sealed, the rest as it was.
[[nodiscard]] Result<std::string> seal_body(const Key& key, std::string body,
                                            const std::string& data_key_id,
                                            const crypto::SealKey& data_key);
// A body that was read while it was locked, and is written again (with another status, say): what
// is sealed stays as it is. Fails with Code::denied when a secret was added.
[[nodiscard]] Result<std::string> keep_sealed(const Key& key, const std::string& body);
// What was sealed, opened. Where the data key is not open, only what is not secret, and the reason
// in "$locked". Fails with Code::internal, Code::denied when the bytes are not those that were
// sealed.
[[nodiscard]] Result<std::string> open_body(const Key& key, std::string body,
                                            const Keyring& keyring);

// Of a body that was read: whether it could not be opened.
[[nodiscard]] bool is_locked(std::string_view body);
// Of a document that was read: fails with Code::denied and the reason.
[[nodiscard]] Result<void> check_open(const Json& document);

// A text of its own, an answer that is remembered for one. `context` is authenticated.
[[nodiscard]] std::string seal_text(std::string_view text, std::string_view context,
                                    const std::string& data_key_id,
                                    const crypto::SealKey& data_key);
// A text that is not sealed stays as it is. Fails as Keyring::find does.
[[nodiscard]] Result<std::string> open_text(std::string text, std::string_view context,
                                            const Keyring& keyring);

}  // namespace toolgate::store
