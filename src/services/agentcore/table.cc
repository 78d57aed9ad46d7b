// The operations of the control plane.
#include "services/agentcore/service.h"

namespace toolgate::services::agentcore {

aws::Service control_plane(AgentCore& agentcore) {
  aws::Service service{.name = "bedrock-agentcore-control", .operations = {}};
  add_gateway_operations(agentcore, service.operations);
  add_target_operations(agentcore, service.operations);
  add_runtime_operations(agentcore, service.operations);
  add_identity_operations(agentcore, service.operations);
  add_tag_operations(agentcore, service.operations);
  return service;
}

}  // namespace toolgate::services::agentcore
