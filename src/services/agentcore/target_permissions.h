// CreateGatewayTarget and UpdateGatewayTarget say at once what the gateway's role lacks, not a
// status later.
#pragma once

#include <string>

#include "base/steps.h"
#include "credentials/credentials.h"
#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

// The credential provider that the target names is there, and the gateway's role is allowed what
// the target needs. Fails with Code::invalid; the message names the permission: the first that is
// missing. With `steps` all of them are asked for and told.
Task<Result<void>> check_permissions(AgentCore& agentcore, const aws::Call& call,
                                     const credentials::Owner& owner, const std::string& name,
                                     Steps* steps = nullptr);

}  // namespace toolgate::services::agentcore
