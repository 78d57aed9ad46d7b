// Workload identities: who an agent or a gateway is towards the token vault. A gateway's has the
// gateway's id as its name and lives as long as the gateway.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "model/kinds.h"
#include "store/store.h"

namespace toolgate::services::agentcore {

// For the batch that creates a gateway, and the one that deletes it.
[[nodiscard]] store::Put gateway_workload_identity(const model::Place& place,
                                                   std::string_view gateway_id, Time now);
[[nodiscard]] store::Key gateway_workload_identity_key(const model::Place& place,
                                                       std::string_view gateway_id);

}  // namespace toolgate::services::agentcore
