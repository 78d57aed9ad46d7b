// One request on its way through the data plane: what each MCP method gets, and the methods' table.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/task.h"
#include "credentials/consents.h"
#include "credentials/credentials.h"
#include "gateway/breaker.h"
#include "gateway/metrics.h"
#include "gateway/search_rate.h"
#include "gateway/snapshot.h"
#include "identity/principal.h"
#include "mcp/message.h"
#include "net/http.h"
#include "net/worker.h"
#include "targets/propagation.h"

namespace toolgate::vended {
class InvocationLog;
}

namespace toolgate::gateway {

// What outlives every request.
struct Services {
  const credentials::Credentials& credentials;
  Metrics& metrics;
  vended::InvocationLog* log = nullptr;             // null: invocations are not logged
  const credentials::Consents* consents = nullptr;  // null: only where no user is ever asked
  SearchRate* search_rate = nullptr;                // null: as often as anyone likes
  Breaker::Settings breaker = {};
};

struct Turn {
  const Services& services;
  const Snapshot& snapshot;
  const identity::Principal& caller;
  const mcp::Message& message;
  net::Worker& worker;
  int hops = 0;
  const std::shared_ptr<const net::Caller>* waiting = nullptr;  // who waits for the answer
  std::string_view request_id;                                  // of the HTTP request
  std::string_view traceparent;                                 // as the caller gave it, or empty
  std::string_view bytes;                                       // of the message, whole
  // Where a call leaves what it showed to the target. May be null.
  std::shared_ptr<const net::Credential>* shown = nullptr;
  // Where a call says what kind it is counted with (Metrics::add_call). May be null.
  std::size_t* kind = nullptr;
  const net::Request* request = nullptr;  // null in tests only
  targets::Passage* passage = nullptr;    // of the call, where its target has a Propagation
};

// The answer of a method: a whole JSON-RPC message, or nothing for a notification.
struct Reply {
  std::string message;
  int status = 200;                 // of HTTP
  std::string_view outcome = "ok";  // for the log: "ok", "tool_error", "unknown_tool", …
  net::Headers headers = {};        // the target's that the client may have, or our own
};

// One each of the rows in methods.cc, which find_method reads. The turn outlives the task.
Task<Reply> initialize(const Turn& turn);
Task<Reply> ping(const Turn& turn);
Task<Reply> list_tools(const Turn& turn);
Task<Reply> call_tool(const Turn& turn);

struct Method {
  std::string_view name;
  Task<Reply> (*run)(const Turn&);
};
[[nodiscard]] const Method* find_method(std::string_view name);

}  // namespace toolgate::gateway
