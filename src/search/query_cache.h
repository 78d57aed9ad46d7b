// The vectors of the queries of late, so that a repeated one costs no inference.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "search/vectors.h"

namespace toolgate::search {

// Least recently used goes first. Any thread.
class QueryCache {
 public:
  explicit QueryCache(std::size_t count_max) : count_max_{count_max} {}

  [[nodiscard]] std::optional<std::vector<Vector>> find(std::string_view query) {
    const std::scoped_lock lock{mutex_};
    const auto at = places_.find(query);
    if (at == places_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, at->second);
    return at->second->second;
  }

  void add(std::string query, std::vector<Vector> vectors) {
    const std::scoped_lock lock{mutex_};
    if (places_.contains(query)) return;
    entries_.emplace_front(std::move(query), std::move(vectors));
    places_.emplace(entries_.front().first, entries_.begin());
    if (entries_.size() <= count_max_) return;
    places_.erase(entries_.back().first);
    entries_.pop_back();
  }

 private:
  using Entry = std::pair<std::string, std::vector<Vector>>;
  std::size_t count_max_;
  std::mutex mutex_;
  std::list<Entry> entries_;
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;  // views into entries_
};

}  // namespace toolgate::search
