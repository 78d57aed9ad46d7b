// For tests of what another thread or process does.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace toolgate {

// No test waits longer for what must come.
constexpr auto test_patience = std::chrono::seconds{30};

// Looks again and again, until it holds or the time is up.
inline bool soon(const std::function<bool()>& holds,
                 std::chrono::milliseconds within_time = test_patience) {
  const auto until = std::chrono::steady_clock::now() + within_time;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace toolgate
