// The policy of the endpoint itself, as a VPC endpoint has one: what may be invoked through the
// listener at all, whoever calls and whatever other policies allow.
// Source: VPC User Guide, "Control access to VPC endpoints using endpoint policies".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/policy/context.h"
#include "identity/policy/policy.h"
#include "identity/policy/principals.h"

namespace toolgate::services::iam {

// Reads the file; null where none is named. Fails with Code::invalid or what reading it fails with,
// naming the file.
[[nodiscard]] Result<identity::policy::PolicyRef> read_endpoint_policy(const std::string& path);

// Whether the policy lets this caller do this. `resource` is an ARN with its account; a statement
// may leave the account out, as those of the gateways' documentation do. Fails with Code::denied.
[[nodiscard]] Result<void> passes(const identity::policy::Policy& policy,
                                  const identity::policy::Caller& caller, std::string_view action,
                                  std::string_view resource,
                                  const identity::policy::Context& context);

}  // namespace toolgate::services::iam
