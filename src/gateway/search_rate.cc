#include "gateway/search_rate.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace toolgate::gateway {
namespace {

// More gateways at a time than these are looked through for some whose minute is over.
constexpr std::size_t buckets_max = 10'000;

}  // namespace

double SearchRate::content(const Bucket& bucket, std::chrono::steady_clock::time_point now) const {
  const std::chrono::duration<double, std::ratio<60>> minutes = now - bucket.filled;
  return std::min(per_minute_, bucket.searches + minutes.count() * per_minute_);
}

void SearchRate::drop_full(std::chrono::steady_clock::time_point now) {
  std::erase_if(buckets_,
                [&](const auto& entry) { return content(entry.second, now) >= per_minute_; });
}

std::optional<std::chrono::seconds> SearchRate::take(std::string_view gateway,
                                                     std::chrono::steady_clock::time_point now) {
  if (per_minute_ == 0) return std::nullopt;
  const std::scoped_lock lock{mutex_};
  auto at = buckets_.find(gateway);
  if (at == buckets_.end()) {
    if (buckets_.size() >= buckets_max) drop_full(now);
    at = buckets_.emplace(std::string{gateway}, Bucket{.searches = per_minute_, .filled = now})
             .first;
  }
  Bucket& bucket = at->second;
  bucket.searches = content(bucket, now);
  bucket.filled = now;
  if (bucket.searches < 1) {
    const double wait = (1 - bucket.searches) * 60 / per_minute_;
    return std::chrono::seconds{std::max(1L, std::lround(std::ceil(wait)))};
  }
  bucket.searches -= 1;
  return std::nullopt;
}

}  // namespace toolgate::gateway
