// Roles in the hands of our own services: gateways, runtimes, functions. Their sessions, by the
// trust policies of this account.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "credentials/role_sessions.h"
#include "identity/access_keys.h"
#include "services/iam/authorizer.h"
#include "store/store.h"

namespace toolgate::app {

// Who a role is for a service that acts as it.
struct ServiceSession {
  std::string_view service;  // "lambda.amazonaws.com"
  std::string account;
  std::string role_arn;
  std::string session;
  std::string source_arn;  // for whom it acts; empty: no condition of the trust policy may name one
};
inline constexpr std::string_view agentcore_service = "bedrock-agentcore.amazonaws.com";
inline constexpr std::string_view lambda_service = "lambda.amazonaws.com";
inline constexpr std::string_view codebuild_service = "codebuild.amazonaws.com";
// Fails with Code::denied: there is no such role, or its trust policy does not name the service.
Task<Result<identity::Principal>> service_session(services::iam::Authorizer& authorizer,
                                                  ServiceSession wanted);

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

// Whether credentials that were made before must be looked at again: their providers, the roles or
// what roles may do have changed.
[[nodiscard]] bool ages_credentials(const store::Change& change);

}  // namespace toolgate::app
