// The families of operations on identities, one file each; families.cc joins them.
#pragma once

#include <vector>

#include "services/agentcore/service.h"

namespace toolgate::services::agentcore {

void add_oauth2_provider_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_api_key_provider_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_workload_identity_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_token_vault_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_resource_tag_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_resource_policy_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::agentcore
