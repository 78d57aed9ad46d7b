// A gateway's execution role: what a gateway signs with towards its targets, and what it may do
// with it. app/ implements it, which knows the roles and their policies.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "identity/access_keys.h"
#include "json/json.h"
#include "model/kinds.h"

namespace toolgate::credentials {

// The gateway that a target belongs to.
struct Owner {
  model::Place place;
  std::string gateway_arn;
  std::string role_arn;  // its execution role
};
// Of the gateway's document.
[[nodiscard]] Owner owner_of(const model::Place& place, const Json& gateway);

class RoleSessions {
 public:
  virtual ~RoleSessions() = default;

  // A new session of the gateway's role. Fails with Code::denied, saying why, when the role does
  // not exist or does not let the service of gateways assume it. Sees every change of the role that
  // was acknowledged before.
  virtual Task<Result<identity::SessionCredentials>> assume(const Owner& owner) const = 0;

  // Whether the role may be assumed for the gateway: fails as assume does.
  virtual Task<Result<void>> may_be_assumed(const Owner& owner) const = 0;
  // Whether the role is allowed this. Fails with Code::denied, in AWS's words, which name the
  // permission. Sees every change of a policy that was acknowledged before.
  virtual Task<Result<void>> allows(const Owner& owner, std::string_view action,
                                    std::string_view resource) const = 0;
};

}  // namespace toolgate::credentials
