// Amazon Bedrock AgentCore's control plane: gateways, targets, credential providers and what
// belongs to them. One file per operation or small family; the table is in table.cc.
#pragma once

#include <functional>
#include <string>

#include "aws/service.h"
#include "base/clock.h"
#include "base/offload.h"
#include "catalogue/runner.h"
#include "credentials/consents.h"
#include "credentials/key_signer.h"
#include "credentials/role_sessions.h"
#include "gateway/publisher.h"
#include "journal/journal.h"
#include "store/keyring.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::services::agentcore {

// Standing limits (AWS: "Quotas for Amazon Bedrock AgentCore"); all are settings.
struct Quotas {
  std::size_t gateways = 1'000;
  std::size_t targets_per_gateway = 100;
  std::size_t oauth2_providers = 50;
  std::size_t api_key_providers = 50;
  std::size_t workload_identities = 11'000;
};

struct RuntimeParts;  // runtimes/parts.h
class DataKeys;       // data_keys.h

// What the operations work with. Everything outlives it.
struct AgentCore {
  store::Store& store;
  const store::Secrets& secrets;
  const Clock& clock;
  catalogue::Runner& runner;
  gateway::Publisher& publisher;
  Quotas quotas;
  std::function<std::string()> base_url;  // "http://127.0.0.1:7878": of gatewayUrl and callbacks
  // What gateways' roles may do; null: it is not asked when a target is written.
  const credentials::RoleSessions* roles = nullptr;
  // Log groups of gateways are made in it; null: gateways have none.
  journal::Journal* journal = nullptr;
  const credentials::KeySigner* signer = nullptr;   // null: no client authenticates by a key
  const credentials::Consents* consents = nullptr;  // null: only where no user is ever asked
  RuntimeParts* runtimes = nullptr;  // null: only where no operation on runtimes is called
  Offload* offload = nullptr;        // reads large documents; null: they are read at once
  // Customers' KMS keys; null: kmsKeyArn is refused.
  store::Keyring* keyring = nullptr;
  const DataKeys* data_keys = nullptr;
};

[[nodiscard]] aws::Service control_plane(AgentCore& agentcore);

// The rows of one family each; control_plane joins them.
void add_gateway_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_target_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_runtime_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_identity_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);
void add_tag_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::agentcore
