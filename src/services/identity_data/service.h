// AgentCore Identity's data plane: agents exchange their workload identity for credentials of their
// users and of themselves. Operations of `bedrock-agentcore`; what control-plane calls have written
// (providers, workload identities) is read from the store.
#pragma once

#include <functional>
#include <string>

#include "aws/service.h"
#include "base/clock.h"
#include "credentials/consents.h"
#include "credentials/credentials.h"
#include "identity/jwt_authorizer.h"
#include "model/kinds.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::services::identity_data {

// What the operations work with. Everything outlives it.
struct IdentityData {
  store::Store& store;
  const store::Secrets& secrets;
  const Clock& clock;
  const credentials::Credentials& credentials;
  const credentials::Consents& consents;
  const identity::IssuerAliases* issuer_aliases = nullptr;
  // A target ("gatewayId/targetId") waited for the consent that was just completed.
  std::function<Task<Result<void>>(model::Place, std::string target)> consented;
};

// `identity_data` outlives the table.
[[nodiscard]] aws::Service table(IdentityData& identity_data);

Task<Result<aws::Answer>> get_workload_token(IdentityData&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> get_workload_token_for_jwt(IdentityData&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> get_workload_token_for_user_id(IdentityData&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> get_resource_oauth2_token(IdentityData&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> get_resource_api_key(IdentityData&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> complete_resource_token_auth(IdentityData&, aws::Call&, net::Worker&);

}  // namespace toolgate::services::identity_data
