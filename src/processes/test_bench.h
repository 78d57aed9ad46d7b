// A supervisor for tests, with real processes. The test program is its own helper.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/run_task.h"
#include "base/test_folder.h"
#include "base/test_wait.h"
#include "processes/processes.h"
#include "processes/tree.h"

namespace toolgate::processes::testing {

using namespace std::chrono_literals;

// Every process of the machine whose environment or command line holds `mark`.
inline std::vector<int> processes_with(const std::string& mark) {
  std::vector<int> found;
  for (const auto& process : descendants(0)) {
    for (const char* file : {"environ", "cmdline"}) {
      // A process that ended between the listing and this is not there: reading fails (ESRCH).
      const auto text = read_file(fmt::format("/proc/{}/{}", process.pid, file), 1 << 20);
      if (!text || process.pid == ::getpid() || !text->contains(mark)) continue;
      found.push_back(process.pid);
      break;
    }
  }
  return found;
}
using toolgate::soon;

class Output {
 public:
  OutputSink sink() {
    return [this](Stream stream, std::string_view line) {
      const std::scoped_lock lock{mutex_};
      bytes_ += line.size() + 1;
      if (lines_.size() < 10'000)
        lines_.push_back((stream == Stream::err ? "! " : "") + std::string{line});
    };
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock{mutex_};
    return lines_;
  }
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const auto& line : lines()) all += line + '\n';
    return all;
  }
  [[nodiscard]] std::size_t bytes() const {
    const std::scoped_lock lock{mutex_};
    return bytes_;
  }
  [[nodiscard]] bool has(const std::string& wanted) const {
    return std::ranges::count(lines(), wanted) > 0;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::size_t bytes_ = 0;
};

inline std::string own_program() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

// The helper's user: root can do more than a laptop's user can.
enum class User : std::uint8_t { own, nobody };

struct Bench {
  explicit Bench(Sandbox sandbox = Sandbox::automatic, User user = User::own) {
    std::string program = own_program();
    if (user == User::nobody) {
      program = folder.write("helper.sh",
                             fmt::format("#!/bin/sh\nexec /usr/bin/setpriv --reuid 65534 --regid "
                                         "65534 --clear-groups {} \"$@\"\n",
                                         program),
                             0755);
    }
    auto helper = Helper::launch(program);
    EXPECT_TRUE(helper);
    helper_pid = helper->pid();
    secret = folder.make("data", user == User::own ? 0700 : 0755);
    folder.write("data/secret", "the-secret", user == User::own ? 0600 : 0644);
    key = folder.write("master.key", "the-key", user == User::own ? 0600 : 0644);
    work = folder.make("work", user == User::own ? 0755 : 0777);
    Supervisor::Options options;
    options.denied = {secret, key};
    options.sandbox = sandbox;
    auto started = Supervisor::start(*std::move(helper), options);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    supervisor = std::move(*started);
  }

  // A shell script, marked so that its processes are found. Nothing of it is left when it ends.
  Command shell(const std::string& script) const {
    return {.argv = {"/bin/sh", "-c", script},
            .environment = {{"PATH", "/usr/bin:/bin"}, {"MARK", mark}},
            .directory = work,
            .writable = {work}};
  }
  Result<std::shared_ptr<Child>> spawn(Command command) {
    return run_task(supervisor->spawn(std::move(command), output.sink()));
  }
  Exit run(Command command) {
    auto child = spawn(std::move(command));
    EXPECT_TRUE(child) << (child ? "" : child.error().message + child.error().detail);
    if (!child) return {};
    auto exit = run_task((*child)->wait(within(30s)));
    EXPECT_TRUE(exit) << "it does not end";
    return exit.value_or(Exit{});
  }
  [[nodiscard]] bool nothing_left() const {
    return soon([this] { return processes_with(mark).empty(); });
  }

  TestFolder folder;
  std::string secret;
  std::string key;
  std::string work;
  std::string mark =
      fmt::format("toolgate-mark-{}-{}", ::getpid(), reinterpret_cast<std::uintptr_t>(this));
  int helper_pid = 0;
  Output output;
  std::unique_ptr<Supervisor> supervisor;
};

}  // namespace toolgate::processes::testing
