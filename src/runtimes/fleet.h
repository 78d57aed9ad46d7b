// All versions that run, and what every endpoint serves. The control plane writes documents and
// says so; invocations look here.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "identity/access_keys.h"
#include "net/address_guard.h"
#include "net/client.h"
#include "net/worker.h"
#include "processes/processes.h"
#include "runtimes/environment.h"
#include "runtimes/image.h"
#include "runtimes/served.h"
#include "runtimes/sessions.h"
#include "store/store.h"

namespace toolgate::runtimes {

// Where a line of output goes. Any thread, brief.
struct LogPlace {
  model::Place place;
  std::string group;
  std::string stream;
};
using LogSink = std::function<void(const LogPlace& at, std::string_view line)>;

class Fleet {
 public:
  // Who a role is for the program of a runtime. Fails with Code::denied, saying why: no such role,
  // or one that does not trust AgentCore for this runtime.
  struct Role {
    std::string account;
    std::string arn;
    std::string session;
    std::string runtime_arn;
  };
  using RoleSession = std::function<Task<Result<identity::Principal>>(Role role)>;

  // All pointers outlive the fleet.
  struct Options {
    std::vector<net::Worker*> workers;
    store::Store* store = nullptr;
    processes::Supervisor* supervisor = nullptr;  // null: nothing can be run
    Environments* environments = nullptr;
    const ImageTrees* images = nullptr;
    Offload* offload = nullptr;
    const Clock* clock = nullptr;
    const identity::SessionTokens* sessions = nullptr;
    const identity::IssuerAliases* issuer_aliases = nullptr;
    RoleSession role_session;
    LogSink log;
    std::filesystem::path folder;   // for the children's scratch folders and hooks
    std::function<AwsPlace()> aws;  // where children find AWS
    std::string node;               // the program; empty: there is none
    std::uint64_t memory_bytes_max = 2ULL * 1024 * 1024 * 1024;
    std::size_t sessions_count_max = 16;  // of all versions
  };
  // Writes the hooks. Fails when the folder cannot be written.
  static Result<std::unique_ptr<Fleet>> make(Options options);

  // What an endpoint serves, or null. Any thread, brief.
  [[nodiscard]] std::shared_ptr<const Served> find(std::string_view account,
                                                   std::string_view region, std::string_view id,
                                                   std::string_view endpoint) const;
  // True when the runtime is known, whatever its endpoints.
  [[nodiscard]] bool knows(std::string_view account, std::string_view region,
                           std::string_view id) const;

  // Brings up a version from its document (`recipe`, `imageDigest` and the caller's settings) and
  // waits until it answers. One that runs already is left alone. It is kept, whether it is named or
  // not, until settle(). Fails with why it does not run.
  Task<Result<void>> bring_up(store::Key runtime, int version, Json document, Log log);

  // Reads a runtime's documents again: endpoints serve what they name from then on; versions that
  // no endpoint names any more are stopped, as those of a runtime that is gone.
  Task<Result<void>> refresh(store::Key runtime);

  // A deployment is over, its documents are written: refreshes, and lets go of the version if no
  // endpoint names it.
  Task<Result<void>> settle(store::Key runtime, int version);

  // At start: all runtimes of the store. Versions that endpoints name begin to start.
  Task<Result<void>> start_all();

  // GET with a child's own token: temporary credentials of its role, in the form of ECS's
  // container credentials.
  static constexpr std::string_view credentials_path = "/runtime-credentials";
  Task<net::Response> credentials(const net::Request& request);

  // The client of a thread that may reach children on loopback.
  [[nodiscard]] net::Client& client(const net::Worker& worker) const {
    return *clients_[worker.index()];
  }

  [[nodiscard]] const Options& options() const { return options_; }

 private:
  using VersionKey = std::pair<store::Key, int>;
  struct Running {
    std::shared_ptr<Sessions> sessions;
    std::string token;
  };
  using Endpoints = std::map<std::string, std::shared_ptr<const Served>, std::less<>>;

  explicit Fleet(Options options);
  Task<Result<std::shared_ptr<Sessions>>> begin(store::Key runtime, int version,
                                                const Json& document, const Log& log);
  [[nodiscard]] Sessions::Make maker(const store::Key& runtime, int version,
                                     Instance::Options options) const;
  // Without a scratch folder: each process has its own.
  [[nodiscard]] Launch launch_of(const store::Key& runtime, const Json& document, Recipe recipe,
                                 PythonEnvironment python, std::string token) const;
  [[nodiscard]] processes::OutputSink output_of(const store::Key& runtime, int version) const;
  Task<Result<Endpoints>> read_endpoints(const store::Key& runtime, std::set<int>& named);
  void drop(const store::Key& runtime, const std::set<int>& named);
  [[nodiscard]] std::shared_ptr<Sessions> running(const VersionKey& key) const;

  Options options_;
  const std::shared_ptr<SessionTable> sessions_;
  std::filesystem::path hooks_;
  std::unique_ptr<net::AddressGuard> guard_;
  std::vector<std::unique_ptr<net::Client>> clients_;

  mutable std::mutex mutex_;  // guards what follows; held for look-ups only
  std::map<VersionKey, Running> running_;
  std::set<VersionKey> held_;  // of deployments that are not over
  std::map<store::Key, std::shared_ptr<const Endpoints>> served_;
  std::map<std::string, Role, std::less<>> roles_;  // by a child's token
};

// The constraints that a builder adds by itself, because of what the entry file imports: "mcp<2"
// for FastMCP of mcp 1.x. Blocks.
[[nodiscard]] std::vector<std::string> own_constraints(const Recipe& recipe,
                                                       const std::filesystem::path& tree);

}  // namespace toolgate::runtimes
