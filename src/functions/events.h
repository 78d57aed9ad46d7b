// Asynchronous calls: kept in the store before they are answered 202, run in the background, tried
// again after an error. Source: Lambda developer guide, "How Lambda handles errors and retries with
// asynchronous invocation": two more attempts, after one and then two minutes; events that are
// throttled wait for up to six hours.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "functions/documents.h"
#include "functions/runner.h"
#include "net/worker.h"

namespace toolgate::functions {

class Events {
 public:
  // All outlive the object.
  struct Options {
    store::Store* store = nullptr;
    Catalogue* catalogue = nullptr;
    Runner* runner = nullptr;
    const Clock* clock = nullptr;
    net::Worker* worker = nullptr;  // on whose thread they run
    std::chrono::seconds retry_after{60};
    std::size_t waiting_count_max = 10'000;
  };
  explicit Events(Options options) : options_{options} {}

  struct Event {
    model::Place place;
    std::string name;
    std::string qualifier;
    Invocation invocation;
  };
  // Durable when it answers. Fails with Code::throttled when too many wait.
  Task<Result<void>> add(Event event);

  // What the store still has begins to run. Once the server runs.
  void start();

 private:
  struct Shared;
  static Task<void> start_all(std::shared_ptr<Shared> shared);
  static Task<void> run(std::shared_ptr<Shared> shared, store::Key key);
  static Task<bool> attempt(std::shared_ptr<Shared> shared, store::Key key);
  [[nodiscard]] std::shared_ptr<Shared> shared();

  Options options_;
  std::shared_ptr<Shared> shared_;
  std::once_flag once_;
};

}  // namespace toolgate::functions
