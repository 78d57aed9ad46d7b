// A child's output: cut into lines, and held to a rate.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace toolgate::processes {

// Gives whole lines, without "\n" or "\r\n"; of a line that is too long, pieces.
class Lines {
 public:
  explicit Lines(std::size_t bytes_max) : bytes_max_{bytes_max} {}

  template <class Take>
  void feed(std::string_view bytes, const Take& take) {
    while (!bytes.empty()) {
      const auto newline = bytes.find('\n');
      const auto room = bytes_max_ - partial_.size();
      const auto size = std::min({newline, bytes.size(), room});
      partial_.append(bytes.substr(0, size));
      const bool ends = size == newline;
      bytes.remove_prefix(size + (ends ? 1 : 0));
      if (ends || partial_.size() == bytes_max_) give(ends, take);
    }
  }
  // What stands after the last newline.
  template <class Take>
  void finish(const Take& take) {
    if (!partial_.empty()) give(false, take);
  }

 private:
  template <class Take>
  void give(bool ends, const Take& take) {
    // The newline just after a full piece ends that piece, not an empty line.
    const bool leftover = ends && partial_.empty() && cut_;
    cut_ = !ends;
    if (ends && partial_.ends_with('\r')) partial_.pop_back();
    if (!leftover) take(std::string_view{partial_});
    partial_.clear();
  }

  std::size_t bytes_max_;
  std::string partial_;
  bool cut_ = false;
};

// So many bytes a second, and one second's worth at once.
class Rate {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  Rate(std::uint64_t bytes_per_second, Instant now)
      : per_second_{static_cast<double>(bytes_per_second)}, left_{per_second_}, at_{now} {}

  // May go below zero: the pause is then longer.
  void spend(std::size_t bytes, Instant now) {
    refill(now);
    left_ -= static_cast<double>(bytes);
  }
  [[nodiscard]] bool may_read(Instant now) {
    refill(now);
    return left_ > 0;
  }

 private:
  void refill(Instant now) {
    const std::chrono::duration<double> passed = now - at_;
    at_ = now;
    left_ = std::min(per_second_, left_ + passed.count() * per_second_);
  }

  double per_second_;
  double left_;
  Instant at_;
};

}  // namespace toolgate::processes
