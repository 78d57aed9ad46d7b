#include "credentials/thread_cache.h"

#include <algorithm>

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
  const auto has_ended = [&](const auto& item) { return item.second.fresh_until <= now; };
  if (std::erase_if(entries_, has_ended) > 0) return;
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
  flight_->ended.set();
}

std::shared_ptr<ThreadCache::Flight> ThreadCache::flight(std::string_view key) const {
  const auto found = flights_->find(key);
  return found != flights_->end() ? found->second : nullptr;
}

}  // namespace toolgate::credentials
