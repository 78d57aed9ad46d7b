// Gateways' roles: their sessions, by the trust policies of this account.
#pragma once

#include "base/clock.h"
#include "credentials/role_sessions.h"
#include "identity/access_keys.h"
#include "services/iam/authorizer.h"

namespace toolgate::app {

class GatewayRoles final : public credentials::RoleSessions {
 public:
  // All outlive the object.
  GatewayRoles(services::iam::Authorizer& authorizer, const identity::SessionTokens& sessions,
               const Clock& clock)
      : authorizer_{authorizer}, sessions_{sessions}, clock_{clock} {}

  Task<Result<identity::SessionCredentials>> assume(const credentials::Owner& owner) const override;
  Task<Result<void>> may_be_assumed(const credentials::Owner& owner) const override;
  Task<Result<void>> allows(const credentials::Owner& owner, std::string_view action,
                            std::string_view resource) const override;

 private:
  services::iam::Authorizer& authorizer_;
  const identity::SessionTokens& sessions_;
  const Clock& clock_;
};

}  // namespace toolgate::app
