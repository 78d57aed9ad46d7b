#include "store/keyring.h"

#include <mutex>

namespace toolgate::store {

void Keyring::open(const std::string& id, crypto::SealKey key) {
  const std::scoped_lock lock{mutex_};
  keys_.insert_or_assign(id, std::make_shared<const crypto::SealKey>(std::move(key)));
}

void Keyring::lock(const std::string& id, Error why) {
  const std::scoped_lock lock{mutex_};
  keys_.insert_or_assign(id, std::unexpected(std::move(why)));
}

void Keyring::forget(const std::string& id) {
  const std::scoped_lock lock{mutex_};
  keys_.erase(id);
}

Result<Keyring::Ref> Keyring::find(std::string_view id) const {
  const std::shared_lock lock{mutex_};
  const auto found = keys_.find(id);
  if (found == keys_.end()) {
    return fail(Code::unavailable, "The KMS key has not been asked yet; try again.");
  }
  return found->second;
}

}  // namespace toolgate::store
