// When to start a child again that has ended: with growing pauses, and not at all once it crashes
// in a loop.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "processes/processes.h"

namespace toolgate::processes {

class Restarts {
 public:
  struct Policy {
    std::chrono::milliseconds first_pause{1'000};
    std::chrono::milliseconds longest_pause{60'000};
    // One that lived this long was healthy: pauses begin anew, and crashes before are forgotten.
    std::chrono::milliseconds healthy_after{60'000};
    // So many unhealthy ends in a row are a loop.
    int crashes_count_max = 5;
  };
  explicit Restarts(Policy policy) : policy_{policy} {}
  Restarts() : Restarts{Policy{}} {}

  struct Verdict {
    // How long to wait before the next start; nothing: give up.
    std::optional<std::chrono::milliseconds> pause;
    // One sentence for people, with the child's last lines: "crashed 5 times in a row: exited with
    // code 3; last output: …".
    std::string reason;
  };
  // After each end. A child that was stopped is not started again.
  [[nodiscard]] Verdict ended(const Exit& exit, std::chrono::milliseconds lived);

 private:
  Policy policy_;
  int crashes_ = 0;
};

}  // namespace toolgate::processes
