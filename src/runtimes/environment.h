// Python environments for runtimes: made once for the same requirements and interpreter, kept.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "processes/processes.h"
#include "runtimes/interpreters.h"
#include "runtimes/recipe.h"

namespace toolgate::runtimes {

// Lines for people: a build's log. Any thread.
using Log = std::function<void(std::string_view line)>;

struct PythonEnvironment {
  std::filesystem::path folder;  // of the virtual environment; empty: the interpreter alone
  Interpreter interpreter;
  std::shared_ptr<const void> in_use;  // while it or a copy lives, the folder stays
};

class Environments {
 public:
  struct Options {
    std::filesystem::path folder;
    processes::Supervisor* supervisor = nullptr;  // outlives this
    Offload* offload = nullptr;                   // outlives this
    // The server's own variables: where interpreters and uv are, and how packages are fetched
    // (PIP_*, UV_*, proxies, certificates). Programs of runtimes never see them.
    std::vector<std::pair<std::string, std::string>> variables;
    Substitutes substitutes = Substitutes::allowed;
  };
  explicit Environments(Options options);

  struct Wish {
    Recipe recipe;
    std::filesystem::path tree;            // of the image, which recipe's paths are in
    std::string digest;                    // of the tree: part of the key when projects are built
    std::vector<std::string> constraints;  // "mcp<2"
  };
  // Any thread. Builds what is not there: minutes, at most build_within. Fails with Code::invalid
  // (the packages cannot be installed: the message ends with pip's last lines), Code::unavailable
  // (no interpreter, no sandbox), Code::timeout. `log` is told what is done and all that pip says.
  Task<Result<PythonEnvironment>> provide(Wish wish, Log log);

  static constexpr std::chrono::minutes build_within{15};

  // Removes what an interrupted build has left, and of the environments that nobody uses those that
  // were not wanted for longest, beyond `unused_count_max`. Blocks. From the first call on, builds
  // do the same at their end: call it when all that runs has its environment again.
  void sweep();
  static constexpr std::size_t unused_count_max = 16;

 private:
  bool touch_and_sweep(const std::filesystem::path& folder);
  [[nodiscard]] std::vector<std::filesystem::path> set_aside();
  [[nodiscard]] std::shared_ptr<const void> use(const std::string& key);
  Task<Result<void>> build(const Wish& wish, const Interpreter& interpreter,
                           const std::filesystem::path& folder, const Log& log);
  Task<Result<void>> run(std::vector<std::string> argv, const Wish& wish,
                         const Interpreter& interpreter, const std::filesystem::path& folder,
                         const std::filesystem::path& directory, const Log& log, Deadline deadline);
  [[nodiscard]] std::string_view variable(std::string_view name) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> variables_for(
      const std::filesystem::path& folder) const;

  Options options_;
  std::mutex mutex_;                                        // guards what follows
  std::map<std::string, std::shared_ptr<Event>> building_;  // by key
  std::map<std::string, std::weak_ptr<const void>> used_;   // by key
  bool sweeping_ = false;
};

}  // namespace toolgate::runtimes
