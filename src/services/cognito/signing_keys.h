// The keys that user pools sign their tokens with: RS256, as Cognito's. A pool's key set has the
// current one; before that is replaced, the next one too, so that verifiers know a key before it is
// used; and a key that was replaced, until no token of it can be alive.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "crypto/jwt.h"
#include "services/cognito/documents.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::services::cognito {

// Any thread; a coroutine resumes on its own.
class SigningKeys {
 public:
  struct Options {
    // A current key that is older is replaced when it is asked for.
    std::chrono::hours renew_after{90 * 24};
    // For how long, at least, the next key is in the set before it is used.
    std::chrono::hours show_before{48};
    // How long a replaced key stays in the set: an access token lives a day at most, and verifiers'
    // clocks and caches differ.
    std::chrono::hours keep_replaced{48};
    // Where keys come from.
    crypto::PrivateKey (*generate)() = crypto::PrivateKey::generate_rsa;
  };
  // All outlive the object.
  SigningKeys(store::Store& store, const store::Secrets& secrets, Offload& offload,
              Options options);
  SigningKeys(store::Store& store, const store::Secrets& secrets, Offload& offload)
      : SigningKeys{store, secrets, offload, Options{}} {}

  // Makes the first pool's key, because that takes 100 ms or more of a core; nothing once a pool
  // has asked for one. Others are made when they are asked for: a reserve that is filled again
  // costs more than all else that a tutorial asks of the server. Blocks; once, when there is time.
  void make_ahead();

  // The keys document of a new pool, to be committed with the pool. Never blocks the caller's
  // thread: keys come from the reserve, or are made on the offload pool.
  Task<JsonObject> make(std::string pool_id, Time now);

  // The key to sign with. Fails with Code::not_found when the pool has none.
  Task<Result<crypto::PrivateKey>> current(PoolPlace pool, Time now);
  // {"keys": […]}: public halves only. Fails with Code::not_found.
  Task<Result<JsonObject>> jwks(PoolPlace pool, Time now);
  // The next key becomes the current one; where there is none yet, one is made and shown first.
  // Fails with Code::not_found; losing a race against another replacement is success.
  Task<Result<void>> rotate(PoolPlace pool, Time now);

 private:
  struct Cached {
    store::Version version = 0;
    crypto::PrivateKey key;
  };

  Task<Result<void>> write(Loaded keys);
  Task<crypto::PrivateKey> take();
  [[nodiscard]] JsonObject sealed(const crypto::PrivateKey& key, std::string_view pool_id) const;
  Task<Result<Loaded>> load_keys(const PoolPlace& pool);
  [[nodiscard]] Result<crypto::PrivateKey> open(const Loaded& keys, const std::string& pool_id);

  store::Store& store_;
  const store::Secrets& secrets_;
  Offload& offload_;
  const Options options_;
  std::mutex mutex_;              // of the following; never held over an await
  bool first_asked_for_ = false;  // a key, by a pool
  std::optional<crypto::PrivateKey> reserve_;
  std::map<std::string, Cached> cached_;  // current keys by pool: reading a PEM costs a signature
};

}  // namespace toolgate::services::cognito
