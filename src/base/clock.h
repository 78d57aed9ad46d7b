// Wall time, behind an interface so that tests move it.
#pragma once

#include <chrono>
#include <cstdint>

namespace toolgate {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  // Any thread.
  [[nodiscard]] virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }
};

// A clock that stands still until it is moved. Not for several threads.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start = Time{std::chrono::seconds{1'700'000'000}}) : now_{start} {}
  [[nodiscard]] Time now() const override { return now_; }
  void move(std::chrono::milliseconds by) { now_ += by; }

 private:
  Time now_;
};

inline std::int64_t milliseconds_of(Time time) { return time.time_since_epoch().count(); }
inline std::int64_t seconds_of(Time time) { return milliseconds_of(time) / 1000; }

}  // namespace toolgate
