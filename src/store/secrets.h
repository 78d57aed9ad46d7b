// Secrets at rest: sealed with AES-256-GCM under a data key, the data key under the master key.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "crypto/seal.h"
#include "store/store.h"

namespace toolgate::store {

// Reads the master key (32 bytes in base64, one line), or makes the file (0600, its folder 0700)
// when it does not exist and `make` says so. Fails with Code::invalid (malformed, readable by
// others), Code::not_found, Code::unavailable.
enum class IfAbsent : unsigned char { make, fail };
[[nodiscard]] Result<crypto::SealKey> master_key(const std::string& path, IfAbsent if_absent);

// Any thread once open.
class Secrets {
 public:
  // Opens the data key of this store, or makes it at first start. Fails with Code::denied when the
  // master key is not the one the data key was sealed with.
  static Task<Result<Secrets>> open(Store& store, const crypto::SealKey& master);

  // Text to text (base64), for a member of a document. `context` says whose secret it is
  // ("oauth2_provider/NAME/clientSecret"): it must be given again to unseal.
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view context) const;
  [[nodiscard]] Result<std::string> unseal(std::string_view sealed, std::string_view context) const;

 private:
  explicit Secrets(crypto::SealKey data_key) : data_key_{std::move(data_key)} {}
  crypto::SealKey data_key_;
};

}  // namespace toolgate::store
