// The document of one access key: the secret is sealed, the principal is written beside it, so that
// the sign-in needs no second document.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/json.h"
#include "store/secrets.h"

namespace toolgate::services::iam {

// Whose key it is.
struct KeyOwner {
  std::string arn;
  std::string id;         // "AIDA…"; the account for root
  std::string user_name;  // empty for root
};

struct NewKey {
  std::string id;      // "AKIA" and 16 characters
  std::string secret;  // 40 characters
  JsonObject document;
};
[[nodiscard]] NewKey make_key(const KeyOwner& owner, const store::Secrets& secrets, Time now);

[[nodiscard]] Result<std::string> secret_of(const JsonObject& document,
                                            const store::Secrets& secrets);
[[nodiscard]] bool is_root_key(const JsonObject& document);

}  // namespace toolgate::services::iam
