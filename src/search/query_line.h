// Queries that wait for the model: short ones first, and long ones one at a time, so that a request
// of many sentences holds up itself and not the others.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace toolgate::search {

// Any thread.
class QueryLine {
 public:
  using Clock = std::chrono::steady_clock;
  struct Query {
    std::vector<std::string> texts;
    // Runs it, on the thread that took it.
    std::function<void(const std::vector<std::string>&)> run;
    std::size_t bytes = 0;  // of the texts, filled in by add()
    Clock::time_point since = {};
  };

  void add(Query query, Clock::time_point now);
  // Runs what waits until nothing may begin. To be called on a thread of the model's once for each
  // query that was added.
  void serve();
  // What waits is dropped.
  void clear();

  // The next that may begin; nothing when none waits, or long ones alone and one of them runs.
  // Tests; serve() calls it.
  std::optional<Query> take(Clock::time_point now);
  void finished(const Query& query);

 private:
  std::mutex mutex_;
  std::vector<Query> waiting_;  // oldest first
  bool long_one_runs_ = false;
};

}  // namespace toolgate::search
