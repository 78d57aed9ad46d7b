// May this caller do this? Pure: everything that counts is in the arguments.
// Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "identity/policy/context.h"
#include "identity/policy/policy.h"
#include "identity/policy/principals.h"

namespace toolgate::identity::policy {

struct Request {
  const Caller& caller;
  std::string_view action;            // "s3:GetObject"
  std::string_view resource;          // an ARN, or "*" for what concerns none
  std::string_view resource_account;  // empty: the caller's own
  const Context& context;
};

struct Policies {
  std::span<const PolicyRef> identity;
  std::span<const PolicyRef> session;  // empty: the session is not narrowed
  const Policy* resource = nullptr;    // of the resource; a trust policy must allow by itself
};

enum class Outcome : unsigned char { allow, explicit_deny, implicit_deny };

struct Decision {
  Outcome outcome = Outcome::implicit_deny;
  Use by = Use::identity;  // which kind of policy decided, or did not allow
  std::string statement;   // which statement: "ReadGateways: Statement[0] \"List\""; may be empty

  [[nodiscard]] bool allowed() const { return outcome == Outcome::allow; }
};

[[nodiscard]] Decision decide(const Request& request, const Policies& policies);

// "User: ARN is not authorized to perform: ACTION on resource: RESOURCE because no identity-based
// policy allows the ACTION action" (IAM User Guide, "Troubleshoot access denied error messages").
[[nodiscard]] std::string denial(const Request& request, const Decision& decision);

}  // namespace toolgate::identity::policy
