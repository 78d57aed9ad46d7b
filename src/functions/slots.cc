#include "functions/slots.h"

#include <algorithm>

namespace toolgate::functions {
namespace {

std::unexpected<Error> rate_exceeded() {
  auto error = fail(Code::throttled, "Rate Exceeded.");
  error.error().name = "TooManyRequestsException";
  return error;
}

void take_one(std::map<std::string, std::size_t>& counts, const std::string& function) {
  const auto found = counts.find(function);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

std::size_t count_in(const std::map<std::string, std::size_t>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

Slots::Slot::~Slot() { slots_->give_back(function_); }

bool Slots::is_free(const std::string& function, std::size_t limit) const {
  return total_ < bounds_.running_count_max && count_in(running_, function) < limit;
}

Task<Result<std::shared_ptr<Slots::Slot>>> Slots::take(std::string function, std::size_t limit,
                                                       Deadline deadline) {
  if (limit == 0) co_return rate_exceeded();
  auto waiter = std::make_shared<Waiter>();
  {
    const std::scoped_lock lock{mutex_};
    const std::size_t before = count_in(waiting_count_, function);
    if (before == 0 && is_free(function, limit)) {
      ++total_;
      ++running_[function];
      co_return std::make_shared<Slot>(shared_from_this(), function);
    }
    if (before >= bounds_.waiting_count_max) co_return rate_exceeded();
    waiter->function = function;
    waiter->limit = limit;
    ++waiting_count_[function];
    waiting_.push_back(waiter);
  }
  co_await waiter->changed.wait(deadline);
  {
    const std::scoped_lock lock{mutex_};
    if (!waiter->given) {
      std::erase(waiting_, waiter);
      take_one(waiting_count_, function);
      co_return rate_exceeded();
    }
  }
  co_return std::make_shared<Slot>(shared_from_this(), function);
}

void Slots::give_back(const std::string& function) {
  const std::scoped_lock lock{mutex_};
  --total_;
  take_one(running_, function);
  // The first that may: a function at its own limit does not hold up others.
  for (auto at = waiting_.begin(); at != waiting_.end() && total_ < bounds_.running_count_max;) {
    Waiter& waiter = **at;
    if (!is_free(waiter.function, waiter.limit)) {
      ++at;
      continue;
    }
    ++total_;
    ++running_[waiter.function];
    take_one(waiting_count_, waiter.function);
    waiter.given = true;
    waiter.changed.set();
    at = waiting_.erase(at);
  }
}

std::size_t Slots::running() const {
  const std::scoped_lock lock{mutex_};
  return total_;
}

}  // namespace toolgate::functions
