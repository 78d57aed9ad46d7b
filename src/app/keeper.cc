#include "app/keeper.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/run_task.h"
#include "crypto/hash.h"
#include "store/sealing_store.h"
#include "store/sqlite/sqlite_store.h"

namespace toolgate::app {
namespace {

// A store that is there was sealed with a key: a new one in its place could open nothing, and would
// look like the one that is lost.
Result<crypto::SealKey> master_key_of(const std::string& store_file, const Config& config,
                                      store::IfAbsent if_absent) {
  std::error_code error;
  const bool is_new = !std::filesystem::exists(store_file, error);
  auto key = store::master_key(config.master_key, is_new ? if_absent : store::IfAbsent::fail);
  if (!key && key.error().code == Code::not_found) {
    key.error().message += fmt::format("; the secrets of {} were sealed with it", config.data_dir);
  }
  return key;
}

}  // namespace

Result<std::unique_ptr<Keeper>> Keeper::open(const Config& config, Offload& offload,
                                             store::IfAbsent if_absent,
                                             store::Store::Listener listener) {
  std::unique_ptr<Keeper> keeper{new Keeper};
  const auto path = config.data_dir + "/toolgate.db";
  TRY(const auto master, master_key_of(path, config, if_absent));
  TRY(auto files, store::open_sqlite(path, offload, keeper->clock_));
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
