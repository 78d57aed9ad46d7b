// CreateGatewayTarget and UpdateGatewayTarget say at once what the gateway's role lacks, not a
// status later.
#pragma once

#include <string>

#include "credentials/credentials.h"
#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

// The credential provider that the target names is there, and the gateway's role is allowed what
// the target needs. Fails with Code::invalid; the message names the permission.
Task<Result<void>> check_permissions(AgentCore& agentcore, const aws::Call& call,
                                     const credentials::Owner& owner, const std::string& name);

}  // namespace toolgate::services::agentcore
