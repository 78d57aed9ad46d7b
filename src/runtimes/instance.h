// One process of a version of a runtime: started, probed, restarted, put to sleep.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/event.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "net/client.h"
#include "net/worker.h"
#include "processes/processes.h"
#include "processes/restarts.h"
#include "runtimes/launch.h"

namespace toolgate::runtimes {

enum class Protocol : std::uint8_t { mcp, http, a2a, agui };

// What a program promises (AgentCore Runtime service contract): its port, where requests go, and
// how it says that it is ready.
struct Contract {
  std::uint16_t port = 8080;
  std::string path = "/invocations";
};
[[nodiscard]] Contract contract_of(Protocol protocol);
[[nodiscard]] std::optional<Protocol> protocol_of(std::string_view name);  // "MCP", "HTTP", …

class Instance : public std::enable_shared_from_this<Instance> {
 public:
  // A container has two minutes to start (AWS: "initialization … 120 seconds").
  static constexpr std::chrono::seconds start_within{120};

  struct Options {
    std::string name;  // in the log: "orders-abc123 version 2"
    Protocol protocol = Protocol::http;
    Contract contract;
    Launch launch;
    std::chrono::seconds idle_timeout{900};
    std::chrono::seconds max_lifetime{28'800};
    std::chrono::seconds start_within{Instance::start_within};
    processes::Supervisor* supervisor = nullptr;  // this and the next outlive the instance
    Offload* offload = nullptr;
    net::Client* client = nullptr;  // of the home thread; may reach loopback
    processes::OutputSink output;
    // Told when the instance is over, on the home thread.
    std::function<void(const Instance&)> ended;
  };
  explicit Instance(Options options) : options_{std::move(options)} {}

  // Begins on the home thread. Once.
  void start(net::Worker& home);

  // The loopback port once the program answers; starts it when it sleeps. Any thread. Fails with
  // Code::unavailable and why it does not run (its last lines), or Code::timeout.
  Task<Result<std::uint16_t>> ready(Deadline deadline);

  // It is one session's from now on: when its process has ended, for whatever reason, it is over.
  void give_to_session() { of_session_ = true; }
  // Over without a reason that a caller should know: stopped, idle, old.
  [[nodiscard]] bool over_in_peace() const;
  [[nodiscard]] bool busy() const { return in_flight_ > 0; }
  // Whether the program answers /ping with HealthyBusy: it works though nobody asks. Any thread;
  // one that does not answer within a second is not busy.
  Task<bool> says_busy();
  [[nodiscard]] std::chrono::steady_clock::time_point last_used() const;
  // Waits until the process on `port` is known to have ended; false when it seems to live on. A
  // program that ends breaks its connections off before its end is seen. Any thread.
  Task<bool> has_left(std::uint16_t port, Deadline deadline);
  // Ends it now, requests in flight or not: SIGTERM, and soon SIGKILL. Answers when it is gone.
  Task<void> end();

  // Counts a request in flight for as long as it lives.
  class Use {
   public:
    explicit Use(std::shared_ptr<Instance> instance);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    [[nodiscard]] Instance& instance() const { return *instance_; }

   private:
    std::shared_ptr<Instance> instance_;
  };

  // Asks it to end: requests in flight get `grace`. Any thread; gone() waits for the end.
  void stop(std::chrono::milliseconds grace);
  Task<bool> gone(Deadline deadline) { return gone_.wait(deadline); }

 private:
  enum class State : std::uint8_t { starting, up, asleep, failed, stopped };

  static Task<void> run(std::shared_ptr<Instance> self);
  Task<void> run_lives();
  Task<bool> run_once();
  Task<Result<std::shared_ptr<processes::Child>>> bring_up();
  Task<Result<void>> probe_until(processes::Child& child, Deadline deadline);
  Task<bool> answers(std::uint16_t port);
  Task<bool> works_by_itself();
  struct Asked;
  static Task<void> ask(std::shared_ptr<Instance> self, std::shared_ptr<Asked> asked);
  Task<std::optional<processes::Exit>> watch(processes::Child& child);
  Task<void> pause(std::chrono::milliseconds time);
  Task<bool> sleep_until_woken(State state, std::string why);
  void set(State state, std::string why = {});
  [[nodiscard]] bool stopping() const { return stop_.is_set(); }

  Options options_;
  std::atomic<net::Worker*> home_ = nullptr;
  processes::Restarts restarts_;
  Event stop_;
  Event gone_;
  std::atomic<std::int64_t> stop_grace_ms_ = 0;
  std::atomic<int> in_flight_ = 0;
  std::atomic<bool> of_session_ = false;
  std::atomic<std::chrono::steady_clock::rep> used_at_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  State state_ = State::starting;
  std::string why_;
  std::uint16_t port_ = 0;
  std::shared_ptr<processes::Child> child_;  // null: none runs
  std::shared_ptr<Event> changed_ = std::make_shared<Event>();
  std::shared_ptr<Event> wake_ = std::make_shared<Event>();
};

// A free port of loopback, for now. Fails with Code::unavailable.
[[nodiscard]] Result<std::uint16_t> free_port();

}  // namespace toolgate::runtimes
