// What is kept, opened: data directory, master key, store, secrets. Shared by `serve` and by the
// commands that look into a server's store.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "identity/access_keys.h"
#include "store/keyring.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::app {

class Keeper {
 public:
  // `if_absent`: whether a master key is made when there is none. Fails with what could not be
  // opened and why.
  static Result<std::unique_ptr<Keeper>> open(const Config& config, Offload& offload,
                                              store::IfAbsent if_absent,
                                              store::Store::Listener listener);

  // What stands under customers' KMS keys is opened with this keyring alone.
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] store::Keyring& keyring() { return keyring_; }
  [[nodiscard]] const store::Secrets& secrets() const { return *secrets_; }
  [[nodiscard]] const identity::SessionTokens& sessions() const { return *sessions_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  // What a program of this machine shows to be given a tunnel (net/tunnels.h). It follows from the
  // master key, so that it stays the same when the server is started again.
  [[nodiscard]] const std::string& connect_secret() const { return connect_secret_; }

 private:
  Keeper() = default;
  SystemClock clock_;
  store::Keyring keyring_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Secrets> secrets_;
  std::unique_ptr<identity::SessionTokens> sessions_;
  std::string connect_secret_;
};

}  // namespace toolgate::app
