// The access keys in memory, as the sign-in sees them, and the root's key.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "identity/access_keys.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::services::iam {

// Looked into by any thread while it is rebuilt. It is rebuilt whole: accounts have few keys, and
// a whole picture cannot bring back a key that was deleted meanwhile.
class AccessKeyDirectory final : public identity::AccessKeys {
 public:
  // All outlive the directory.
  AccessKeyDirectory(store::Store& store, const store::Secrets& secrets, std::string account)
      : store_{store}, secrets_{secrets}, account_{std::move(account)} {}

  [[nodiscard]] std::optional<identity::AccessKey> find(
      std::string_view access_key_id) const override;

  // Reads the keys from the store. At start, after a change (see concerns), and by operations that
  // change keys, after their commit: what it saw then is what find gives from then on. Fails with
  // the store's failures; the old picture then stays. A key that cannot be unsealed is left out
  // and logged.
  Task<Result<void>> reload();

  // True when one of these changes touches a key: then reload() must run, on any I/O thread. Keys
  // that were deleted stop working before this returns. Any thread, brief.
  [[nodiscard]] bool concerns(const std::vector<store::Change>& changes);

 private:
  using Keys = TextMap<identity::AccessKey>;

  [[nodiscard]] std::shared_ptr<const Keys> keys() const;
  [[nodiscard]] Result<identity::AccessKey> read(const std::string& id,
                                                 const JsonObject& body) const;

  store::Store& store_;
  const store::Secrets& secrets_;
  const std::string account_;
  // Guards the two members below. Held for the copy of a pointer, never over an await: libstdc++ 12
  // has an atomic<shared_ptr> that thread sanitizers do not see through.
  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_ = std::make_shared<const Keys>();
  store::Version as_of_ = 0;  // the store's version that keys_ is not older than
};

struct RootKey {
  std::string access_key_id;
  std::string secret_access_key;
};

// The account's root key, made when there is none. Processes that start at once agree on one.
Task<Result<RootKey>> ensure_root_key(store::Store& store, const store::Secrets& secrets,
                                      std::string account, Time now);

// A new root key in place of the old one, which stops working before this returns; with it the
// sessions that it made.
Task<Result<RootKey>> rotate_root_key(store::Store& store, const store::Secrets& secrets,
                                      AccessKeyDirectory& directory, std::string account, Time now);

}  // namespace toolgate::services::iam
