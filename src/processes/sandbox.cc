#include "processes/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "processes/landlock.h"
#include "processes/mounts.h"
#include "processes/paths.h"

namespace toolgate::processes {
namespace {

constexpr unsigned long own_name_spaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC;
constexpr unsigned probed_uid = 58'000;

bool exits_well(int pid) {
  int status = 0;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

bool has_name_spaces(unsigned long user_flag) {
  const unsigned uid = ::geteuid();
  const unsigned gid = ::getegid();
  const auto pid = ::syscall(SYS_clone, own_name_spaces | CLONE_NEWNET | user_flag | SIGCHLD,
                             nullptr, nullptr, nullptr, 0UL);
  if (pid == 0) {
    if (user_flag != 0 && !map_own_user(uid, gid)) ::_exit(1);
    ::_exit(mount_own_proc() ? 0 : 1);
  }
  return exits_well(static_cast<int>(pid));
}

bool has_own_user() {
  const int pid = ::fork();
  if (pid == 0) {
    const bool done = ::setgroups(0, nullptr) == 0 &&
                      ::setresgid(probed_uid, probed_uid, probed_uid) == 0 &&
                      ::setresuid(probed_uid, probed_uid, probed_uid) == 0;
    ::_exit(done ? 0 : 1);
  }
  return exits_well(pid);
}

bool has_bubblewrap() {
  const std::string program = bubblewrap_program();
  if (program.empty()) return false;
  const int pid = ::fork();
  if (pid == 0) {
    ::execl(program.c_str(), "bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--unshare-ipc",
            "--proc", "/proc", "--dev", "/dev", "--die-with-parent", "--", "/bin/true", nullptr);
    ::_exit(1);
  }
  return exits_well(pid);
}

bool write_file(const char* path, std::string_view text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool done = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return done;
}

}  // namespace

bool map_own_user(unsigned uid, unsigned gid) {
  // Our own files in /proc belong to root while we are not dumpable.
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  const bool done = write_file("/proc/self/setgroups", "deny") &&
                    write_file("/proc/self/uid_map", fmt::format("{} {} 1", uid, uid)) &&
                    write_file("/proc/self/gid_map", fmt::format("{} {} 1", gid, gid));
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return done;
}

std::string bubblewrap_program() {
  return find_program("bwrap", "/usr/bin:/usr/local/bin:/bin").value_or("");
}

Abilities probe() {
  Abilities found;
  found.name_spaces = has_name_spaces(0);
  if (!found.name_spaces) {
    found.name_spaces = found.user_name_spaces = has_name_spaces(CLONE_NEWUSER);
  }
  found.own_user = ::geteuid() == 0 && has_own_user();
  found.bubblewrap = has_bubblewrap();
  found.landlock = landlock_version();
  return found;
}

Message encode(const Abilities& abilities) {
  Message message;
  for (const int value :
       {static_cast<int>(abilities.name_spaces), static_cast<int>(abilities.user_name_spaces),
        static_cast<int>(abilities.own_user), static_cast<int>(abilities.bubblewrap),
        abilities.landlock}) {
    message.push_back(std::to_string(value));
  }
  return message;
}

Abilities decode_abilities(const Message& message) {
  if (message.size() != 5) return {};
  return {.name_spaces = message[0] == "1",
          .user_name_spaces = message[1] == "1",
          .own_user = message[2] == "1",
          .bubblewrap = message[3] == "1",
          .landlock = static_cast<int>(number_of(message[4]))};
}

Result<Sandbox> choose(Sandbox wanted, const Abilities& abilities) {
  const auto works = [&](Sandbox sandbox) {
    switch (sandbox) {
      case Sandbox::own_user:
        return abilities.own_user;
      case Sandbox::bubblewrap:
        return abilities.bubblewrap;
      case Sandbox::landlock:
        return abilities.landlock > 0;
      case Sandbox::automatic:
      case Sandbox::none:
        break;
    }
    return false;
  };
  if (wanted != Sandbox::automatic) {
    if (works(wanted)) return wanted;
    return fail(Code::unavailable,
                fmt::format("this machine has no sandbox \"{}\"", name_of(wanted)));
  }
  // As root a user id of its own comes first: bubblewrap would leave the child user 0.
  for (const auto sandbox : {Sandbox::own_user, Sandbox::bubblewrap, Sandbox::landlock}) {
    if (works(sandbox)) return sandbox;
  }
  return fail(Code::unavailable,
              "nothing here can confine a child process: not root, no bubblewrap (package "
              "bubblewrap), no Landlock in the kernel; --sandbox off runs it unprotected");
}

unsigned long name_space_flags(const Order& order, const Abilities& abilities) {
  if (!abilities.name_spaces || order.sandbox == Sandbox::bubblewrap) return 0;
  unsigned long flags = own_name_spaces;
  if (abilities.user_name_spaces) flags |= CLONE_NEWUSER;
  if (order.command.network == Network::none) flags |= CLONE_NEWNET;
  return flags;
}

View view_of(const Order& order) {
  View view{.denied = order.denied,
            .readable = order.command.readable,
            .writable = order.command.writable,
            .scratch_bytes_max = order.command.bounds.memory_bytes_max / 4};
  const auto is_there = [](const char* path) { return ::access(path, F_OK) == 0; };
  for (const char* folder : {"/root", "/home", "/run"}) {
    if (is_there(folder)) view.denied.emplace_back(folder);
  }
  // Where /etc/resolv.conf leads on systems that write it at run time.
  for (const char* resolver : {"/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager"}) {
    if (is_there(resolver)) view.readable.emplace_back(resolver);
  }
  return view;
}

std::vector<std::string> bubblewrap_command(const Order& order, const std::string& program) {
  const Command& command = order.command;
  std::vector<std::string> line{
      bubblewrap_program(), "--unshare-pid", "--unshare-ipc", "--unshare-uts",
      "--die-with-parent",  "--new-session", "--cap-drop",    "ALL"};
  const auto add = [&line](std::initializer_list<std::string> words) {
    line.insert(line.end(), words);
  };
  if (command.network == Network::none) add({"--unshare-net"});
  // Of /proc and /run it gets its own, or none.
  const auto is_bound = [](std::string_view path) { return path != "/proc" && path != "/run"; };
  for (const char* path : system_paths) {
    if (is_bound(path)) add({"--ro-bind-try", path, path});
  }
  add({"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"});
  const View view = view_of(order);
  const auto hide = [&](const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0) return;
    if (is_folder(path)) return add({"--tmpfs", path});
    add({"--ro-bind", "/dev/null", path});
  };
  for (const auto& path : hidden_folders(view)) {
    // What is bound neither here nor below does not exist in there.
    const auto holds = [&](const char* bound) { return is_bound(bound) && lies_in(path, bound); };
    if (std::ranges::any_of(system_paths, holds)) hide(path);
  }
  for (const auto& path : view.readable) add({"--ro-bind", path, path});
  for (const auto& path : view.writable) add({"--bind", path, path});
  for (const auto& denied : order.denied) {
    for (const auto* paths : {&command.readable, &command.writable}) {
      for (const auto& path : *paths) {
        if (lies_in(denied, path)) hide(denied);
      }
    }
  }
  add({"--remount-ro", "/"});
  add({"--chdir", command.directory.empty() ? "/" : command.directory, "--", program});
  line.insert(line.end(), command.argv.begin() + 1, command.argv.end());
  return line;
}

}  // namespace toolgate::processes
