#include "app/identity_data_host.h"

#include "services/agentcore/pending_auth.h"
#include "services/identity_data/workload_tokens.h"

namespace toolgate::app {

IdentityDataHost::IdentityDataHost(Keeper& keeper, credentials::Credentials& credentials,
                                   const identity::IssuerAliases& issuer_aliases,
                                   std::function<std::string()> base_url)
    : consents_{{.store = keeper.store(),
                 .secrets = keeper.secrets(),
                 .clock = keeper.clock(),
                 .credentials = credentials,
                 .base_url = std::move(base_url)}},
      pages_{consents_},
      identity_data_{.store = keeper.store(),
                     .secrets = keeper.secrets(),
                     .clock = keeper.clock(),
                     .credentials = credentials,
                     .consents = consents_,
                     .issuer_aliases = &issuer_aliases,
                     .consented = [this](model::Place place, std::string target) {
                       return consented(std::move(place), std::move(target));
                     }} {}

services::agentcore::WorkloadTokens IdentityDataHost::workload_tokens() const {
  return [this](const model::Place& place, const credentials::User& user) {
    return services::identity_data::make_workload_token(identity_data_, place,
                                                        identity_data_.clock.now(), user);
  };
}

Task<Result<void>> IdentityDataHost::consented(model::Place place, std::string target) {
  if (agentcore_ == nullptr) co_return Result<void>{};
  co_return co_await services::agentcore::continue_target(*agentcore_, std::move(place),
                                                          std::move(target));
}

}  // namespace toolgate::app
