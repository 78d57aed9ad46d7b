// Where an identity provider's documents come from: the network, or a test's memory.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "net/worker.h"

namespace toolgate::identity {

class Documents {
 public:
  virtual ~Documents() = default;
  // The JSON object at the URL. Any thread, with that thread's worker. Fails with the codes of
  // net::Client::send, Code::invalid for a bad URL, and Code::upstream for another status than 200
  // or a body that is no JSON object.
  virtual Task<Result<Json>> fetch(std::string url, net::Worker& worker) = 0;
};

// Fetches with the worker's client, within limits::discovery_timeout and
// limits::discovery_bytes_max; redirects are not followed. Stateless, lives as long as the program.
[[nodiscard]] Documents& http_documents();

}  // namespace toolgate::identity
