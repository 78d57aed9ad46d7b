// The jobs of the store in memory. Its owner guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace toolgate::store {

class JobTable {
 public:
  // Does nothing while a job of the same kind and subject waits.
  void add(JobSpec spec, Time now);
  std::optional<Job> claim(const std::string& owner, Time now, std::chrono::seconds lease_for);
  Result<void> renew(const Job& job, Time lease_until);
  Result<void> postpone(const Job& job, Time not_before);
  void release_leases(Time now);
  [[nodiscard]] bool is_leased(const Job& job) const;
  void remove(std::uint64_t id) { rows_.erase(id); }

 private:
  struct Row {
    JobSpec spec;
    int attempts = 0;
    std::string lease;  // empty: it waits
    Time due;           // may be claimed from then on
  };
  enum class State : unsigned char { waiting, leased };
  [[nodiscard]] bool has(State state, const JobSpec& spec) const;

  std::map<std::uint64_t, Row> rows_;
  std::uint64_t last_id_ = 0;
};

}  // namespace toolgate::store
