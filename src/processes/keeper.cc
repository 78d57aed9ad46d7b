#include "processes/keeper.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "processes/landlock.h"
#include "processes/launch.h"
#include "processes/mounts.h"
#include "processes/paths.h"
#include "processes/sandbox.h"
#include "processes/tree.h"

namespace toolgate::processes {
namespace {

using Clock = std::chrono::steady_clock;

// Looking at /proc costs little in a name space of its own, more on a machine full of processes.
constexpr auto look_every = std::chrono::milliseconds{100};
constexpr auto look_every_everywhere = std::chrono::milliseconds{250};
// Forks beyond the bound fail; the room lets the keeper see that it was passed.
constexpr std::uint64_t tasks_room_count = 32;

bool raise_loopback() {
  const Descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return socket && ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

// From its making on: a child that ended before is seen by the first look.
Descriptor signals_of_deaths() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  return Descriptor{::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
}

class Keeper {
 public:
  explicit Keeper(KeeperPlan plan) : plan_{std::move(plan)} {}

  Result<void> start();
  void watch();
  void report(const Error& error) const {
    (void)send_message(plan_.control.get(),
                       {std::string{word_failed}, std::to_string(static_cast<int>(error.code)),
                        error.message, error.detail});
  }

 private:
  Result<void> prepare();
  Result<Launch> plan_launch();
  void obey();
  void look();
  bool reap();
  void end(Exit::Why why, std::string text);
  void signal_all(int signal) const;
  void kill_all();
  void kill_user() const;
  [[nodiscard]] std::string text_of_end() const;

  [[nodiscard]] const Command& command() const { return plan_.order.command; }

  KeeperPlan plan_;
  Descriptor rules_;
  int pid_ = 0;
  bool ended_ = false;  // the first process did
  int status_ = 0;      // as waitpid tells it
  bool stopping_ = false;
  Clock::time_point kill_at_ = Clock::time_point::max();
};

Result<void> Keeper::prepare() {
  const Order& order = plan_.order;
  if (plan_.user_name_space && !map_own_user(plan_.uid, plan_.gid)) {
    return fail(Code::unavailable, "cannot set up a user name space", std::strerror(errno));
  }
  if (plan_.name_spaces) {
    if (!mount_own_proc()) {
      return fail(Code::unavailable, "cannot mount /proc for a child", std::strerror(errno));
    }
  } else {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  }
  if (command().network == Network::none && order.sandbox != Sandbox::bubblewrap) {
    if (!plan_.name_spaces) {
      return fail(Code::unavailable, "this machine cannot take the network from a child");
    }
    raise_loopback();
  }
  if (order.sandbox == Sandbox::own_user) {
    for (const auto& path : command().writable) TRY_DO(give_to(path, order.uid));
  }
  const bool confined = order.sandbox == Sandbox::own_user || order.sandbox == Sandbox::landlock;
  if (!confined) return {};
  Access access{
      .readable = command().readable, .writable = command().writable, .denied = order.denied};
  if (plan_.name_spaces) {
    TRY_DO(apply(view_of(order)));
    // Hidden already, and better: rules would have to leave out what lies above.
    access.denied.clear();
    for (const auto folder : scratch_folders) access.writable.emplace_back(folder);
  }
  // Where users are apart, an older kernel without Landlock is fine.
  if (order.sandbox == Sandbox::landlock || landlock_version() > 0) {
    TRY(rules_, make_rules(access));
  }
  return {};
}

Result<Launch> Keeper::plan_launch() {
  const Order& order = plan_.order;
  std::string path;
  for (const auto& [name, value] : command().environment) {
    if (name == "PATH") path = value;
  }
  TRY(std::string program, find_program(command().argv.front(), path));
  Launch launch{.program = program,
                .argv = command().argv,
                .environment = command().environment,
                .directory = command().directory.empty() ? "/" : command().directory,
                .bounds = command().bounds,
                .rules = rules_ ? &rules_ : nullptr,
                .out = plan_.out.get(),
                .err = plan_.err.get()};
  launch.user_tasks_count_max = command().bounds.processes_count_max + tasks_room_count;
  if (order.sandbox == Sandbox::own_user) {
    launch.uid = order.uid;
  } else {
    // The user runs more than this child: everything on the machine is the upper bound of that.
    launch.user_tasks_count_max += usage_of(descendants(0), ~0ULL).tasks_count;
  }
  if (order.sandbox == Sandbox::bubblewrap) {
    launch.argv = bubblewrap_command(order, program);
    launch.program = launch.argv.front();
    launch.directory = "/";
    launch.drops_capabilities = false;
  }
  return launch;
}

Result<void> Keeper::start() {
  TRY_DO(prepare());
  TRY(const Launch plan, plan_launch());
  TRY(pid_, launch(plan));
  // The pipes end with the tree.
  plan_.out.close();
  plan_.err.close();
  return send_message(plan_.control.get(), {std::string{word_running}, std::to_string(pid_)});
}

void Keeper::signal_all(int signal) const {
  if (plan_.name_spaces) {
    ::kill(-1, signal);  // everything but ourselves, at once
    return;
  }
  // bubblewrap's own two processes would take the rest with them before it has tidied up.
  int inner = 0;
  const bool wrapped = plan_.order.sandbox == Sandbox::bubblewrap && signal != SIGKILL;
  for (const auto& process : descendants(::getpid())) {
    if (wrapped && process.pid == pid_) continue;
    if (wrapped && process.parent == pid_ && inner == 0) {
      inner = process.pid;
      continue;
    }
    ::kill(process.pid, signal);
  }
}

// Everything that runs as the child's user, in one step that no fork escapes.
void Keeper::kill_user() const {
  const unsigned uid = plan_.order.uid;
  const int killer = ::fork();
  if (killer == 0) {
    if (::setresuid(uid, uid, uid) == 0) ::kill(-1, SIGKILL);
    ::_exit(0);
  }
  if (killer > 0) ::waitpid(killer, nullptr, 0);
}

void Keeper::kill_all() {
  for (;;) {
    if (!plan_.name_spaces && plan_.order.sandbox == Sandbox::own_user) kill_user();
    signal_all(SIGKILL);
    if (!reap()) return;
    ::usleep(2'000);
  }
}

std::string Keeper::text_of_end() const {
  if (WIFSIGNALED(status_)) {
    const int signal = WTERMSIG(status_);
    return fmt::format("ended by signal {} ({})", signal, ::strsignal(signal));
  }
  return fmt::format("exited with code {}", WEXITSTATUS(status_));
}

void Keeper::end(Exit::Why why, std::string text) {
  kill_all();
  const bool exited = ended_ && WIFEXITED(status_);
  const bool signalled = ended_ && WIFSIGNALED(status_);
  (void)send_message(plan_.control.get(),
                     {std::string{word_ended}, std::to_string(static_cast<int>(why)),
                      exited ? std::to_string(WEXITSTATUS(status_)) : "-1",
                      signalled ? std::to_string(WTERMSIG(status_)) : "0", std::move(text)});
  ::_exit(0);
}

// Buries who has ended, also what was left to us. False when there is nobody any more.
bool Keeper::reap() {
  int status = 0;
  int pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
    if (pid != pid_) continue;
    ended_ = true;
    status_ = status;
  }
  return pid == 0 || errno != ECHILD;
}

void Keeper::obey() {
  for (;;) {
    auto received = receive_message(plan_.control.get(), Waiting::refused);
    if (!received) end(Exit::Why::lost, "the server is gone");
    if (!*received) return;
    const Message& message = (*received)->message;
    stopping_ = true;
    if (message.front() == word_stop && message.size() == 2) {
      signal_all(SIGTERM);
      signal_all(SIGCONT);  // a stopped process would not hear it
      kill_at_ = Clock::now() + std::chrono::milliseconds{number_of(message[1])};
    } else {
      end(Exit::Why::stopped, "killed");
    }
  }
}

void Keeper::look() {
  const Bounds& bounds = command().bounds;
  const auto usage = usage_of(descendants(::getpid()), bounds.memory_bytes_max);
  if (usage.memory_bytes > bounds.memory_bytes_max) {
    end(Exit::Why::memory, fmt::format("used {} bytes of memory; its bound is {}",
                                       usage.memory_bytes, bounds.memory_bytes_max));
  }
  if (usage.tasks_count > bounds.processes_count_max) {
    end(Exit::Why::processes, fmt::format("ran {} processes and threads; its bound is {}",
                                          usage.tasks_count, bounds.processes_count_max));
  }
}

void Keeper::watch() {
  const Descriptor deaths = signals_of_deaths();
  const auto every = plan_.name_spaces ? look_every : look_every_everywhere;
  auto look_at = Clock::now();
  for (;;) {
    std::array<pollfd, 2> waited{pollfd{.fd = plan_.control.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = deaths.get(), .events = POLLIN, .revents = 0}};
    const auto until = std::min(look_at, kill_at_) - Clock::now();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until).count();
    ::poll(waited.data(), waited.size(), static_cast<int>(std::max<std::int64_t>(0, left)));
    signalfd_siginfo ignored{};
    while (::read(deaths.get(), &ignored, sizeof(ignored)) > 0) {
    }
    reap();
    if (ended_) {
      const auto why = stopping_            ? Exit::Why::stopped
                       : WIFEXITED(status_) ? Exit::Why::exited
                                            : Exit::Why::signalled;
      end(why, text_of_end());
    }
    obey();
    if (Clock::now() >= kill_at_) end(Exit::Why::stopped, "killed: did not end in time");
    if (Clock::now() >= look_at) {
      look();
      look_at = Clock::now() + every;
    }
  }
}

}  // namespace

void keep(KeeperPlan plan) {
  ::signal(SIGPIPE, SIG_IGN);
  Keeper keeper{std::move(plan)};
  if (const auto started = keeper.start(); !started) {
    keeper.report(started.error());
    ::_exit(1);
  }
  keeper.watch();
  ::_exit(0);
}

}  // namespace toolgate::processes
