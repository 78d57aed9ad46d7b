// Which process of a version answers a request. Sessions of agents have a process each, as AWS
// gives each a machine of its own; an MCP server's requests share one, because its sessions are in
// its own hands (Mcp-Session-Id) and a gateway has none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "runtimes/instance.h"

namespace toolgate::runtimes {

class Sessions;

// The sessions of all versions. When there are too many, the one that was not used for longest
// makes place; those that have had one request alone go first: an SDK that was told no session
// makes up another for every call. One whose program says that it works by itself stays.
class SessionTable {
 public:
  explicit SessionTable(std::size_t count_max) : count_max_{count_max} {}
  [[nodiscard]] std::size_t count() const;

 private:
  friend class Sessions;
  struct Held {
    std::shared_ptr<Instance> instance;
    std::uint64_t requests = 0;
  };
  using Key = std::pair<const Sessions*, std::string>;
  using Spared = std::set<std::shared_ptr<Instance>>;
  // With the mutex held: whose turn it is to make place, but for `spared`; null when every other
  // session has a request in flight.
  [[nodiscard]] std::shared_ptr<Instance> oldest(const Spared& spared) const;
  // With the mutex held: false when it is used again, or not there any more.
  bool remove_unused(const Instance& instance);

  const std::size_t count_max_;
  mutable std::mutex mutex_;  // guards what follows, and the spares of all versions
  std::map<Key, Held> held_;
};

// The processes of one version. Any thread.
class Sessions : public std::enable_shared_from_this<Sessions> {
 public:
  enum class Sharing : std::uint8_t { one_each, all_one };
  // Makes an instance that begins to start; `ended` is told when it is over.
  using Make = std::function<std::shared_ptr<Instance>(std::function<void(const Instance&)> ended)>;
  Sessions(std::shared_ptr<SessionTable> table, Sharing sharing, Make make)
      : table_{std::move(table)}, sharing_{sharing}, make_{std::move(make)} {}

  // Starts one process: the next session's, or everybody's. Once.
  void start();
  // Waits until that process answers. Fails as Instance::ready.
  Task<Result<void>> ready(Deadline deadline);

  struct Taken {
    std::unique_ptr<Instance::Use> use;
    std::uint16_t port = 0;  // on loopback
  };
  // The session's process, once it answers; a new session takes the one that is ready, and the next
  // begins to start. Fails as Instance::ready, with Code::throttled when too many sessions are
  // busy, and with Code::conflict when the version has been replaced meanwhile.
  Task<Result<Taken>> take(std::string session, Deadline deadline);
  // Any process: for what is no session's, an agent's card.
  Task<Result<Taken>> borrow(Deadline deadline);

  // Ends the session's process, at once. Fails with Code::not_found; where all share one process, a
  // session has nothing of its own to end.
  Task<Result<void>> end(std::string session);
  // All processes: requests in flight get `grace`.
  void stop(std::chrono::milliseconds grace);

 private:
  Task<Result<std::unique_ptr<Instance::Use>>> open(std::string session);
  // Null: there is no place for it.
  Result<std::unique_ptr<Instance::Use>> open_where_there_is_place(const std::string& session);
  [[nodiscard]] std::shared_ptr<Instance> make();
  void forget(const Instance& instance);

  const std::shared_ptr<SessionTable> table_;
  const Sharing sharing_;
  const Make make_;
  // Guarded by the table's mutex.
  std::shared_ptr<Instance> spare_;  // no session's; null before start() and after stop()
};

}  // namespace toolgate::runtimes
