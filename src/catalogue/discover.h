// One attempt to find out what a target offers: its credential, and what its kind does.
#pragma once

#include "base/steps.h"
#include "catalogue/jobs.h"
#include "targets/target.h"

namespace toolgate::catalogue {

// All outlive the attempt.
struct Attempt {
  const store::Key& target;  // names its gateway, which is asked for its role
  const Json& document;      // the target's
  net::Worker& worker;
  Deadline deadline;
  Steps* steps = nullptr;  // set: a trial, which keeps nothing that it opened
};

// Fails with Code::invalid, naming them, when parts of it were left out or assumed.
[[nodiscard]] Result<void> check_complete(const targets::Catalogue& catalogue);

// What the target offers, fit for clients (conform.h), or the message of its status: which step
// failed and why.
Task<Result<targets::Catalogue>> discover(JobContext& context, Attempt attempt);

// The same as a trial, with what could not become a tool among the steps.
Task<Result<targets::Catalogue>> try_out(JobContext& context, Attempt attempt);

}  // namespace toolgate::catalogue
