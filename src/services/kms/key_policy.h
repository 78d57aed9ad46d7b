// A key's policy. The default one lets the account's own policies decide; another is kept where
// resource policies are kept, so that the authorizer sees it.
#pragma once

#include "services/kms/documents.h"

namespace toolgate::services::kms {

// Fails with MalformedPolicyDocumentException; unless the call bypasses the check, also for a
// policy under which its author could not change it again.
[[nodiscard]] Result<void> check_policy(const aws::Call& call, std::string_view policy,
                                        const std::string& key_arn);
[[nodiscard]] store::Put policy_put(const Key& key, const std::string& policy);

}  // namespace toolgate::services::kms
