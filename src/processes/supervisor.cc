// The server's side of child processes: starts them by the helper, hears of them, ends them.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/event.h"
#include "base/log.h"
#include "processes/child_state.h"
#include "processes/order.h"
#include "processes/processes.h"
#include "processes/sandbox.h"
#include "processes/users.h"

namespace toolgate::processes {
namespace {

using namespace std::chrono_literals;

constexpr auto hello_within = 10s;
constexpr auto start_within = 30s;     // giving away many files takes a while
constexpr auto farewell_within = 15s;  // SIGKILL to the last process's end
constexpr auto rate_recovers_in = 50ms;

class ChildHandle final : public Child {
 public:
  explicit ChildHandle(std::shared_ptr<ChildState> state) : state_{std::move(state)} {}
  ~ChildHandle() override {
    if (running()) kill();
  }
  [[nodiscard]] std::uint64_t id() const override { return state_->id(); }
  [[nodiscard]] bool running() const override { return !state_->ended().is_set(); }
  Task<std::optional<Exit>> wait(Deadline deadline) override {
    const auto state = state_;
    co_await state->ended().wait(deadline);
    co_return state->exit();
  }
  Task<Exit> stop(std::chrono::milliseconds grace) override {
    const auto state = state_;
    if (running()) state->tell({std::string{word_stop}, std::to_string(grace.count())});
    co_await state->ended().wait(within(grace + farewell_within));
    auto exit = state->exit();
    if (exit) co_return *std::move(exit);
    co_return Exit{.why = Exit::Why::lost, .text = "its processes do not end, not even by SIGKILL"};
  }
  void kill() override { state_->tell({std::string{word_kill}}); }

 private:
  std::shared_ptr<ChildState> state_;
};

struct Started {
  std::shared_ptr<ChildState> state;
  Message order;
  std::array<Descriptor, 3> given;  // to the keeper
  std::uint32_t uid = 0;
};

class Processes final : public Supervisor {
 public:
  Processes(Helper helper, Options options)
      : helper_{std::move(helper)},
        options_{std::move(options)},
        users_{options_.first_uid, options_.uids_count},
        epoll_{::epoll_create1(EPOLL_CLOEXEC)},
        wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    watch(wake_.get(), 0);
    thread_ = std::thread{[this] { run(); }};
  }
  ~Processes() override {
    stopping_ = true;
    wake();
    thread_.join();
  }

  Task<Result<std::shared_ptr<Child>>> spawn(Command command, OutputSink sink) override;
  [[nodiscard]] Sandbox sandbox() const override {
    greeted_.wait(false);
    return sandbox_.value_or(Sandbox::none);
  }

 private:
  struct Running {
    std::shared_ptr<ChildState> state;
    std::uint32_t uid = 0;
    bool reads = true;  // its pipes are watched
  };

  Result<Started> make(Order order, OutputSink sink);
  void run();
  void greet();
  void begin(Started started);
  void begin_waiting();
  void watch(int descriptor, std::uint64_t id) const;
  void unwatch(int descriptor) const;
  void kill_everyone();
  void forget(std::uint64_t id);
  void wake() const { (void)::eventfd_write(wake_.get(), 1); }

  Helper helper_;
  Options options_;
  // What the helper's first message has led to; set before the two that follow it. To try what the
  // machine gives takes longer than the rest of a start, so that nobody waits for it who need not.
  Result<Sandbox> sandbox_ = fail(Code::unavailable, "the process helper does not begin");
  std::atomic<bool> greeted_ = false;
  Event known_;
  std::mutex mutex_;  // of the four below
  Users users_;
  std::vector<Started> waiting_;
  std::size_t children_count_ = 0;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Running> running_;  // the thread's own
  Descriptor epoll_;
  Descriptor wake_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

Result<Started> Processes::make(Order order, OutputSink sink) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  std::array<int, 2> control{};
  const auto failed = [] {
    return fail(Code::unavailable, "cannot make a child's pipes", std::strerror(errno));
  };
  Started started;
  ChildState::Ends ends;
  if (::pipe2(out.data(), O_CLOEXEC) != 0) return failed();
  ends.out = Descriptor{out[0]};
  started.given[0] = Descriptor{out[1]};
  if (::pipe2(err.data(), O_CLOEXEC) != 0) return failed();
  ends.err = Descriptor{err[0]};
  started.given[1] = Descriptor{err[1]};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control.data()) != 0) return failed();
  ends.control = Descriptor{control[0]};
  started.given[2] = Descriptor{control[1]};
  for (const auto* pipe : {&ends.out, &ends.err}) ::fcntl(pipe->get(), F_SETFL, O_NONBLOCK);

  const std::scoped_lock lock{mutex_};
  if (children_count_ >= options_.children_count_max) {
    return fail(Code::quota,
                fmt::format("{} child processes run already: that is the most", children_count_));
  }
  if (order.sandbox == Sandbox::own_user) {
    const auto uid = users_.take();
    if (!uid) return fail(Code::quota, "no user id is left for a child process");
    order.uid = started.uid = *uid;
  }
  ++children_count_;
  started.order = encode(order);
  started.state = std::make_shared<ChildState>(++last_id_, std::move(ends), std::move(sink),
                                               order.command.bounds);
  return started;
}

