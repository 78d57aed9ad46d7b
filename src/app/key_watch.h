// Keeps the keyring true: asks KMS for every data key of gateways and token vaults once the server
// runs, when a key, a policy or a role has changed, and every so often; what KMS does not give any
// more leaves memory, and comes back when KMS gives it again.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "catalogue/runner.h"
#include "net/worker.h"
#include "services/agentcore/data_keys.h"
#include "store/keyring.h"
#include "store/store.h"

namespace toolgate::app {

class KeyWatch {
 public:
  // A key that KMS refuses is locked at once. One that KMS cannot be asked about is believed for so
  // many times `every` since KMS gave it last.
  static constexpr int believed_for = 5;

  // All outlive the object.
  struct Options {
    store::Store* store = nullptr;
    store::Keyring* keyring = nullptr;
    const services::agentcore::DataKeys* kms = nullptr;
    net::Worker* worker = nullptr;
    catalogue::Runner* runner = nullptr;
    std::chrono::seconds every{60};
    // What stands under the envelope of this gateway or vault can be read from now on, or not.
    std::function<void(const store::Key& owner)> turned;
  };
  explicit KeyWatch(Options options);
  ~KeyWatch();

  // Begins; `ready` is called when every key was asked for once. Once the server runs.
  void start(std::function<void()> ready);
  void stop();

  // To be called by the store for each commit; brief, any thread.
  void changed(const std::vector<store::Change>& changes);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace toolgate::app
