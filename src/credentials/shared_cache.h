// The credentials of the process, and who is fetching which one: consulted only where a thread's
// own table has nothing, so that a token is fetched once and not once a thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/event.h"
#include "base/result.h"
#include "credentials/entries.h"

namespace toolgate::credentials {

// Any thread; every function is brief.
class SharedCache {
 public:
  using Shared = std::shared_ptr<const net::Credential>;

  [[nodiscard]] std::optional<Entry> find(std::string_view key);
  void put(const std::string& key, Entry entry, Time now);
  void drop(std::string_view key);

  // The target refused this credential: it goes, and its mark stays until a new one was put, so
  // that what the store keeps is not believed again.
  void refuse(const std::string& key, const net::Credential& credential, std::string mark);
  [[nodiscard]] std::string refused_mark(std::string_view key);  // or empty

  // A fetch under way. Those who want the same credential wait for it.
  struct Flight {
    // Set before `ended`. Empty when it was given up, or ended for a reason that concerns only who
    // began it.
    std::optional<Result<Shared>> outcome;
    std::uint64_t generation = 0;
    Event ended;
  };

  // Ends a flight, whatever ends the coroutine: it leaves the table and all who wait are woken.
  // It shares the cache, because at shutdown a frame may outlive who owned it.
  class Lead {
   public:
    Lead(std::shared_ptr<SharedCache> cache, std::string key, std::shared_ptr<Flight> flight)
        : cache_{std::move(cache)}, key_{std::move(key)}, flight_{std::move(flight)} {}
    ~Lead();
    Lead(const Lead&) = delete;
    Lead& operator=(const Lead&) = delete;
    void share(const Result<Shared>& outcome) { flight_->outcome = outcome; }

   private:
    std::shared_ptr<SharedCache> cache_;
    std::string key_;
    std::shared_ptr<Flight> flight_;
  };

  struct Joined {
    std::shared_ptr<Flight> flight;
    bool leads = false;  // nobody was fetching: who asked must, and make a Lead of the flight
  };
  [[nodiscard]] Joined join(std::string_view key, std::uint64_t generation);

 private:
  std::mutex mutex_;
  Entries entries_{bounds::shared_credentials_count_max};
  TextMap<std::shared_ptr<Flight>> flights_;
  TextMap<std::string> refused_;  // by key
};

}  // namespace toolgate::credentials
