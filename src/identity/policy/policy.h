// A policy document, compiled: what identity/policy/decide.h asks.
// Source: IAM User Guide, "Grammar of the IAM JSON policy language".
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/policy/condition.h"
#include "identity/policy/pattern.h"
#include "identity/policy/principals.h"
#include "json/json.h"

namespace toolgate::identity::policy {

enum class Use : unsigned char {
  identity,  // of users, roles and managed policies: has resources, names no principal
  session,   // given with AssumeRole: the same, and can only narrow
  resource,  // of a gateway, a function: names principals
  trust,     // of roles: names principals, has no resources
};

struct Statement {
  std::size_t index = 0;  // from 0
  std::string sid;        // may be empty
  bool allows = false;    // else it denies
  std::optional<Principals> principals;
  bool all_but_principals = false;
  std::vector<Pattern> actions;
  bool all_but_actions = false;
  std::vector<Pattern> resources;  // empty: whatever the policy hangs on
  bool all_but_resources = false;
  std::vector<Condition> conditions;
};

struct Policy {
  std::string name;  // how reasons call it: "ReadGateways", an ARN
  Use use = Use::identity;
  std::vector<Statement> statements;
};
using PolicyRef = std::shared_ptr<const Policy>;

// IAM API Reference, "CreatePolicy": PolicyDocument.
inline constexpr std::size_t document_bytes_max = 131'072;

// Fails with Code::invalid, Error::name "MalformedPolicyDocument", and a message that names the
// statement and the field.
[[nodiscard]] Result<Policy> parse(std::string_view document, Use use, std::string name = {});

}  // namespace toolgate::identity::policy
