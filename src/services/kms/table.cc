// The operations of the service.
#include "services/kms/service.h"

namespace toolgate::services::kms {

bool decides_itself(const aws::Call& call) {
  // What names no key is decided by the caller's policies alone.
  return call.operation != "CreateKey" && call.operation != "ListKeys" &&
         call.operation != "GenerateRandom" &&
         !(call.operation == "ListAliases" && json::find(call.input, "KeyId") == nullptr);
}

aws::Service table(Kms& kms) {
  aws::Service service{.name = "kms", .operations = {}};
  for (const auto add : {add_key_operations, add_state_operations, add_cipher_operations,
                         add_data_key_operations, add_alias_operations, add_policy_operations,
                         add_rotation_operations, add_signing_operations, add_tag_operations}) {
    add(kms, service.operations);
  }
  return service;
}

}  // namespace toolgate::services::kms
