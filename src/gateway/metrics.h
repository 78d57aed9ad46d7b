// What the data plane counts: a block per thread, so that counting is never shared.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/latencies.h"

namespace toolgate::gateway {

enum class Count : unsigned char {
  requests,         // POSTs to a gateway that exists
  sign_in_refused,  // 401 and 403
  tool_calls,
  tool_errors,  // results with isError made by us, and errors of targets
  arguments_refused,
  unknown_tools,
  target_denied,       // the target's address or credential was refused
  target_unavailable,  // could not be reached
  target_timeouts,
  circuits_opened,
  circuit_refusals,  // calls that were not sent
  calls_abandoned,   // the client went before the answer
  target_broken,     // answered something that is no answer, too much, or a status that is none
  searches,
  searches_throttled,
  lists,
  last_  // not a count
};

class Metrics {
 public:
  explicit Metrics(std::size_t threads);

  // From thread `thread` only.
  void add(std::size_t thread, Count count) {
    auto& cell = blocks_[thread].cells[static_cast<std::size_t>(count)];
    cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  // A tools/call from its being read to its answer, the credential included. Counted by the kind of
  // target, its place in targets::kinds(), and not by gateway or target: of those users make as
  // many as they like, and each would cost twenty series for ever. Latencies::none is not counted.
  void add_call(std::size_t thread, std::size_t kind, Latencies::Duration took) {
    if (kind != Latencies::none) calls_.add(thread, kind, took);
  }
  // The search tool's place beside them.
  [[nodiscard]] static std::size_t search_kind();
  // Any thread.
  [[nodiscard]] std::uint64_t sum(Count count) const;
  // Prometheus' text exposition format 0.0.4.
  [[nodiscard]] std::string exposition() const;

 private:
  struct alignas(64) Block {
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Count::last_)> cells{};
  };
  std::vector<Block> blocks_;
  Latencies calls_;
};

}  // namespace toolgate::gateway
