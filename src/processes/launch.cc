#include "processes/launch.h"

#include <fcntl.h>
#include <grp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "processes/landlock.h"

namespace toolgate::processes {
namespace {

enum class Step : unsigned char { streams, limits, user, capabilities, rules, directory, execute };
constexpr std::array step_names = {"connect the output of",
                                   "bound",
                                   "give a user of its own to",
                                   "take the privileges from",
                                   "confine",
                                   "enter the directory of",
                                   "execute"};

struct Failure {
  Step step;
  int error;
};

bool limit(__rlimit_resource resource, std::uint64_t value) {
  rlimit limits{};
  if (::getrlimit(resource, &limits) != 0) return false;
  const rlim_t wanted = std::min<rlim_t>(value, limits.rlim_max);
  limits = {.rlim_cur = wanted, .rlim_max = wanted};
  return ::setrlimit(resource, &limits) == 0;
}

// Memory is watched by the keeper; this only stops a tree that allocates faster than it is looked
// at. The room above the bound is for threads' stacks, which count whole though hardly touched.
constexpr std::uint64_t allocation_room_bytes = 1024ULL * 1024 * 1024;

bool set_limits(const Launch& plan) {
  const Bounds& bounds = plan.bounds;
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, bounds.open_files_count_max) &&
         limit(RLIMIT_FSIZE, bounds.file_bytes_max) &&
         limit(RLIMIT_NPROC, plan.user_tasks_count_max) &&
         limit(RLIMIT_DATA, 2 * bounds.memory_bytes_max + allocation_room_bytes);
}

// What executing a file as root would give back.
void empty_bounding_set() {
  for (unsigned long each = 0; each < 64; ++each) ::prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
}

bool drop_capabilities() {
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

bool become(unsigned uid) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(uid, uid, uid) == 0 &&
         ::setresuid(uid, uid, uid) == 0;
}

void default_signals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Gives the step that failed, or does not return.
Step become_program(const Launch& plan, int& status, char* const* argv, char* const* environment) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (::dup2(null, 0) < 0 || ::dup2(plan.out, 1) < 0 || ::dup2(plan.err, 2) < 0) {
    return Step::streams;
  }
  default_signals();
  if (!set_limits(plan)) return Step::limits;
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // Before the user changes: afterwards the bounding set cannot be lowered any more.
  if (plan.drops_capabilities) empty_bounding_set();
  if (plan.uid && !become(*plan.uid)) return Step::user;
  if (plan.drops_capabilities && !drop_capabilities()) return Step::capabilities;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (plan.rules != nullptr && !enter_rules(*plan.rules)) return Step::rules;
  if (::chdir(plan.directory.c_str()) != 0) return Step::directory;
  // Only what tells the keeper of a failure stays, and closes itself when the program begins.
  if (status != 3) status = ::dup2(status, 3);
  ::fcntl(status, F_SETFD, FD_CLOEXEC);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  ::umask(022);
  ::execve(plan.program.c_str(), argv, environment);
  return Step::execute;
}

Error error_of(const Launch& plan, const Failure& failure) {
  const bool callers = (failure.step == Step::directory || failure.step == Step::execute) &&
                       failure.error != ENOMEM && failure.error != EAGAIN;
  return {.code = callers ? Code::invalid : Code::unavailable,
          .message = fmt::format(
              "cannot {} {}: {}", step_names[static_cast<std::size_t>(failure.step)],
              failure.step == Step::directory ? fmt::format("{} ({})", plan.program, plan.directory)
                                              : plan.program,
              std::strerror(failure.error)),
          .detail = {},
          .name = {},
          .fields = {}};
}

}  // namespace

Result<int> launch(const Launch& plan) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(Code::unavailable, "cannot make a pipe", std::strerror(errno));
  }
  const Descriptor reading{ends[0]};
  Descriptor writing{ends[1]};
  std::vector<std::string> argv = plan.argv;
  std::vector<std::string> environment;
  for (const auto& [name, value] : plan.environment) environment.push_back(name + '=' + value);
  const auto argv_pointers = pointers(argv);
  const auto environment_pointers = pointers(environment);
  const int pid = ::fork();
  if (pid == 0) {
    int status = writing.get();
    Failure failure{};
    failure.step = become_program(plan, status, argv_pointers.data(), environment_pointers.data());
    failure.error = errno;
    ::signal(SIGPIPE, SIG_IGN);
    (void)!::write(status, &failure, sizeof(failure));
    ::_exit(127);
  }
  if (pid < 0) return fail(Code::unavailable, "cannot fork", std::strerror(errno));
  writing.close();
  Failure failure{};
  ssize_t size = 0;
  do {
    size = ::read(reading.get(), &failure, sizeof(failure));
  } while (size < 0 && errno == EINTR);
  if (size == 0) return pid;
  ::waitpid(pid, nullptr, 0);
  return std::unexpected(error_of(plan, failure));
}

}  // namespace toolgate::processes
