#include "store/memory/job_table.h"

#include <algorithm>

#include "store/rules.h"

namespace toolgate::store {

bool JobTable::has(State state, const JobSpec& spec) const {
  return std::ranges::any_of(rows_, [&](const auto& entry) {
    const Row& row = entry.second;
    return row.lease.empty() == (state == State::waiting) && row.spec.kind == spec.kind &&
           row.spec.subject == spec.subject;
  });
}

bool JobTable::is_leased(const Job& job) const {
  const auto found = rows_.find(job.id);
  return found != rows_.end() && !job.lease.empty() && found->second.lease == job.lease;
}

void JobTable::add(JobSpec spec, Time now) {
  if (has(State::waiting, spec)) return;
  rows_[++last_id_] = Row{.spec = std::move(spec), .attempts = 0, .lease = {}, .due = now};
}

std::optional<Job> JobTable::claim(const std::string& owner, Time now,
                                   std::chrono::seconds lease_for) {
  auto best = rows_.end();
  for (auto at = rows_.begin(); at != rows_.end(); ++at) {
    const Row& row = at->second;
    if (row.due > now || (best != rows_.end() && best->second.due <= row.due)) continue;
    if (row.lease.empty() && has(State::leased, row.spec)) continue;
    best = at;
  }
  if (best == rows_.end()) return std::nullopt;
  Row& row = best->second;
  row.lease = new_lease(owner);
  row.due = now + lease_for;
  return Job{.id = best->first, .spec = row.spec, .attempts = ++row.attempts, .lease = row.lease};
}

Result<void> JobTable::renew(const Job& job, Time lease_until) {
  if (!is_leased(job)) return lease_lost();
  rows_[job.id].due = lease_until;
  return {};
}

void JobTable::release_leases(Time now) {
  for (auto& [id, row] : rows_) {
    if (row.lease.empty()) continue;
    row.lease = new_lease("released");
    row.due = std::min(row.due, now);
  }
}

Result<void> JobTable::postpone(const Job& job, Time not_before) {
  if (!is_leased(job)) return lease_lost();
  Row& row = rows_[job.id];
  if (has(State::waiting, row.spec)) {
    rows_.erase(job.id);
    return {};
  }
  row.lease.clear();
  row.due = not_before;
  return {};
}

}  // namespace toolgate::store
