// What CreateGatewayTarget and UpdateGatewayTarget look at before they write, for themselves and
// for their dry runs.
#pragma once

#include <string>
#include <string_view>

#include "base/steps.h"
#include "credentials/credentials.h"
#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

// Configuration and credentials as far as they say themselves whether they fit; gives what the
// target needs. Fails with Code::invalid, naming the member.
Task<Result<credentials::Need>> check_target(AgentCore& agentcore, const aws::Call& call,
                                             const Json& gateway, const std::string& name,
                                             Steps* steps = nullptr);

// Whether the gateway takes another target. Fails with Code::quota.
Task<Result<void>> check_room(AgentCore& agentcore, const aws::Call& call,
                              const std::string& gateway_id);

// Whether another target than `own_id` (empty for a new one) has the name. A commit finds it out
// for itself. Fails with name_taken.
Task<Result<void>> check_name(AgentCore& agentcore, const aws::Call& call,
                              const std::string& gateway_id, const std::string& name,
                              const std::string& own_id);
[[nodiscard]] std::unexpected<Error> name_taken(std::string_view name);

}  // namespace toolgate::services::agentcore
