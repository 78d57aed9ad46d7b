// One process's log stream, as Lambda writes it: INIT_START, START, what the program prints, END,
// REPORT. Bounded: a program that prints without end costs neither memory nor the journal's others.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "functions/function.h"

namespace toolgate::functions {

// Where a line goes. Any thread, brief.
using LineSink = std::function<void(std::string_view line)>;

class CallLog {
 public:
  // What REPORT says.
  struct Report {
    std::string request_id;
    std::chrono::microseconds duration{0};
    std::uint64_t memory_mb = 0;
    std::optional<std::chrono::microseconds> init;  // of the first call of a process
    std::string status;                             // "timeout", "error", or empty
  };

  // `mark` begins the line that our own bootstraps print when a call's output is over, with the
  // memory used in KiB behind it; empty for programs that do not.
  CallLog(LineSink sink, std::string mark) : sink_{std::move(sink)}, mark_{std::move(mark)} {}

  // Any thread. A line of ours.
  void say(std::string_view line);
  // A line of the program.
  void output(std::string_view line);

  void start(std::string_view request_id, std::string_view version);
  // The call is over: END and REPORT follow once the program's mark has come.
  void finish(Report report);
  // They follow now, mark or not: the program ended, or prints no mark.
  void close();
  // True when the last call's REPORT is written.
  [[nodiscard]] bool is_closed() const;
  // The last bytes of the current or last call's log.
  [[nodiscard]] std::string tail() const;

 private:
  void write(std::string_view line);
  void close_locked();
  void tell_dropped();
  [[nodiscard]] bool has_room(std::size_t bytes);

  const LineSink sink_;
  const std::string mark_;
  mutable std::mutex mutex_;  // guards what follows
  std::optional<Report> pending_;
  bool marked_ = false;
  std::uint64_t used_kib_ = 0;
  std::string tail_;
  // A bucket of bytes that fills with time.
  double room_bytes_ = burst_bytes_max;
  std::chrono::steady_clock::time_point filled_at_ = std::chrono::steady_clock::now();
  std::uint64_t dropped_lines_ = 0;
  std::uint64_t dropped_bytes_ = 0;

  static constexpr double burst_bytes_max = 4.0 * 1024 * 1024;
  static constexpr double bytes_per_second_max = 1024.0 * 1024;
};

// "2026-03-01T12:00:00.123Z"
[[nodiscard]] std::string timestamp_of(std::int64_t milliseconds);

}  // namespace toolgate::functions
