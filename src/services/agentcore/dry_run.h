// CreateGatewayTarget and UpdateGatewayTarget with the header `DryRun: true`: everything that would
// bring the target up is done and told step by step, and nothing is stored.
#pragma once

#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

// Fails with Code::invalid for a header that is neither true nor false.
[[nodiscard]] Result<bool> is_dry_run(const aws::Call& call);

// The answer: the operation's output as it would be, the steps as lines in `statusReasons`, and
// whole in a member `explanation` that the contract does not have. `before` is the target that the
// call would change, null for a new one. Fails as the operation does where there is no gateway, and
// with Code::throttled when too many are under way.
Task<Result<aws::Answer>> dry_run(AgentCore& agentcore, aws::Call& call, net::Worker& worker,
                                  const Json* before);

}  // namespace toolgate::services::agentcore
