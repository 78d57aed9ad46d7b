// What credential providers and workload identities have in common: documents under a name that the
// caller chose, with tags and a policy beside them.
#pragma once

#include <string>
#include <string_view>

#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

struct Family {
  std::string_view kind;  // of the documents: model/kinds.h
  std::string_view what;  // "Credential provider", in messages
  std::string (*arn)(const model::Place&, std::string_view name);
  std::size_t Quotas::*quota;
};

// The input's `name` as a key.
[[nodiscard]] store::Key named_key(const aws::Call& call, const Family& family);

// Writes a new document and the input's tags. Fails with Code::conflict when the name is taken,
// Code::quota when the account has as many as it may.
Task<Result<void>> create_named(AgentCore& agentcore, const aws::Call& call, const Family& family,
                                JsonObject document);
// Fails with Code::not_found.
Task<Result<Loaded>> load_named(AgentCore& agentcore, const aws::Call& call, const Family& family);
// Writes the document over the one that was loaded; Code::conflict when it has changed since.
Task<Result<void>> update_named(AgentCore& agentcore, const Loaded& loaded, JsonObject document);
// Deletes the document, its tags and its policy. Fails with Code::not_found.
Task<Result<aws::Answer>> delete_named(AgentCore& agentcore, const aws::Call& call,
                                       const Family& family);

// "arn:aws:secretsmanager:R:A:secret:bedrock-agentcore-identity!default/oauth2/NAME-6CHARS": the
// name that AWS gives to the secret of a provider, in the shape {secretArn}.
[[nodiscard]] Json new_secret_arn(const aws::Call& call, std::string_view folder);

}  // namespace toolgate::services::agentcore
