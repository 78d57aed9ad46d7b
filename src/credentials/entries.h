// Credentials at hand, by what they are needed for: a bounded table. A thread has one of its own,
// which the hot path asks without a lock; the process has one behind a lock (shared_cache.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/text.h"
#include "credentials/bounds.h"
#include "net/credential.h"
#include "store/store.h"

namespace toolgate::credentials {

struct Entry {
  std::shared_ptr<const net::Credential> credential;
  Time renew_from;   // from then on it is made anew in the background; Time::max() for keys
  Time fresh_until;  // then a call waits for a new one
  Time ends;         // then it is worth nothing
  store::Version provider = 0;   // the provider's document that it was made from
  std::uint64_t generation = 0;  // Credentials::provider_changed at the last look
};

class Entries {
 public:
  explicit Entries(std::size_t count_max) : count_max_{count_max} {}

  // Nothing, or an entry that is valid until the next change.
  [[nodiscard]] Entry* find(std::string_view key);
  void put(const std::string& key, Entry entry, Time now);
  void drop(std::string_view key);
  // Drops the entry if it still holds this credential.
  bool drop(std::string_view key, const net::Credential& credential);

 private:
  void make_room(Time now);

  std::size_t count_max_;
  TextMap<Entry> entries_;
};

// One thread's: Worker::local.
struct ThreadCache : Entries {
  ThreadCache() : Entries{bounds::cached_credentials_count_max} {}
};

}  // namespace toolgate::credentials
