#include "services/agentcore/identities/families.h"

namespace toolgate::services::agentcore {

void add_identity_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  add_oauth2_provider_operations(agentcore, rows);
  add_api_key_provider_operations(agentcore, rows);
  add_workload_identity_operations(agentcore, rows);
  add_token_vault_operations(agentcore, rows);
}

void add_tag_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  add_resource_tag_operations(agentcore, rows);
  add_resource_policy_operations(agentcore, rows);
}

}  // namespace toolgate::services::agentcore
