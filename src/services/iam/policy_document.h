// Is a text an IAM policy? What identity/policy cannot compile is refused when it is given, so that
// nothing is kept that cannot be decided by.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace toolgate::services::iam {

enum class PolicyUse : unsigned char {
  identity,  // of users, roles and managed policies: has resources, names no principal
  trust,     // of roles: names principals, has no resources
};

// Fails with MalformedPolicyDocument and what is wrong.
[[nodiscard]] Result<void> check_policy(std::string_view document, PolicyUse use);

// What counts against IAM's size quotas: white space does not.
[[nodiscard]] std::size_t policy_characters(std::string_view document);

}  // namespace toolgate::services::iam
