// How often a gateway may be searched, where the operator sets a rate: a bucket that a minute
// fills.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace toolgate::gateway {

// Any thread.
class SearchRate {
 public:
  // 0: as often as anyone likes.
  explicit SearchRate(std::size_t per_minute) : per_minute_{static_cast<double>(per_minute)} {}

  // Takes one search of the gateway's; nothing when it may be done, else how long until the next.
  [[nodiscard]] std::optional<std::chrono::seconds> take(std::string_view gateway,
                                                         std::chrono::steady_clock::time_point now);

 private:
  struct Bucket {
    double searches = 0;
    std::chrono::steady_clock::time_point filled;
  };
  // Those that are full again say nothing.
  void drop_full(std::chrono::steady_clock::time_point now);
  [[nodiscard]] double content(const Bucket& bucket,
                               std::chrono::steady_clock::time_point now) const;

  double per_minute_;
  std::mutex mutex_;
  TextMap<Bucket> buckets_;
};

}  // namespace toolgate::gateway
