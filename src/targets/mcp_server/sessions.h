// Sessions with MCP servers: one handshake, then reused by every call of this thread that goes to
// the same server with the same credential.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/event.h"
#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "targets/mcp_server/wire.h"

namespace toolgate::targets::mcp_server {

// One thread's sessions (Worker::local), by target and credential.
class Sessions {
 public:
  // The open session, if there is one. The hot path's only look.
  [[nodiscard]] const Session* find(std::string_view key) const;
  // Opens one by a handshake, or waits for the handshake that another call has begun and shares its
  // outcome: if each call tried for itself, one after the other, a server that is slow to fail
  // would keep the last of them waiting for all.
  Task<Result<Session>> open(std::string key, Line line);
  // Always a new handshake; its session takes the place of the old one.
  Task<Result<Session>> reopen(std::string key, Line line);
  // The server does not know this session any more.
  void drop(std::string_view key, std::string_view session_id);
  // An id for the next request; unique in this thread, hence in each of its sessions.
  [[nodiscard]] std::string next_id() { return std::to_string(++last_id_); }

 private:
  struct Handshake {
    Event ended;
    std::optional<Error> failure;  // once ended
  };
  struct Slot {
    bool open = false;
    Session session;
    std::shared_ptr<Handshake> handshake;  // set while one is under way
  };
  TextMap<Slot> slots_;
  std::uint64_t last_id_ = 0;
};

// initialize and notifications/initialized. The message names the handshake as the failing step.
Task<Result<Session>> handshake(Line line, std::string raw_id);

// The same failure, its message beginning with the step in which it happened.
[[nodiscard]] Error in_step(std::string_view step, Error error);

// What went wrong with an exchange that got an answer, for a message: "returned HTTP 400 to the
// initialize handshake", with the JSON-RPC error's message when there is one.
[[nodiscard]] Error refusal(const Line& line, const Exchange& exchange, std::string_view step);

}  // namespace toolgate::targets::mcp_server
