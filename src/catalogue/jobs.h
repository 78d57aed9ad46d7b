// The kinds of durable work. jobs.cc has the one table; each kind has a file of its own.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "net/worker.h"
#include "store/store.h"

namespace toolgate::catalogue {

// What a job works with. Everything outlives it.
struct JobContext {
  store::Store& store;
  const credentials::Credentials& credentials;
  const Clock& clock;
  Offload& offload;
  bool strict = false;  // a target fails where AWS refuses it, instead of going on with the rest
};

struct JobKind {
  std::string_view name;
  // Does the work and ends the job (Batch::job_done). A failure is one of ours, not of the work:
  // the job is then tried again later.
  Task<Result<void>> (*run)(JobContext&, const store::Job&, net::Worker&);
};

[[nodiscard]] const JobKind* find_job_kind(std::string_view name);

// Brings a target's catalogue up to date: synchronize.cc. Its subject is the target's key.
inline constexpr std::string_view synchronize_target = "synchronize_target";
// The job; `status_on_failure` is the target's status when it cannot be done.
[[nodiscard]] store::JobSpec synchronize_job(store::Key target, std::string_view status_on_failure);

// Writes all that is sealed under a gateway's or the vault's KMS key anew, under the current one:
// reseal.cc. Its subject is the key of that gateway or vault.
inline constexpr std::string_view reseal = "reseal";
[[nodiscard]] store::JobSpec reseal_job(store::Key owner);

// Removes what a deleted target or gateway left: collect.cc. The payload lists the keys' prefixes.
inline constexpr std::string_view collect_garbage = "collect_garbage";
// All documents of the kind "catalogue" under `owner` (a target's key).
[[nodiscard]] store::JobSpec collect_job(store::Key owner);

}  // namespace toolgate::catalogue
