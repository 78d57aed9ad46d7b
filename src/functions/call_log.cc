#include "functions/call_log.h"

#include <algorithm>
#include <charconv>

namespace toolgate::functions {

void CallLog::write(std::string_view line) {
  options_.sink(line);
  tail_.append(line).push_back('\n');
  // Cut now and then, not at each line.
  if (tail_.size() > 4 * log_tail_bytes_max) tail_.erase(0, tail_.size() - log_tail_bytes_max);
}

void CallLog::write(const LogLines::Lines& lines) {
  for (const auto& line : lines) write(std::string_view{line});
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
  write(lines_.dropped(dropped_lines_, dropped_bytes_));
  dropped_lines_ = 0;
  dropped_bytes_ = 0;
}

void CallLog::begin(std::string_view runtime, std::string_view runtime_arn) {
  const std::scoped_lock lock{mutex_};
  write(lines_.init_start(runtime, runtime_arn));
}

void CallLog::problem(std::string_view request_id, std::string_view text) {
  const std::scoped_lock lock{mutex_};
  write(lines_.problem(request_id, text));
}

void CallLog::output(std::string_view line) {
  const std::scoped_lock lock{mutex_};
  // The mark may stand behind a line that was not ended.
  const auto mark = options_.mark.empty() ? std::string_view::npos : line.find(options_.mark);
  const std::string_view text = line.substr(0, mark);
  if ((mark == std::string_view::npos || !text.empty()) && lines_.wants(text)) {
    if (has_room(text.size() + 32)) {
      write(text);
    } else {
      ++dropped_lines_;
      dropped_bytes_ += text.size() + 1;
    }
  }
  if (mark == std::string_view::npos) return;
  const std::string_view number = line.substr(mark + options_.mark.size());
  std::from_chars(number.data(), number.data() + number.size(), used_kib_);
  marked_ = true;
  if (pending_) close_locked();
}

void CallLog::start(std::string_view request_id, std::string_view version) {
  const std::scoped_lock lock{mutex_};
  if (pending_) close_locked();
  marked_ = false;
  tail_.clear();
  write(lines_.start(request_id, version));
}

void CallLog::start_failed(std::string_view request_id, std::string_view version) {
  const std::scoped_lock lock{mutex_};
  write(lines_.start(request_id, version));
}

void CallLog::finish(Report report) {
  const std::scoped_lock lock{mutex_};
  pending_ = std::move(report);
  if (marked_) close_locked();
}

void CallLog::close() {
  const std::scoped_lock lock{mutex_};
  if (pending_) close_locked();
  tell_dropped();
}

void CallLog::close_locked() {
  tell_dropped();
  write(lines_.end(*pending_, used_kib_));
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
