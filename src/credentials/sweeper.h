// Documents that end (a member "ends", milliseconds) and that nobody deletes: removed now and then,
// by who writes new ones.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/task.h"
#include "store/store.h"

namespace toolgate::credentials {

// Any thread.
class Sweeper {
 public:
  // Removes what has ended under a prefix, at most every bounds::sweep_ended_every.
  Task<void> sweep(store::Store& store, store::Key prefix, Time now);

 private:
  std::atomic<std::int64_t> next_{0};  // milliseconds
};

}  // namespace toolgate::credentials
