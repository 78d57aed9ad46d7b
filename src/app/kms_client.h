// KMS as gateways and the token vault use it: requests signed as the gateway's role, or as the
// account, to our own KMS over the inner net or to the one of --aws-endpoint kms=URL.
#pragma once

#include "base/clock.h"
#include "credentials/role_sessions.h"
#include "crypto/sigv4.h"
#include "identity/access_keys.h"
#include "services/agentcore/data_keys.h"
#include "services/iam/authorizer.h"

namespace toolgate::app {

class KmsClient final : public services::agentcore::DataKeys {
 public:
  // All outlive the object. Where `--aws-endpoint kms=` is set, the server's own credentials
  // (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) sign, if there are any: another
  // KMS does not know our sessions.
  KmsClient(const credentials::RoleSessions& roles, const identity::SessionTokens& sessions,
            services::iam::Authorizer& authorizer, const Clock& clock);

  Task<Result<services::agentcore::DataKey>> make(services::agentcore::KeyUse use,
                                                  net::Worker& worker) const override;
  Task<Result<crypto::SealKey>> unwrap(services::agentcore::KeyUse use, std::string wrapped,
                                       net::Worker& worker) const override;
  Task<Result<void>> may_use(identity::Principal caller,
                             services::agentcore::KeyUse use) const override;

 private:
  Task<Result<Json>> ask(const services::agentcore::KeyUse& use, std::string_view operation,
                         JsonObject input, net::Worker& worker) const;
  Task<Result<crypto::SigningKey>> signer(const services::agentcore::KeyUse& use,
                                          bool elsewhere) const;

  const credentials::RoleSessions& roles_;
  const identity::SessionTokens& sessions_;
  services::iam::Authorizer& authorizer_;
  const Clock& clock_;
  crypto::SigningKey own_;  // of the environment; empty: none
};

}  // namespace toolgate::app
