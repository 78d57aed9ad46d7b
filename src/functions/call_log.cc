#include "functions/call_log.h"

#include <algorithm>
#include <charconv>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace toolgate::functions {
namespace {

double in_ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

// Lambda bills whole milliseconds.
std::int64_t billed_ms(std::chrono::microseconds time) { return (time.count() + 999) / 1000; }

std::string report_line(const CallLog::Report& report, std::uint64_t used_kib) {
  auto line = fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\t"
      "Memory Size: {} MB\t",
      report.request_id, in_ms(report.duration), billed_ms(report.duration), report.memory_mb);
  if (used_kib > 0) line += fmt::format("Max Memory Used: {} MB\t", (used_kib + 1023) / 1024);
  if (report.init) line += fmt::format("Init Duration: {:.2f} ms\t", in_ms(*report.init));
  if (!report.status.empty()) line += fmt::format("Status: {}\t", report.status);
  return line;
}

}  // namespace

std::string timestamp_of(std::int64_t milliseconds) {
  const std::chrono::sys_time<std::chrono::seconds> whole{
      std::chrono::seconds{milliseconds / 1000}};
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", whole, milliseconds % 1000);
}

void CallLog::write(std::string_view line) {
  sink_(line);
  tail_.append(line).push_back('\n');
  // Cut now and then, not at each line.
  if (tail_.size() > 4 * log_tail_bytes_max) tail_.erase(0, tail_.size() - log_tail_bytes_max);
}

bool CallLog::has_room(std::size_t bytes) {
  const auto now = std::chrono::steady_clock::now();
  const double passed = std::chrono::duration<double>(now - filled_at_).count();
  filled_at_ = now;
  room_bytes_ = std::min(burst_bytes_max, room_bytes_ + passed * bytes_per_second_max);
  if (room_bytes_ < static_cast<double>(bytes)) return false;
  room_bytes_ -= static_cast<double>(bytes);
  return true;
}

void CallLog::tell_dropped() {
  if (dropped_lines_ == 0) return;
  write(
      fmt::format("[toolgate] {} lines ({} bytes) of output were dropped: the function prints "
                  "faster than its log takes",
                  dropped_lines_, dropped_bytes_));
  dropped_lines_ = 0;
  dropped_bytes_ = 0;
}

void CallLog::say(std::string_view line) {
  const std::scoped_lock lock{mutex_};
  write(line);
}

void CallLog::output(std::string_view line) {
  const std::scoped_lock lock{mutex_};
  // The mark may stand behind a line that was not ended.
  const auto mark = mark_.empty() ? std::string_view::npos : line.find(mark_);
  const std::string_view text = line.substr(0, mark);
  if (mark == std::string_view::npos || !text.empty()) {
    if (has_room(text.size() + 32)) {
      write(text);
    } else {
      ++dropped_lines_;
      dropped_bytes_ += text.size() + 1;
    }
  }
  if (mark == std::string_view::npos) return;
  const std::string_view number = line.substr(mark + mark_.size());
  std::from_chars(number.data(), number.data() + number.size(), used_kib_);
  marked_ = true;
  if (pending_) close_locked();
}

void CallLog::start(std::string_view request_id, std::string_view version) {
  const std::scoped_lock lock{mutex_};
  if (pending_) close_locked();
  marked_ = false;
  tail_.clear();
  write(fmt::format("START RequestId: {} Version: {}", request_id, version));
}

void CallLog::finish(Report report) {
  const std::scoped_lock lock{mutex_};
  pending_ = std::move(report);
  if (marked_ || mark_.empty()) close_locked();
}

void CallLog::close() {
  const std::scoped_lock lock{mutex_};
  if (pending_) close_locked();
  tell_dropped();
}

void CallLog::close_locked() {
  tell_dropped();
  write(fmt::format("END RequestId: {}", pending_->request_id));
  write(report_line(*pending_, used_kib_));
  pending_.reset();
  marked_ = false;
}

bool CallLog::is_closed() const {
  const std::scoped_lock lock{mutex_};
  return !pending_;
}

std::string CallLog::tail() const {
  const std::scoped_lock lock{mutex_};
  const std::size_t size = std::min(tail_.size(), log_tail_bytes_max);
  return tail_.substr(tail_.size() - size);
}

}  // namespace toolgate::functions