Task<Result<std::shared_ptr<Child>>> Processes::spawn(Command command, OutputSink sink) {
  if (!co_await known_.wait(within(start_within))) {
    co_return fail(Code::timeout, "the process helper did not begin in time");
  }
  if (!sandbox_ && !options_.allow_unsandboxed) co_return std::unexpected(sandbox_.error());
  CO_TRY(auto order, make_order(std::move(command), sandbox(), options_.denied));
  CO_TRY(auto started, make(std::move(order), std::move(sink)));
  const auto state = started.state;
  {
    const std::scoped_lock lock{mutex_};
    waiting_.push_back(std::move(started));
  }
  wake();
  // Killed when the caller is not there any more to take it.
  auto child = std::make_shared<ChildHandle>(state);
  if (!co_await state->settled().wait(within(start_within))) {
    co_return fail(Code::timeout, "the child process did not start in time");
  }
  if (auto failure = state->failure()) co_return std::unexpected(*std::move(failure));
  co_return child;
}

void Processes::watch(int descriptor, std::uint64_t id) const {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

void Processes::unwatch(int descriptor) const {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void Processes::begin(Started started) {
  const auto id = started.state->id();
  auto& running = running_[id];
  running = {.state = started.state, .uid = started.uid, .reads = true};
  const auto send = [&] {
    return send_message(helper_.socket(), started.order,
                        {started.given[0].get(), started.given[1].get(), started.given[2].get()});
  };
  auto sent = send();
  if (!sent && sent.error().code == Code::unavailable) {
    log::error("child processes: the helper was killed; another one is started");
    sent = helper_.relaunch();
    if (sent) sent = send();
  }
  if (!sent) {
    started.state->give_up(sent.error());
    forget(id);
    return;
  }
  const auto& ends = running.state->ends();
  for (const int end : {ends.out.get(), ends.err.get(), ends.control.get()}) watch(end, id);
}

void Processes::begin_waiting() {
  eventfd_t ignored = 0;
  (void)::eventfd_read(wake_.get(), &ignored);
  std::vector<Started> waiting;
  {
    const std::scoped_lock lock{mutex_};
    waiting.swap(waiting_);
  }
  for (auto& started : waiting) begin(std::move(started));
}

void Processes::forget(std::uint64_t id) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  const auto& ends = found->second.state->ends();
  // Others may hold the state, and with it the descriptors.
  for (const int end : {ends.out.get(), ends.err.get(), ends.control.get()}) unwatch(end);
  const std::scoped_lock lock{mutex_};
  if (found->second.uid != 0) users_.give_back(found->second.uid);
  --children_count_;
  running_.erase(found);
}

void Processes::kill_everyone() {
  for (const auto& [id, running] : running_) running.state->tell({std::string{word_kill}});
}

void say_what_is_given(const Abilities& abilities, const Result<Sandbox>& sandbox) {
  if (!sandbox) {
    log::warn("child processes: refused: {}", sandbox.error().message);
    return;
  }
  log::info("child processes: sandbox={} name_spaces={} landlock={} memory=watched",
            name_of(*sandbox),
            !abilities.name_spaces || *sandbox == Sandbox::bubblewrap ? "no"
            : abilities.user_name_spaces                              ? "user"
                                                                      : "yes",
            abilities.landlock);
}

// The helper says what the machine gives; that chooses the sandbox.
void Processes::greet() {
  const auto until = within(hello_within);
  std::array<pollfd, 2> waited{pollfd{.fd = helper_.socket(), .events = POLLIN, .revents = 0},
                               pollfd{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
  while (waited[0].revents == 0 && !stopping_ && Deadline::clock::now() < until) {
    ::poll(waited.data(), waited.size(), static_cast<int>(hello_within / 1ms));
  }
  if (waited[0].revents != 0) {
    const auto hello = receive_message(helper_.socket(), Waiting::refused);
    if (hello && *hello) {
      const Abilities abilities = decode_abilities((*hello)->message);
      sandbox_ = options_.sandbox == Sandbox::none
                     ? Result<Sandbox>{fail(Code::unavailable, "no sandbox is wanted")}
                     : choose(options_.sandbox, abilities);
      say_what_is_given(abilities, sandbox_);
    }
  }
  greeted_ = true;
  greeted_.notify_all();
  known_.set();
}

void Processes::run() {
  ::prctl(PR_SET_NAME, "processes", 0, 0, 0);
  greet();
  std::array<epoll_event, 64> events;
  auto give_up_at = Deadline::max();
  while (give_up_at == Deadline::max() ||
         (!running_.empty() && Deadline::clock::now() < give_up_at)) {
    bool slowed = false;
    for (const auto& [id, running] : running_) slowed = slowed || !running.reads;
    const int timeout = slowed || stopping_ ? static_cast<int>(rate_recovers_in / 1ms) : -1;
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
    std::set<std::uint64_t> ready;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;  // of a packed struct
      ready.insert(id);
    }
    if (ready.contains(0)) begin_waiting();
    std::vector<std::uint64_t> ended;
    for (auto& [id, running] : running_) {
      if (!running.reads || ready.contains(id)) {
        const bool reads = !running.state->drain();
        const auto& ends = running.state->ends();
        for (const int pipe : {ends.out.get(), ends.err.get()}) {
          if (reads && !running.reads) watch(pipe, id);
          if (!reads && running.reads) unwatch(pipe);
        }
        running.reads = reads;
      }
      if (ready.contains(id) && running.state->hear() == ChildState::Says::ended) {
        ended.push_back(id);
      }
    }
    for (const auto id : ended) forget(id);
    if (stopping_ && give_up_at == Deadline::max()) {
      kill_everyone();
      give_up_at = within(farewell_within);
    }
  }
}

}  // namespace

std::string_view name_of(Sandbox sandbox) {
  static constexpr std::array<std::string_view, 5> names = {"automatic", "own user", "bubblewrap",
                                                            "landlock", "none"};
  return names[static_cast<std::size_t>(sandbox)];
}

Result<std::unique_ptr<Supervisor>> Supervisor::start(Helper helper, Options options) {
  return std::make_unique<Processes>(std::move(helper), std::move(options));
}

}  // namespace toolgate::processes
