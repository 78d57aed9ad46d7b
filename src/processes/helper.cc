// The helper process: forks keepers, and is the parent of last resort for what outlives one.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "processes/keeper.h"
#include "processes/processes.h"
#include "processes/sandbox.h"
#include "processes/tree.h"

namespace toolgate::processes {
namespace {

constexpr int helper_socket = 3;
constexpr int sweep_every_ms = 500;
// How long keepers get to end their trees once the server is gone.
constexpr auto farewell = std::chrono::seconds{10};

class HelperLoop {
 public:
  explicit HelperLoop(Abilities abilities) : abilities_{abilities} {}
  void run();

 private:
  void start(Received received);
  void sweep();
  void say_farewell();

  Abilities abilities_;
  std::set<int> keepers_;
};

// A new process; 0 in it. Name spaces where `flags` asks for them.
int fork_with(unsigned long flags) {
  if (flags == 0) return ::fork();
  return static_cast<int>(::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, 0UL));
}

void HelperLoop::start(Received received) {
  if (received.descriptors.size() != 3) return;
  auto order = decode_order(received.message);
  if (!order) return;
  KeeperPlan plan{.order = *std::move(order),
                  .uid = ::geteuid(),
                  .gid = ::getegid(),
                  .out = std::move(received.descriptors[0]),
                  .err = std::move(received.descriptors[1]),
                  .control = std::move(received.descriptors[2])};
  const auto flags = name_space_flags(plan.order, abilities_);
  plan.name_spaces = flags != 0;
  plan.user_name_space = (flags & CLONE_NEWUSER) != 0;
  const int pid = fork_with(flags);
  if (pid == 0) {
    ::close(helper_socket);
    keep(std::move(plan));
  }
  if (pid > 0) {
    keepers_.insert(pid);
    return;
  }
  (void)send_message(plan.control.get(),
                     {std::string{word_failed}, std::to_string(static_cast<int>(Code::unavailable)),
                      "cannot fork", std::strerror(errno)});
}

// Buries keepers. Children of ours that are no keeper have lost theirs: they end.
void HelperLoop::sweep() {
  bool buried = false;
  for (int pid = 0; (pid = ::waitpid(-1, nullptr, WNOHANG | __WALL)) > 0;) {
    keepers_.erase(pid);
    buried = true;
  }
  if (!buried) return;  // who has a keeper is no orphan
  std::set<int> lost;
  for (const auto& process : descendants(::getpid())) {
    const bool orphan = process.parent == ::getpid() && !keepers_.contains(process.pid);
    if (!orphan && !lost.contains(process.parent)) continue;
    lost.insert(process.pid);
    ::kill(process.pid, SIGKILL);
  }
}

void HelperLoop::say_farewell() {
  const auto until = std::chrono::steady_clock::now() + farewell;
  while (!descendants(::getpid()).empty() && std::chrono::steady_clock::now() < until) {
    sweep();
    ::usleep(5'000);
  }
  for (const auto& process : descendants(::getpid())) ::kill(process.pid, SIGKILL);
}

void HelperLoop::run() {
  for (;;) {
    pollfd waited{.fd = helper_socket, .events = POLLIN, .revents = 0};
    // Without keepers there is nothing to bury.
    ::poll(&waited, 1, keepers_.empty() ? -1 : sweep_every_ms);
    sweep();
    if (waited.revents == 0) continue;
    auto received = receive_message(helper_socket, Waiting::refused);
    if (!received) break;
    if (*received) start(**std::move(received));
  }
  say_farewell();
}

// In the forked process. Only system calls: the parent may have threads after all.
[[noreturn]] void execute_helper(const char* executable, int socket) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  for (const int stream : {0, 1, 2}) ::dup2(null, stream);
  ::dup2(socket, helper_socket);
  if (socket == helper_socket) ::fcntl(socket, F_SETFD, 0);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  std::string word{helper_word};
  std::string name = "toolgate";
  const std::array<char*, 3> argv{name.data(), word.data(), nullptr};
  const std::array<char*, 1> environment{nullptr};
  ::execve(executable, argv.data(), environment.data());
  ::_exit(127);
}

}  // namespace

void forbid_inspection() {
#if !__has_feature(address_sanitizer)  // the leak checker inspects its own process
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

Result<Helper> Helper::launch(const std::string& executable) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(Code::unavailable, "cannot make the process helper's socket", std::strerror(errno));
  }
  const int pid = ::fork();
  if (pid == 0) execute_helper(executable.c_str(), ends[1]);
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return fail(Code::unavailable, "cannot fork the process helper", std::strerror(errno));
  }
  return Helper{executable, ends[0], pid};
}

Result<void> Helper::relaunch() {
  TRY(Helper fresh, launch(executable_));
  bury();
  socket_ = std::exchange(fresh.socket_, -1);
  pid_ = std::exchange(fresh.pid_, -1);
  return {};
}

Helper::~Helper() { bury(); }

void Helper::bury() {
  if (socket_ < 0) return;
  ::close(socket_);
  const auto until = std::chrono::steady_clock::now() + farewell + std::chrono::seconds{2};
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) ::kill(pid_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
}

int run_helper() {
  forbid_inspection();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  ::prctl(PR_SET_NAME, "toolgate-helper", 0, 0, 0);
  // Its end is the end of its socket, whatever a terminal or a stranger sends.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  const Abilities abilities = probe();
  if (!send_message(helper_socket, encode(abilities))) return 1;
  HelperLoop{abilities}.run();
  return 0;
}

}  // namespace toolgate::processes
