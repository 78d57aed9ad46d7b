// KMS with what it asks of the rest: its own policies and the callers'.
#pragma once

#include "services/iam/authorizer.h"
#include "services/kms/service.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::app {

// All outlive the answer.
[[nodiscard]] services::kms::Kms make_kms(store::Store& store, const store::Secrets& secrets,
                                          services::iam::Authorizer& authorizer);

}  // namespace toolgate::app
