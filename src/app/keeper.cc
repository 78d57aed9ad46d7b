#include "app/keeper.h"

#include "base/run_task.h"
#include "crypto/hash.h"
#include "store/sealing_store.h"
#include "store/sqlite/sqlite_store.h"

namespace toolgate::app {

Result<std::unique_ptr<Keeper>> Keeper::open(const Config& config, Offload& offload,
                                             store::IfAbsent if_absent,
                                             store::Store::Listener listener) {
  std::unique_ptr<Keeper> keeper{new Keeper};
  TRY(const auto master, store::master_key(config.master_key, if_absent));
  TRY(auto files, store::open_sqlite(config.data_dir + "/toolgate.db", offload, keeper->clock_));
  keeper->store_ = std::make_unique<store::SealingStore>(std::move(files), keeper->keyring_);
  if (listener) keeper->store_->on_change(std::move(listener));
  TRY(auto secrets, run_task(store::Secrets::open(*keeper->store_, master)));
  keeper->secrets_ = std::make_unique<store::Secrets>(std::move(secrets));
  // Session tokens are sealed under a key of their own, made of the master key, so that `toolgate
  // env` can issue them without asking the server.
  TRY(auto session_key,
      crypto::SealKey::from_bytes(crypto::hmac_sha256(master.bytes(), "toolgate session tokens")));
  keeper->sessions_ = std::make_unique<identity::SessionTokens>(std::move(session_key));
  keeper->connect_secret_ =
      crypto::hex(crypto::hmac_sha256(master.bytes(), "toolgate connect secret"));
  return keeper;
}

}  // namespace toolgate::app
