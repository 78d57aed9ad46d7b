// Hands a request to the process of a version, and its answer back as it comes.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/client.h"
#include "net/http.h"
#include "runtimes/served.h"

namespace toolgate::services::agentcore {

struct Relay {
  bool agent_card = false;
  // What the program shows AgentCore Identity for whom it acts; empty: nothing.
  std::string workload_token;
};

// The caller is signed in. Waits for a program that is being started. Fails with Code::unavailable
// (it does not run: why), Code::conflict (the version has been replaced meanwhile; nothing was
// sent), Code::throttled (too many sessions) and Code::upstream (an HTTP agent answered an error).
// An answer that is a stream is passed on piece by piece. `client` reaches loopback.
Task<Result<net::Response>> relay(net::Request& request, const Relay& how,
                                  std::shared_ptr<const runtimes::Served> served,
                                  net::Client& client);

}  // namespace toolgate::services::agentcore
