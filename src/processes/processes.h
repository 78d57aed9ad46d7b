// Runs strangers' programs as supervised child processes: sandboxed, bounded, without anything
// inherited, ended as a whole tree. This header is all that other rooms need.
//
//   main:    auto helper = Helper::launch();             before the first thread
//   app:     auto supervisor = Supervisor::start(std::move(*helper), options);
//   service: auto child = co_await supervisor.spawn(command, sink);
//            … (*child)->running(); co_await (*child)->wait(deadline); co_await (*child)->stop(5s);
//
// A helper process (this binary, executed again) forks a keeper for each child; the keeper ends the
// child's whole tree when it is told to, when a bound is passed, and when the server is gone, even
// by SIGKILL. docs/processes.md has the picture and what each machine can give.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace toolgate::processes {

// What a child may use. Passing one of the first two ends the child, and its Exit says so; the
// others fail inside of the child (EMFILE, EFBIG) or slow its output down.
struct Bounds {
  std::uint64_t memory_bytes_max = 512ULL * 1024 * 1024;  // of the whole tree
  std::uint32_t processes_count_max = 256;                // of the whole tree; threads count too
  std::uint32_t open_files_count_max = 4096;              // of one process
  std::uint64_t file_bytes_max = 1024ULL * 1024 * 1024;   // of one file
  std::uint64_t output_bytes_per_second_max = 1024ULL * 1024;
};

enum class Network : std::uint8_t {
  shared,  // the host's
  none,    // only a loopback of its own; Code::unavailable where the machine cannot
};

struct Command {
  // argv[0] is an absolute path, or a name that is looked for in the PATH of `environment`.
  std::vector<std::string> argv;
  // Complete: nothing of the server's environment is added.
  std::vector<std::pair<std::string, std::string>> environment;
  // Where it starts; readable without being listed. Empty: "/".
  std::string directory;
  // Folders and files beyond the system's own (/usr, /lib, /etc, …) that it may read and execute,
  // and those that it may write too. Absolute; must exist. They may lie inside of what
  // Options::denied hides. Where children run as a user of their own, ownership of everything
  // below `writable` is given to that user.
  std::vector<std::string> readable;
  std::vector<std::string> writable;
  Bounds bounds;
  Network network = Network::shared;
};

enum class Stream : std::uint8_t { out, err };

// Called with each line of output, without its newline, in order, on the supervisor's thread: be
// brief, never wait. Lines longer than `line_bytes_max` come in pieces. Not called any more once
// wait() has given the Exit. A child that prints faster than its bound is slowed down (its pipe
// fills); nothing is dropped, and nothing grows here.
using OutputSink = std::function<void(Stream, std::string_view line)>;
inline constexpr std::size_t line_bytes_max = 16 * 1024;

struct Exit {
  enum class Why : std::uint8_t {
    exited,     // by itself: `code`
    signalled,  // by a signal that we did not send: `signal`
    stopped,    // stop() or the destructor
    memory,     // passed memory_bytes_max
    processes,  // passed processes_count_max
    lost,       // its keeper was killed from outside
  };
  Why why = Why::lost;
  int code = -1;     // of exited, and of stopped when it ended within the grace
  int signal = 0;    // that ended the first process, if one did
  std::string text;  // one sentence: "exited with code 3", "used more than 536870912 bytes of …"
  std::vector<std::string> last_lines{};  // of both streams, at most last_lines_count_max
};
inline constexpr std::size_t last_lines_count_max = 20;

// One running tree. Any thread; coroutines resume on their own.
class Child {
 public:
  // Kills the tree, without waiting for its end.
  virtual ~Child() = default;

  [[nodiscard]] virtual std::uint64_t id() const = 0;  // unique in this server's life
  [[nodiscard]] virtual bool running() const = 0;
  // The end, once there is one; nothing when the deadline comes first. When it is given, no process
  // of the tree is left. Any number of waiters, at any time; the child outlives them.
  virtual Task<std::optional<Exit>> wait(Deadline deadline) = 0;
  // SIGTERM to every process of the tree; what is left after `grace` is killed. Gives the end.
  virtual Task<Exit> stop(std::chrono::milliseconds grace) = 0;
  // SIGKILL to the whole tree at once, without waiting: for threads that cannot.
  virtual void kill() = 0;
};

// The helper process, launched before the server has threads or secrets.
class Helper {
 public:
  // Executes `executable` with `helper_word` as its only argument and an empty environment. Fails
  // with Code::unavailable.
  static Result<Helper> launch(const std::string& executable = "/proc/self/exe");
  Helper(Helper&& other) noexcept
      : executable_{std::move(other.executable_)},
        socket_{std::exchange(other.socket_, -1)},
        pid_{std::exchange(other.pid_, -1)} {}
  Helper& operator=(Helper&&) = delete;
  ~Helper();

  // Another one in its place, when it was killed: running children do not need it. From any thread.
  Result<void> relaunch();

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] int pid() const { return pid_; }

 private:
  Helper(std::string executable, int socket, int pid)
      : executable_{std::move(executable)}, socket_{socket}, pid_{pid} {}
  void bury();
  std::string executable_;
  int socket_;
  int pid_;
};

// The hidden first argument of the binary; main answers it with run_helper()'s value, at once.
inline constexpr std::string_view helper_word = "__supervise";
int run_helper();

// Makes this process's memory, environment and descriptors unreadable for others of its user
// (PR_SET_DUMPABLE). A debugger and a leak checker need the opposite.
void forbid_inspection();

enum class Sandbox : std::uint8_t {
  automatic,   // the first that works here: own_user as root, else bubblewrap, else landlock
  own_user,    // a user id of its own, with name spaces where allowed
  bubblewrap,  // bwrap
  landlock,    // rules of the kernel, with name spaces where allowed
  none,        // the server's own user and files: only with allow_unsandboxed
};
std::string_view name_of(Sandbox sandbox);

class Supervisor {
 public:
  struct Options {
    // What no child may see: the data directory, the master key's file. Absolute.
    std::vector<std::string> denied;
    Sandbox sandbox = Sandbox::automatic;
    bool allow_unsandboxed = false;
    // User ids for own_user; those that belong to an account of the machine are left out.
    std::uint32_t first_uid = 58'000;
    std::uint32_t uids_count = 1'000;
    std::size_t children_count_max = 512;
  };
  // Owns a thread. Says in the log which sandbox and which bounds this machine gives. The first
  // spawn that nothing can protect fails, not the start.
  static Result<std::unique_ptr<Supervisor>> start(Helper helper, Options options);
  // Kills every tree and waits for their ends. Children that are still held only give their Exit.
  virtual ~Supervisor() = default;

  // From any thread. Answers once the program runs. Fails with Code::invalid (no such program or
  // folder, not executable, an argument with a NUL), Code::too_large (arguments and environment
  // above 128 KiB), Code::quota (too many children), Code::unavailable (no sandbox, no helper) and
  // Code::timeout. The supervisor outlives the task.
  virtual Task<Result<std::shared_ptr<Child>>> spawn(Command command, OutputSink sink) = 0;

  // The sandbox that children get here, `none` when they are refused or unprotected. Waits for the
  // helper to have found out.
  [[nodiscard]] virtual Sandbox sandbox() const = 0;
};

}  // namespace toolgate::processes
