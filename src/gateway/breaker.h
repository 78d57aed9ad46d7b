// Keeps calls away from a target that has stopped answering, so that its callers are told at once
// and it is not asked by all of them while it comes up again. One a target and process.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"

namespace toolgate::gateway {

// Error::name of a call that was not sent. The message is for every caller; the detail is what the
// last call failed with.
inline constexpr std::string_view circuit_open_name = "circuit_open";

// Any thread.
class Breaker {
 public:
  struct Settings {
    std::size_t failures = 10;               // in a row, until calls are kept away; 0: never
    std::size_t longest_seconds = 30;        // what `first` doubles to while they fail
    std::chrono::milliseconds first{1'000};  // until the first call is let through again
  };

  // A call in a row of failures, or none. The hot path's only look: one relaxed read.
  [[nodiscard]] bool troubled() const { return troubled_.load(std::memory_order_relaxed); }

  // Of a troubled target: whether a call may go. One may each time the back-off has passed. `name`
  // is the target's. Fails with Code::unavailable and circuit_open_name.
  Result<void> admit(std::string_view name, Deadline now);

  // How a call went that was sent. `failed` gives true when it has closed the way just now.
  bool failed(const Error& error, const Settings& settings, Deadline now);
  // Of a troubled target alone: it has answered. True when the way had been closed.
  bool answered();

 private:
  std::atomic<bool> troubled_ = false;
  std::mutex mutex_;  // guards the rest
  std::size_t row_ = 0;
  bool open_ = false;
  bool probing_ = false;  // a call was let through, and its end is awaited until try_at_
  Deadline since_;        // the first failure of the row
  Deadline try_at_;
  std::chrono::milliseconds back_off_{0};
  std::string_view why_;
  std::string last_;
};

// Whether a failure says that the target does not answer: not reached, no answer in time, 5xx,
// broken off. A refusal, an error in the target's own words or a caller that has gone do not.
[[nodiscard]] bool is_outage(const Error& error);

}  // namespace toolgate::gateway
