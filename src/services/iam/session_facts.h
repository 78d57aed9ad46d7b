// What a session brings with it beside its role, or beside the account whose own it is: kept in its
// sealed token, as the claims of its principal.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "identity/principal.h"
#include "json/json.h"

namespace toolgate::services::iam {

struct SessionFacts {
  std::string policy;                    // a document that narrows the session; empty: none
  std::vector<std::string> policy_arns;  // managed policies that do
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::string> transitive_tags;  // keys
  std::string source_identity;

  [[nodiscard]] bool narrows() const { return !policy.empty() || !policy_arns.empty(); }
};

// Null when there is nothing to keep.
[[nodiscard]] Json claims_of(const SessionFacts& facts);
[[nodiscard]] SessionFacts session_facts(const identity::Principal& principal);

}  // namespace toolgate::services::iam
