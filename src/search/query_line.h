// Queries that wait for the model, and which of them go through it together: a pass reads all of
// the model's weights, for one short query as for four, and where that is what takes its time,
// passes are shared.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "search/vectors.h"

namespace toolgate::search {

// Short queries go first, in about the order in which they came. Long ones go one at a time and a
// piece a pass, so that a request of many sentences holds up itself and not the others. Any thread.
class QueryLine {
 public:
  using Clock = std::chrono::steady_clock;
  using Vectors = Result<std::vector<Vector>>;
  struct Query {
    std::vector<std::string> texts;  // none: it only wants a thread
    // Gets one vector a text, on the thread that made the last.
    std::function<void(Vectors)> done;
    // Filled in by the line.
    std::vector<Vector> vectors = {};  // of its first texts
    std::size_t bytes = 0;             // of the texts
    Clock::time_point since = {};
  };
  struct Pass {
    std::vector<Query> queries;
    std::vector<std::string> texts;  // of all of them, one query after the other
    bool has_long_one = false;       // which is alone then
  };
  // One vector a text.
  using Encode = std::function<Vectors(std::span<const std::string>)>;

  // Short queries share a pass up to so many.
  explicit QueryLine(std::size_t queries_together = 1) : queries_together_{queries_together} {}
  // Before the line is served first, or between.
  void set_queries_together(std::size_t count) { queries_together_ = count; }

  void add(Query query, Clock::time_point now);
  // Runs what waits until nothing may begin. To be called on a thread of the model's once for each
  // query that was added.
  void serve(const Encode& encode);
  // What waits is dropped.
  void clear();

  // The next that may begin; nothing when none waits, or long ones alone and one of them runs.
  // Tests; serve() calls it.
  std::optional<Pass> take();
  void finish(Pass pass, Vectors made);

 private:
  using Place = std::vector<Query>::iterator;
  [[nodiscard]] Place next();
  Query remove(Place place);

  std::atomic<std::size_t> queries_together_;
  std::mutex mutex_;
  std::vector<Query> waiting_;  // oldest first
  bool long_one_runs_ = false;
};

}  // namespace toolgate::search
