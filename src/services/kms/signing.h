// Keys that sign: their specs and algorithms, and signatures for other services of ours.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "services/kms/documents.h"

namespace toolgate::services::kms {

struct SigningSpec {
  std::string_view name;  // KeySpec
  std::string_view pair;  // crypto::KeyPair::generate's
  std::span<const std::string_view> algorithms;
};
// Null for a spec that does not sign.
[[nodiscard]] const SigningSpec* find_signing_spec(std::string_view name);

[[nodiscard]] bool signs(const Key& key);
// Usable, and a key that encrypts: InvalidKeyUsageException else.
[[nodiscard]] Result<void> check_encrypts(const Key& key);
// Usable, and a key that can be rotated: UnsupportedOperationException else.
[[nodiscard]] Result<void> check_rotates(const Key& key);

// A JWT's signature by the key of this ARN in this account and region; `algorithm` is the JWT's
// ("RS256"). Nobody's permission is asked: the caller has. Fails with Code::invalid, naming the key
// and what is wrong with it.
struct ToSign {
  std::string account;
  std::string region;
  std::string key_arn;
  std::string algorithm;
  std::string input;
};
Task<Result<std::string>> sign_jwt(Kms& kms, ToSign wanted, Time now);

}  // namespace toolgate::services::kms
