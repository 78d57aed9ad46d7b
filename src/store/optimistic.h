// Writing what was read, on the condition that nobody wrote it meanwhile: who loses the race reads
// again (optimistic concurrency). Free functions: any backend has them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "store/documents.h"
#include "store/store.h"

namespace toolgate::store {

// A document whose body is an object, as it was read. Version 0: there is none yet, and writing it
// back creates it.
struct Loaded {
  Key key;
  Version version = 0;
  JsonObject body;
};
// Fails with Code::internal when the body is no JSON object: we wrote it ourselves.
[[nodiscard]] Result<Loaded> read(Document document);
// `store` outlives the task.
Task<Result<std::optional<Loaded>>> load(Store& store, Key key);

// That the document is as it was read; version 0: that there is still none.
[[nodiscard]] Precondition unchanged(Key key, Version version, std::string otherwise);

// What a batch holds, with the precondition that goes with it.
void create(Batch& batch, Key key, const JsonObject& body);
void write_back(Batch& batch, const Loaded& loaded);
void write_back(Batch& batch, const JsonDocument& loaded);
void remove(Batch& batch, const Loaded& loaded);

// A precondition did not hold: somebody else's commit came in between.
[[nodiscard]] bool lost_race(const Error& error);

// Reads, changes and commits: the whole of `attempt`, again from the start while it loses the race,
// at most fifty times. What `attempt` refers to outlives the task.
template <class T>
Task<Result<T>> until_written(std::function<Task<Result<T>>()> attempt) {
  // Of those who race one wins each time: fifty at once get through.
  constexpr int attempts_max = 50;
  for (int count = 1;; ++count) {
    Result<T> done = co_await attempt();
    if (done || !lost_race(done.error()) || count == attempts_max) co_return done;
  }
}

}  // namespace toolgate::store
