// Users' consent and AgentCore Identity's data plane, put together.
#pragma once

#include <functional>
#include <string>

#include "app/keeper.h"
#include "credentials/consents.h"
#include "identity/jwt_authorizer.h"
#include "services/agentcore/runtimes/invocations.h"
#include "services/agentcore/service.h"
#include "services/identity_data/pages.h"
#include "services/identity_data/service.h"

namespace toolgate::app {

class IdentityDataHost {
 public:
  // All outlive the object.
  IdentityDataHost(Keeper& keeper, credentials::Credentials& credentials,
                   const identity::IssuerAliases& issuer_aliases,
                   std::function<std::string()> base_url);

  // Targets that wait for a consent are `agentcore`'s, which is made later and outlives the object.
  void serve(services::agentcore::AgentCore& agentcore) { agentcore_ = &agentcore; }

  [[nodiscard]] const credentials::Consents& consents() const { return consents_; }
  [[nodiscard]] services::identity_data::ConsentPages& pages() { return pages_; }
  // For programs that we host. The object outlives it.
  [[nodiscard]] services::agentcore::WorkloadTokens workload_tokens() const;
  [[nodiscard]] aws::Service service() { return services::identity_data::table(identity_data_); }

 private:
  Task<Result<void>> consented(model::Place place, std::string target);

  services::agentcore::AgentCore* agentcore_ = nullptr;
  credentials::Consents consents_;
  services::identity_data::ConsentPages pages_;
  services::identity_data::IdentityData identity_data_;
};

}  // namespace toolgate::app
