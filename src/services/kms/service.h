// AWS Key Management Service: symmetric keys that never leave the server, what they encrypt, their
// aliases, policies and rotation. One file per family of operations.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service.h"
#include "base/offload.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::services::kms {

// What the operations work with. Everything outlives it.
struct Kms {
  store::Store& store;
  const store::Secrets& secrets;
  // Whether the caller may do this to a key, by the caller's policies and the key's own.
  std::function<Task<Result<void>>(const aws::Call&, std::string action, std::string arn)> may;
  Offload* offload = nullptr;  // makes key pairs, which takes long; null: they are made at once
};

// `kms` outlives the table.
[[nodiscard]] aws::Service table(Kms& kms);

// Whether the operation asks `may` itself, once it knows which key is meant: the door need not.
[[nodiscard]] bool decides_itself(const aws::Call& call);

// The rows of one family each; table joins them.
void add_key_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_state_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_cipher_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_data_key_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_alias_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_policy_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_rotation_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_signing_operations(Kms& kms, std::vector<aws::Operation>& rows);
void add_tag_operations(Kms& kms, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::kms
