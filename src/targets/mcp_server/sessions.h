// Sessions with MCP servers: one handshake, then reused by every call of this thread that goes to
// the same server with the same credential. Who has an id is ended with the server (DELETE) when it
// was replaced or not used for a while, or when its trial is over.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/event.h"
#include "base/result.h"
#include "base/task.h"
#include "targets/mcp_server/wire.h"

namespace toolgate::targets::mcp_server {

using SessionRef = std::shared_ptr<const Session>;

// Whose session with whom.
struct SessionKeyView {
  std::string_view place;       // target and URL
  std::string_view credential;  // net::Credential::key
};
struct SessionKey {
  std::string place;
  std::string credential;
};
struct SessionKeyHash {
  using is_transparent = void;
  std::size_t operator()(const auto& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.place) * 31 + hash(key.credential);
  }
};
struct SessionKeyEqual {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const {
    return a.place == b.place && a.credential == b.credential;
  }
};

// One thread's sessions (Worker::local), by target and credential.
class Sessions {
 public:
  // The open session, or null. The hot path's only look.
  [[nodiscard]] SessionRef find(SessionKeyView key) const;
  // Opens one by a handshake, or waits for the handshake that another call has begun and shares its
  // outcome: if each call tried for itself, one after the other, a server that is slow to fail
  // would keep the last of them waiting for all.
  Task<Result<SessionRef>> open(SessionKey key, Line line);
  // Always a new handshake; its session takes the place of the old one.
  Task<Result<SessionRef>> reopen(SessionKey key, Line line);
  // One that was opened for another key serves this one too.
  void share(SessionKey key, SessionRef session) { slots_[std::move(key)].session = session; }
  // The server does not know this session any more.
  void drop(SessionKeyView key, std::string_view session_id);
  // Holds what a handshake has opened. Its last holder ends it with the server, in the background
  // and whatever that answers (2025-11-25, Transports: a client that no longer needs a session
  // "SHOULD send an HTTP DELETE"); one without an id just goes.
  [[nodiscard]] SessionRef hold(Session session, std::string_view version, const Line& line);
  // Lets go of the sessions with an id that were not used since the last time. How many are left.
  std::size_t sweep();
  // An id for the next request; unique in this thread, hence in each of its sessions.
  [[nodiscard]] std::string next_id() { return std::to_string(++last_id_); }

 private:
  struct Handshake {
    Event ended;
    std::optional<Error> failure;  // once ended
  };
  struct Slot {
    SessionRef session;                    // null: none is open
    std::shared_ptr<Handshake> handshake;  // set while one is under way
    mutable bool used = true;              // since the last sweep
  };
  void sweep_from_now_on(net::Worker& worker);

  std::unordered_map<SessionKey, Slot, SessionKeyHash, SessionKeyEqual> slots_;
  std::uint64_t last_id_ = 0;
  bool sweeping_ = false;
  // Gone before the sessions are, so that nothing is ended while the thread itself ends.
  std::shared_ptr<const bool> here_ = std::make_shared<const bool>(true);
};

// initialize and notifications/initialized. The message names the handshake as the failing step.
Task<Result<SessionRef>> handshake(Line line, std::string raw_id);

// The same failure, its message beginning with the step in which it happened.
[[nodiscard]] Error in_step(std::string_view step, Error error);

// What went wrong with an exchange that got an answer, for a message: "returned HTTP 400 to the
// initialize handshake", with the JSON-RPC error's message when there is one.
[[nodiscard]] Error refusal(const Line& line, const Exchange& exchange, std::string_view step);

}  // namespace toolgate::targets::mcp_server
