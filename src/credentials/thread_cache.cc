#include "credentials/thread_cache.h"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "credentials/bounds.h"

namespace toolgate::credentials {

ThreadCache::Entry* ThreadCache::find(std::string_view key) {
  const auto found = entries_.find(key);
  return found != entries_.end() ? &found->second : nullptr;
}

void ThreadCache::put(const std::string& key, Entry entry, Time now) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    found->second = std::move(entry);
    return;
  }
  if (entries_.size() >= bounds::cached_credentials_count_max) make_room(now);
  entries_.emplace(key, std::move(entry));
}

void ThreadCache::drop(std::string_view key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) entries_.erase(found);
}

// What has ended goes; when nothing has, what would be made anew soonest.
void ThreadCache::make_room(Time now) {
  if (std::erase_if(entries_, [&](const auto& item) { return item.second.fresh_until <= now; }) > 0) {
    return;
  }
  entries_.erase(std::ranges::min_element(
      entries_, {}, [](const auto& item) { return item.second.fresh_until; }));
}

ThreadCache::Lead::Lead(const ThreadCache& cache, std::string key, std::uint64_t generation)
    : flights_{cache.flights_}, key_{std::move(key)}, flight_{std::make_shared<Flight>()} {
  flight_->generation = generation;
  flights_->emplace(key_, flight_);
}

ThreadCache::Lead::~Lead() {
  flights_->erase(key_);
  for (auto* timer : flight_->waiting) timer->cancel();
}

std::shared_ptr<ThreadCache::Flight> ThreadCache::flight(std::string_view key) const {
  const auto found = flights_->find(key);
  return found != flights_->end() ? found->second : nullptr;
}

Task<bool> ThreadCache::ended(std::shared_ptr<Flight> flight, boost::asio::io_context& io,
                              Deadline deadline) {
  boost::asio::steady_timer timer{io, deadline};
  // Leaves the list with the coroutine's frame, also when that is destroyed while it waits.
  struct Place {
    Flight& flight;
    std::list<boost::asio::steady_timer*>::iterator at;
    ~Place() { flight.waiting.erase(at); }
  };
  const Place place{*flight, flight->waiting.insert(flight->waiting.end(), &timer)};
  const auto [error] =
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return error == boost::asio::error::operation_aborted;
}

}  // namespace toolgate::credentials
