// One process that runs a function's calls, one at a time. It asks us for work over the Lambda
// Runtime API; this object is both sides' meeting point: invoke() for who calls, next(), answer()
// and fail_with() for the process.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/event.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "functions/call_log.h"
#include "functions/function.h"
#include "net/http.h"
#include "processes/processes.h"

namespace toolgate::functions {

class Environment : public std::enable_shared_from_this<Environment> {
 public:
  struct Options {
    std::shared_ptr<const Function> function;
    std::shared_ptr<CallLog> log;
    const Clock* clock = nullptr;  // this and the next outlive the object
    Offload* offload = nullptr;
    std::string token;  // of its Runtime API
    bool prints_marks = false;
    std::filesystem::path scratch;  // removed when it ends
  };
  // Lambda's init phase has 10 seconds; a laptop's disk may need more.
  static constexpr std::chrono::seconds init_within{20};

  explicit Environment(Options options) : options_{std::move(options)} {}
  ~Environment();

  // Takes the program that was spawned with output_sink(); watches it from this thread on.
  void adopt(std::shared_ptr<processes::Child> child);
  [[nodiscard]] processes::OutputSink output_sink() const;

  // Until it first asks for work. Nothing when it did; else what a call gets instead.
  Task<std::optional<Outcome>> initialise(const Invocation& first);
  // One call. The environment must be initialised and have no other call. Nothing when the process
  // ended before it took the call, which another one may then run.
  enum class Tail : unsigned char { none, wanted };
  Task<std::optional<Outcome>> invoke(Invocation invocation, Tail tail);

  [[nodiscard]] bool is_usable() const;
  // Ends the process at once.
  void end();

  // The Runtime API.
  Task<net::Response> next();
  struct Reply {
    bool failed = false;
    std::string body;
    bool too_large = false;
  };
  // False when there is no call of that id.
  bool answer(std::string_view request_id, Reply reply);
  void fail_init(std::string body);

  [[nodiscard]] const Function& function() const { return *options_.function; }
  [[nodiscard]] const std::string& token() const { return options_.token; }
  std::chrono::steady_clock::time_point used_at = std::chrono::steady_clock::now();
  const std::chrono::steady_clock::time_point born_at = std::chrono::steady_clock::now();

 private:
  static Task<void> watch(std::shared_ptr<Environment> self,
                          std::shared_ptr<processes::Child> child);
  [[nodiscard]] net::Response event_of(const Invocation& invocation) const;
  Task<void> settle_log(std::chrono::milliseconds at_most);
  static Task<void> close_later(std::shared_ptr<CallLog> log);
  [[nodiscard]] bool was_not_taken();
  Outcome conclude(const Invocation& invocation, std::chrono::microseconds took);
  [[nodiscard]] Outcome timed_out(const Invocation& invocation) const;
  [[nodiscard]] Outcome ended(const Invocation& invocation) const;

  const Options options_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<processes::Child> child_;
  bool initialised_ = false;
  bool over_ = false;  // the process is gone, or is to go
  std::optional<processes::Exit> exit_;
  std::optional<std::string> init_error_;
  std::optional<Invocation> waiting_;  // for the process to take
  std::optional<Deadline> deadline_;
  std::string current_id_;
  std::int64_t deadline_ms_ = 0;
  std::optional<Reply> reply_;
  std::optional<std::chrono::microseconds> init_took_;
  std::shared_ptr<Event> ready_ = std::make_shared<Event>();  // init is over, well or not
  std::shared_ptr<Event> handed_ = std::make_shared<Event>();
  std::shared_ptr<Event> done_ = std::make_shared<Event>();
};

// {"errorType","errorMessage"} as Lambda's own failures look.
[[nodiscard]] Outcome failure(std::string_view type, std::string_view message);

}  // namespace toolgate::functions
