// How long things took, as a Prometheus histogram. Each thread counts in cells of its own: no lock,
// no shared cache line, no allocation.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate {

class Latencies {
 public:
  using Duration = std::chrono::nanoseconds;
  // What is counted in no series.
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct Options {
    std::string_view name;  // "toolgate_…_seconds"; outlives the object, as the other two
    std::string_view help;
    std::string_view label;
    std::vector<std::string> values;  // of the label: a series each, so there must be few
    std::size_t threads = 1;
  };
  explicit Latencies(Options options);

  // From thread `thread` only.
  void add(std::size_t thread, std::size_t series, Duration took) {
    const std::size_t at = thread * options_.values.size() + series;
    ASSERT(at < series_.size());
    Series& cells = series_[at];
    std::size_t bucket = 0;
    while (bucket < bounds.size() && took > bounds[bucket]) ++bucket;
    grow(cells.buckets[bucket], 1);
    grow(cells.nanoseconds, static_cast<std::uint64_t>(took.count()));
  }

  // Any thread. Prometheus' text exposition format 0.0.4.
  [[nodiscard]] std::string exposition() const;

 private:
  // From what a call over the loopback costs to what nobody waits for.
  static constexpr std::array bounds = [] {
    using std::chrono::microseconds;
    return std::array<Duration, 18>{
        microseconds{100},        microseconds{250},        microseconds{500},
        microseconds{1'000},      microseconds{2'500},      microseconds{5'000},
        microseconds{10'000},     microseconds{25'000},     microseconds{50'000},
        microseconds{100'000},    microseconds{250'000},    microseconds{500'000},
        microseconds{1'000'000},  microseconds{2'500'000},  microseconds{5'000'000},
        microseconds{10'000'000}, microseconds{30'000'000}, microseconds{60'000'000}};
  }();

  using Cell = std::atomic<std::uint64_t>;
  struct alignas(64) Series {
    std::array<Cell, bounds.size() + 1> buckets{};  // the last: longer than every bound
    Cell nanoseconds{};
  };
  // One thread writes, others read: no read-modify-write is needed.
  static void grow(Cell& cell, std::uint64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  Options options_;
  std::vector<Series> series_;  // thread by thread
};

}  // namespace toolgate
