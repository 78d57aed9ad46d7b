// One thread's credentials, and who is fetching which one. Only from that thread: Worker::local.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/event.h"
#include "base/result.h"
#include "base/text.h"
#include "net/credential.h"
#include "store/store.h"

namespace toolgate::credentials {

class ThreadCache {
 public:
  using Shared = std::shared_ptr<const net::Credential>;

  struct Entry {
    Shared credential;
    Time fresh_until;             // then it is made anew; Time::max() for keys
    Time ends;                    // then it is worth nothing
    store::Version provider = 0;  // the provider's document that it was made from
    std::uint64_t generation = 0;  // Credentials::provider_changed at the last look
  };

  // Nothing, or an entry that is valid until the next change.
  [[nodiscard]] Entry* find(std::string_view key);
  void put(const std::string& key, Entry entry, Time now);
  void drop(std::string_view key);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  // A fetch under way. Those who want the same credential wait for it.
  struct Flight {
    // Empty when it was given up, or ended for a reason that concerns only who began it.
    std::optional<Result<Shared>> outcome;
    std::uint64_t generation = 0;
    Event ended;
  };

  // Ends a flight, whatever ends the coroutine: it leaves the table and all who wait are woken.
  // The table is shared, because at shutdown a frame may outlive its thread's cache.
  using Flights = TextMap<std::shared_ptr<Flight>>;
  class Lead {
   public:
    Lead(const ThreadCache& cache, std::string key, std::uint64_t generation);
    ~Lead();
    Lead(const Lead&) = delete;
    Lead& operator=(const Lead&) = delete;
    void share(const Result<Shared>& outcome) { flight_->outcome = outcome; }

   private:
    std::shared_ptr<Flights> flights_;
    std::string key_;
    std::shared_ptr<Flight> flight_;
  };

  [[nodiscard]] std::shared_ptr<Flight> flight(std::string_view key) const;

 private:
  void make_room(Time now);

  TextMap<Entry> entries_;
  std::shared_ptr<Flights> flights_ = std::make_shared<Flights>();
};

}  // namespace toolgate::credentials
