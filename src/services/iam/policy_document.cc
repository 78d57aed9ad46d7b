#include "services/iam/policy_document.h"

#include <algorithm>

#include "identity/policy/policy.h"

namespace toolgate::services::iam {

Result<void> check_policy(std::string_view document, PolicyUse use) {
  using identity::policy::Use;
  TRY([[maybe_unused]] const auto policy,
      identity::policy::parse(document, use == PolicyUse::trust ? Use::trust : Use::identity));
  return {};
}

std::size_t policy_characters(std::string_view document) {
  return static_cast<std::size_t>(std::ranges::count_if(
      document, [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; }));
}

}  // namespace toolgate::services::iam
