#include "credentials/shared_cache.h"

namespace toolgate::credentials {

std::optional<Entry> SharedCache::find(std::string_view key) {
  const std::scoped_lock lock{mutex_};
  const Entry* entry = entries_.find(key);
  return entry != nullptr ? std::optional{*entry} : std::nullopt;
}

void SharedCache::put(const std::string& key, Entry entry, Time now) {
  const std::scoped_lock lock{mutex_};
  refused_.erase(key);
  entries_.put(key, std::move(entry), now);
}

void SharedCache::drop(std::string_view key) {
  const std::scoped_lock lock{mutex_};
  entries_.drop(key);
}

void SharedCache::refuse(const std::string& key, const net::Credential& credential,
                         std::string mark) {
  const std::scoped_lock lock{mutex_};
  if (!entries_.drop(key, credential)) return;
  // Forgetting them all costs one refused call each, no more.
  if (refused_.size() >= bounds::shared_credentials_count_max) refused_.clear();
  refused_.insert_or_assign(key, std::move(mark));
}

std::string SharedCache::refused_mark(std::string_view key) {
  const std::scoped_lock lock{mutex_};
  const auto found = refused_.find(key);
  return found != refused_.end() ? found->second : std::string{};
}

SharedCache::Joined SharedCache::join(std::string_view key, std::uint64_t generation) {
  const std::scoped_lock lock{mutex_};
  if (const auto found = flights_.find(key); found != flights_.end()) {
    return {.flight = found->second, .leads = false};
  }
  auto flight = std::make_shared<Flight>();
  flight->generation = generation;
  flights_.emplace(std::string{key}, flight);
  return {.flight = std::move(flight), .leads = true};
}

SharedCache::Lead::~Lead() {
  {
    const std::scoped_lock lock{cache_->mutex_};
    cache_->flights_.erase(key_);
  }
  flight_->ended.set();
}

}  // namespace toolgate::credentials
