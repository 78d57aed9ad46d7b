// The lines that Lambda itself writes into a function's log, as text or as JSON, and which lines
// of the program the function's log level leaves out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "functions/function.h"
#include "json/json.h"

namespace toolgate::functions {

// How a call ended, for REPORT.
struct CallReport {
  std::string request_id;
  std::chrono::microseconds duration{0};
  std::uint64_t memory_mb = 0;
  std::optional<std::chrono::microseconds> init = {};  // of the first call of a process
  std::string status = {};                             // "timeout", "error", or empty
  bool failed = false;                                 // the handler said so itself
};

class LogLines {
 public:
  // The clock gives the times of JSON; it outlives the object.
  LogLines(LogForm form, const Clock* clock) : form_{form}, clock_{clock} {}

  // Each gives no line where the system's level leaves it out.
  using Lines = std::vector<std::string>;
  [[nodiscard]] Lines init_start(std::string_view runtime, std::string_view runtime_arn) const;
  [[nodiscard]] Lines start(std::string_view request_id, std::string_view version) const;
  // END and REPORT. `used_kib`: 0 where it is not known.
  [[nodiscard]] Lines end(const CallReport& report, std::uint64_t used_kib) const;
  [[nodiscard]] Lines dropped(std::uint64_t lines, std::uint64_t bytes) const;
  // What went wrong, in words.
  [[nodiscard]] Lines problem(std::string_view request_id, std::string_view text) const;

  // Whether a line of the program is written. One of JSON has a "level"; any other line is INFO
  // ("Log-level filtering", Lambda developer guide).
  [[nodiscard]] bool wants(std::string_view line) const;

 private:
  [[nodiscard]] Lines event(LogLevel level, std::string_view type, JsonObject record) const;

  const LogForm form_;
  const Clock* const clock_;
};

// "2026-03-01T12:00:00.123Z"
[[nodiscard]] std::string timestamp_of(std::int64_t milliseconds);

}  // namespace toolgate::functions
