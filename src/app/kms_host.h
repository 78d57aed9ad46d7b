// KMS with what it asks of the rest: its own policies and the callers'.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/offload.h"
#include "credentials/key_signer.h"
#include "json/json.h"
#include "services/iam/authorizer.h"
#include "services/kms/service.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::app {

// All outlive the answer.
[[nodiscard]] services::kms::Kms make_kms(store::Store& store, const store::Secrets& secrets,
                                          services::iam::Authorizer& authorizer, Offload& offload);

// What key policies ask of a request ("Condition keys for AWS KMS", KMS developer guide).
struct KeyRequest {
  std::string_view caller_account;
  std::string_view region;
  JsonObject context;   // EncryptionContext
  bool via_us = false;  // a gateway or a token vault asks, for itself or for a caller
};
[[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> kms_condition_keys(
    const KeyRequest& request);

// Clients of authorization servers that authenticate by a key in KMS.
class KmsSigner final : public credentials::KeySigner {
 public:
  // All outlive the object.
  KmsSigner(services::kms::Kms& kms, services::iam::Authorizer& authorizer, const Clock& clock)
      : kms_{kms}, authorizer_{authorizer}, clock_{clock} {}

  Task<Result<std::string>> sign(Wanted wanted) const override;
  Task<Result<void>> may_sign(const identity::Principal& caller, model::Place place,
                              std::string key_arn) const override;

 private:
  services::kms::Kms& kms_;
  services::iam::Authorizer& authorizer_;
  const Clock& clock_;
};

}  // namespace toolgate::app
