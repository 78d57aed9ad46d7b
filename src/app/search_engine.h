// The search engine of this process, as the settings want it.
#pragma once

#include <memory>
#include <vector>

#include "app/config.h"
#include "base/offload.h"
#include "base/result.h"
#include "credentials/credentials.h"
#include "net/worker.h"
#include "search/embedder.h"
#include "search/engine.h"
#include "store/store.h"

namespace toolgate::app {

// The service of --embeddings-url, else the model file; null when there is neither, which is said
// in the log. Fails with Code::invalid: which setting, what was expected. `credentials`, which
// outlive it, hold the key of --embeddings-key-provider; they may be null where no service is
// asked.
[[nodiscard]] Result<std::unique_ptr<search::Embedder>> open_embedder(
    const Config& config, const credentials::Credentials* credentials);

// Store, pool, credentials and workers outlive the engine.
[[nodiscard]] Result<std::unique_ptr<search::Engine>> open_search(
    const Config& config, store::Store& store, Offload& offload,
    const credentials::Credentials& credentials, const std::vector<net::Worker*>& workers);

}  // namespace toolgate::app
