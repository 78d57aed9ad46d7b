// A customer's KMS key on a gateway (kmsKeyArn) or on the token vault (SetTokenVaultCMK): it wraps
// the data key that the store seals their documents under (store/envelope.h). KMS is asked when
// a key is set and from time to time afterwards, never by a call.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "credentials/role_sessions.h"
#include "identity/principal.h"
#include "net/worker.h"
#include "services/agentcore/service.h"
#include "store/envelope.h"

namespace toolgate::services::agentcore {

// Who asks KMS for what.
struct KeyUse {
  credentials::Owner owner;  // the gateway and its role; without a role the account itself asks
  std::string kms_key_arn;
  // The encryption context: one pair, which key policies may name (AgentCore developer guide,
  // "Encrypt your AgentCore gateway", "Set customer managed key policy").
  std::string context_name;
  std::string context_value;
};
// `document` is the gateway's or the vault's, under `key`.
[[nodiscard]] KeyUse key_use(const store::Key& key, const Json& document, std::string kms_key_arn);

struct DataKey {
  crypto::SealKey plain;
  std::string wrapped;  // in base64
};

// KMS. Both fail with Code::denied, saying why KMS refused (disabled, not allowed, not there), or
// Code::unavailable when it cannot be asked. On an I/O thread.
class DataKeys {
 public:
  virtual ~DataKeys() = default;
  virtual Task<Result<DataKey>> make(KeyUse use, net::Worker& worker) const = 0;
  virtual Task<Result<crypto::SealKey>> unwrap(KeyUse use, std::string wrapped,
                                               net::Worker& worker) const = 0;
  // Whether the caller may use the key in this way themselves, by their policies and the key's:
  // who may not must not have us do it. Fails with Code::denied in AWS's words.
  virtual Task<Result<void>> may_use(identity::Principal caller, KeyUse use) const = 0;
};

// The envelope with a new data key as its current one, which is open from now on; with no KMS key
// named in `use`, with none. Fails with FieldValidationFailed of `member`, or Code::unavailable.
Task<Result<store::Envelope>> wrapped_anew(AgentCore& agentcore, store::Envelope before, KeyUse use,
                                           std::string_view member, net::Worker& worker);

// Whether what is sealed can be read; the reason is safe to show.
[[nodiscard]] Result<void> check_open(const AgentCore& agentcore, const Json& owner);

// Commits a batch that changes the envelope of `key`, has everything sealed anew and waits for it,
// at most limits::inline_work_for. Gives the document as it is then.
Task<Result<Json>> commit_and_reseal(AgentCore& agentcore, store::Key key, store::Batch batch);

}  // namespace toolgate::services::agentcore
