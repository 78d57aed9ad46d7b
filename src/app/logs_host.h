// CloudWatch Logs with what it asks of the rest: whether who makes a delivery may have its
// destination written to.
#pragma once

#include "journal/journal.h"
#include "services/iam/authorizer.h"
#include "services/logs/service.h"
#include "store/store.h"

namespace toolgate::app {

// All outlive the answer.
[[nodiscard]] services::logs::Logs make_logs(journal::Journal& journal, store::Store& store,
                                             services::iam::Authorizer& authorizer);

}  // namespace toolgate::app
