// One request to a target that speaks plain HTTP, with the target's credential applied.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "net/client.h"
#include "net/credential.h"
#include "net/http.h"
#include "net/worker.h"
#include "targets/propagation.h"

namespace toolgate::targets {

struct HttpCall {
  std::string method = "GET";
  net::Url url;  // its target holds path and query, %-encoded
  net::Headers headers;
  std::string body;
};

// Where an exchange happens and what bounds it.
struct HttpBounds {
  Deadline deadline;
  int hops = 0;
  const std::shared_ptr<const net::Caller>* caller = nullptr;  // Invocation::caller
  std::size_t answer_bytes_max = limits::http_body_bytes_max;
  Passage* passage = nullptr;  // Invocation::passage
  Steps* steps = nullptr;  // ClientRequest::steps
};

// Puts the credential on the request: a header (in place of one of that name), a query parameter,
// or a SigV4 signature made at `now`.
void apply(const net::Credential& credential, HttpCall& call, Time now);

// Puts on what is propagated, applies the credential, sends, and reads the answer whole. Any status
// is an answer. Fails as net::Client does.
Task<Result<net::ClientResponse>> exchange(HttpCall call, const net::Credential& credential,
                                           net::Worker& worker, HttpBounds bounds);

}  // namespace toolgate::targets
