// One process's log stream, as Lambda writes it: INIT_START, START, what the program prints, END,
// REPORT, or the same as events of JSON. Bounded: a program that prints without end costs neither
// memory nor the journal's others.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "functions/log_lines.h"

namespace toolgate::functions {

// Where a line goes. Any thread, brief.
using LineSink = std::function<void(std::string_view line)>;

class CallLog {
 public:
  using Report = CallReport;
  struct Options {
    LineSink sink;
    // Begins the line that our own bootstraps print when a call's output is over, with the memory
    // used in KiB behind it; empty for programs that do not.
    std::string mark;
    LogForm form = {};
    const Clock* clock = nullptr;  // outlives the object
  };
  explicit CallLog(Options options)
      : options_{std::move(options)}, lines_{options_.form, options_.clock} {}

  // Any thread. The process begins; what goes wrong with it or a call.
  void begin(std::string_view runtime, std::string_view runtime_arn);
  void problem(std::string_view request_id, std::string_view text);
  // A line of the program.
  void output(std::string_view line);

  void start(std::string_view request_id, std::string_view version);
  // The same of a call whose process did not come up: its log begins with the process's, where the
  // reason stands.
  void start_failed(std::string_view request_id, std::string_view version);
  // The call is over: END and REPORT follow once the program's mark has come, or with close().
  void finish(Report report);
  // They follow now, mark or not: the program ended, or its output had its time.
  void close();
  // True when the last call's REPORT is written.
  [[nodiscard]] bool is_closed() const;
  // The last bytes of the current or last call's log.
  [[nodiscard]] std::string tail() const;

 private:
  void write(std::string_view line);
  void write(const LogLines::Lines& lines);
  void close_locked();
  void tell_dropped();
  [[nodiscard]] bool has_room(std::size_t bytes);

  const Options options_;
  const LogLines lines_;
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

}  // namespace toolgate::functions
