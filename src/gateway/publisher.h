// Builds the data plane's snapshots when the store changes, and hands them to every I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "identity/jwt_authorizer.h"
#include "net/worker.h"
#include "search/engine.h"
#include "store/keyring.h"
#include "store/store.h"

namespace toolgate::gateway {

class Publisher {
 public:
  struct Options {
    std::vector<net::Worker*> workers;
    store::Store* store = nullptr;
    // "http://127.0.0.1:7878", of the URLs in challenges and metadata. Read at each build.
    std::function<std::string()> base_url;
    const identity::IssuerAliases* issuer_aliases = nullptr;  // may be null
    std::size_t page_tools_max = 1'000;                       // of tools/list
    search::Engine* engine = nullptr;         // may be null: then tools are found by words alone
    const store::Keyring* keyring = nullptr;  // of gateways with KMS keys; null: there are none
  };
  explicit Publisher(Options options);
  ~Publisher();

  // Builds every gateway of the store on the calling thread, then begins the builder's own. After
  // the store's changes come here and before the I/O threads run. Fails when the store cannot be
  // read.
  Result<void> start();
  // Ends the builder's thread. From outside the I/O threads.
  void stop();

  // To be called by the store for each commit, in order; brief, any thread.
  void changed(store::Version version, const std::vector<store::Change>& changes);

  // Read your writes: resumes once every thread serves `version` or a later one; false when the
  // deadline came first.
  Task<bool> served(store::Version version, Deadline deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace toolgate::gateway
