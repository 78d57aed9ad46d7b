// Who may run a function now: places that are bounded for each function and overall, given in
// order of arrival.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "base/task.h"

namespace toolgate::functions {

// Held by shared_ptr: places that are taken give themselves back to it, also after its owner.
class Slots : public std::enable_shared_from_this<Slots> {
 public:
  struct Bounds {
    std::size_t running_count_max = 64;     // of all functions
    std::size_t waiting_count_max = 1'000;  // calls of one function that wait
  };
  explicit Slots(Bounds bounds) : bounds_{bounds} {}

  // A place; goes back with its last owner.
  class Slot {
   public:
    Slot(std::shared_ptr<Slots> slots, std::string function)
        : slots_{std::move(slots)}, function_{std::move(function)} {}
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    std::shared_ptr<Slots> slots_;
    std::string function_;
  };

  // Waits until fewer than `limit` calls of the function run, and the overall bound allows one
  // more. Fails with Code::throttled: too many wait already, the deadline came, or `limit` is 0.
  Task<Result<std::shared_ptr<Slot>>> take(std::string function, std::size_t limit,
                                           Deadline deadline);

  [[nodiscard]] std::size_t running() const;

 private:
  struct Waiter {
    std::string function;
    std::size_t limit = 0;
    bool given = false;
    Event changed;
  };
  [[nodiscard]] bool is_free(const std::string& function, std::size_t limit) const;
  void give_back(const std::string& function);

  const Bounds bounds_;
  mutable std::mutex mutex_;  // guards what follows
  std::size_t total_ = 0;
  std::map<std::string, std::size_t> running_;
  std::map<std::string, std::size_t> waiting_count_;
  std::list<std::shared_ptr<Waiter>> waiting_;
};

}  // namespace toolgate::functions
