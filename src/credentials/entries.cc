#include "credentials/entries.h"

#include <algorithm>

namespace toolgate::credentials {

Entry* Entries::find(std::string_view key) {
  const auto found = entries_.find(key);
  return found != entries_.end() ? &found->second : nullptr;
}

void Entries::put(const std::string& key, Entry entry, Time now) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    found->second = std::move(entry);
    return;
  }
  if (entries_.size() >= count_max_) make_room(now);
  entries_.emplace(key, std::move(entry));
}

void Entries::drop(std::string_view key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) entries_.erase(found);
}

bool Entries::drop(std::string_view key, const net::Credential& credential) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.credential.get() != &credential) return false;
  entries_.erase(found);
  return true;
}

// What has ended goes; when nothing has, what would be made anew soonest.
void Entries::make_room(Time now) {
  const auto has_ended = [&](const auto& item) { return item.second.fresh_until <= now; };
  if (std::erase_if(entries_, has_ended) > 0) return;
  entries_.erase(std::ranges::min_element(
      entries_, {}, [](const auto& item) { return item.second.fresh_until; }));
}

}  // namespace toolgate::credentials
