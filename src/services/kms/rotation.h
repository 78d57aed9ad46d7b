// A key's material is replaced when its period is over: at the next use that encrypts.
#pragma once

#include "services/kms/documents.h"

namespace toolgate::services::kms {

// When the next material is due, if rotation is on.
[[nodiscard]] std::optional<double> next_rotation(const Key& key);
// Rotates the key if it is due; `key` is then as it was written. A call that another overtakes uses
// what that one wrote.
Task<Result<Key>> rotated(Kms& kms, Key key, Time now);

}  // namespace toolgate::services::kms
