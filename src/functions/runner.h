// Runs calls of functions: a place by order of arrival, then a process that is idle or a new one.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "functions/environment.h"
#include "functions/launch.h"
#include "functions/packages.h"
#include "functions/runtime_api.h"
#include "functions/slots.h"
#include "identity/access_keys.h"
#include "journal/journal.h"
#include "processes/processes.h"
#include "runtimes/image.h"
#include "store/blobs.h"

namespace toolgate::functions {

class Runner {
 public:
  // Who a role is, as STS would say it. Fails with Code::denied when there is no such role.
  using RoleSession = std::function<Task<Result<identity::Principal>>(
      std::string account, std::string role_arn, std::string session)>;

  // All pointers outlive the runner.
  struct Options {
    processes::Supervisor* supervisor = nullptr;
    Offload* offload = nullptr;
    const Clock* clock = nullptr;
    journal::Journal* journal = nullptr;
    store::Blobs* blobs = nullptr;
    const identity::SessionTokens* sessions = nullptr;
    RoleSession role_session;
    std::filesystem::path folder;             // for code, bootstraps and scratch folders
    std::function<runtimes::AwsPlace()> aws;  // where the processes find AWS
    Machine machine;
    runtimes::Environments* environments = nullptr;  // make Lambda's own packages; may be null
    std::size_t running_count_max = 64;
    std::size_t waiting_count_max = 1'000;  // of one function
  };
  // Makes the folders. Blocks. Fails with Code::unavailable.
  static Result<std::unique_ptr<Runner>> make(Options options);

  static constexpr std::chrono::minutes idle_for{5};
  static constexpr std::chrono::hours lives_for{6};
  static constexpr std::chrono::seconds waits_for{120};  // for a place

  // One call; `limit` is the function's own bound on calls at a time. Fails with Code::throttled
  // and Code::unavailable (nothing can be run here); whatever the function does is an Outcome.
  Task<Result<Outcome>> invoke(std::shared_ptr<const Function> function, Invocation invocation,
                               std::optional<std::size_t> limit, Environment::Tail tail);

  // The function has another revision, or is gone ("" for `revision`): idle processes of others end
  // now, busy ones after their call.
  void renew(const std::string& key, const std::string& revision);
  // Ends what was idle for long. Now and then.
  void tidy();
  // The server ends: idle processes now, busy ones after their call.
  void stop();

  // Unpacks an archive under its digest. Blocks. Fails with Code::invalid and Code::too_large.
  [[nodiscard]] Result<void> unpack(const std::string& digest, std::string_view archive) const;
  // The code of a runtime's function is new, or was found at start: begins to make the packages
  // that it expects of Lambda.
  Task<void> prepare(std::string runtime, std::string digest);
  // Code that is not used any more. At start; blocks.
  void sweep(const std::function<bool(std::string_view digest)>& in_use) const;

  [[nodiscard]] RuntimeApi& api() { return *api_; }
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  struct Warm {
    std::string revision;
    std::vector<std::shared_ptr<Environment>> idle;  // the last used one at the end
  };
  explicit Runner(Options options);
  [[nodiscard]] std::shared_ptr<Environment> take_idle(const Function& function);
  void give_back(const std::shared_ptr<Environment>& environment);
  Task<Result<std::shared_ptr<Environment>>> start(std::shared_ptr<const Function> function);
  Task<Result<std::optional<Outcome>>> run_on(std::shared_ptr<Environment> idle,
                                              std::shared_ptr<const Function> function,
                                              const Invocation& invocation, Environment::Tail tail);
  [[nodiscard]] std::string python_of(std::string_view runtime) const;  // blocks
  // The Python that wants packages for that code; empty: none does.
  Task<std::string> python_wanting_packages(std::string runtime, std::string digest);
  Task<std::filesystem::path> packages_of(const Function& function);
  Task<Result<void>> provide_code(const Function& function);
  [[nodiscard]] std::shared_ptr<CallLog> log_of(const Function& function, std::string stream,
                                                std::string mark) const;

  const Options options_;
  const runtimes::ImageTrees trees_;
  const std::shared_ptr<Slots> slots_;
  const std::shared_ptr<RuntimeApi> api_;
  const std::shared_ptr<Packages> packages_;
  std::mutex mutex_;                  // guards what follows
  std::map<std::string, Warm> warm_;  // by Function::key()
  bool stopping_ = false;
};

}  // namespace toolgate::functions
