// The rows of jobs. Each function is part of a transaction of the writer.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace toolgate::store::sqlite {

// Does nothing while a job of the same kind and subject waits.
[[nodiscard]] Result<void> add_job(Connection& connection, const JobSpec& spec, Time now);
// Removes a job. Fails with Code::conflict when it is not leased to the caller any more.
[[nodiscard]] Result<void> finish_job(Connection& connection, const Job& job);

// Passes over a waiting job while one of the same kind and subject is leased.
[[nodiscard]] Result<std::optional<Job>> claim_job(Connection& connection, const std::string& owner,
                                                   Time now, std::chrono::seconds lease_for);
[[nodiscard]] Result<void> renew_job(Connection& connection, const Job& job, Time lease_until);
// Makes every leased job claimable, and its lease worthless.
[[nodiscard]] Result<void> release_leases(Connection& connection, Time now);
// Drops the job when another of the same kind and subject waits already.
[[nodiscard]] Result<void> postpone_job(Connection& connection, const Job& job, Time not_before);

}  // namespace toolgate::store::sqlite
