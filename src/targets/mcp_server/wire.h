// One JSON-RPC exchange with an MCP server: POST, answer as JSON or as a stream of events.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "mcp/message.h"
#include "net/client.h"
#include "net/credential.h"
#include "net/http.h"
#include "net/worker.h"
#include "targets/propagation.h"

namespace toolgate::targets::mcp_server {

// Where and as whom: what all exchanges of one call share.
struct Line {
  const net::Url& url;
  const net::Credential& credential;
  net::Worker& worker;
  Deadline deadline;
  int hops = 0;
  const std::shared_ptr<const net::Caller>* caller = nullptr;  // who waits; may be null
  std::size_t answer_bytes_max = 0;
  const Passage* sends = nullptr;  // what of the client's request goes along; may be null
  Passage* takes = nullptr;        // who takes what the client may have of the answer; may be null
  Steps* steps = nullptr;          // ClientRequest::steps
};

// What an exchange says beside its body.
struct Session {
  std::string id;              // Mcp-Session-Id, or empty
  net::PreparedFields fields;  // all that every request of the session carries
  mutable bool over = false;   // the server has forgotten it: nobody need end it
};
// `version` is the MCP-Protocol-Version; empty before initialize was answered. Fails with
// Code::upstream for an id that cannot stand in a header.
[[nodiscard]] Result<Session> make_session(std::string id, std::string_view version);

struct Exchange {
  int status = 0;
  std::string session_id;             // the answer's Mcp-Session-Id, if any
  std::optional<mcp::Answer> answer;  // nothing for 202 and for errors without a JSON-RPC body
  std::shared_ptr<const std::string> buffer;  // what `answer` points into
};

// Sends one message and waits for the answer with its id (`raw_id` empty: a notification, no answer
// is awaited). Statuses other than 2xx are no failure here, so that the caller may tell 401 from
// 404. Fails as net::Client does, with the step in the message, and with Code::upstream for an
// answer that is no JSON-RPC, has another id, or ends without one. All arguments outlive the task.
Task<Result<Exchange>> exchange(const Line& line, const Session& session, std::string_view message,
                                std::string_view raw_id);

}  // namespace toolgate::targets::mcp_server
