// The data keys that customers' KMS keys wrap, as far as they are open: by id, in memory alone.
// What a key here is not open for cannot be read, whoever asks (sealing_store.h).
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/seal.h"

namespace toolgate::store {

// Any thread.
class Keyring {
 public:
  using Ref = std::shared_ptr<const crypto::SealKey>;

  void open(const std::string& id, crypto::SealKey key);
  // The key leaves memory; whoever needs it is told `why`.
  void lock(const std::string& id, Error why);
  // Nobody has data under it any more.
  void forget(const std::string& id);

  // Fails as it was locked, or with Code::unavailable when KMS has not been asked yet.
  [[nodiscard]] Result<Ref> find(std::string_view id) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, Result<Ref>, std::less<>> keys_;
};

}  // namespace toolgate::store
