// The resources that can have tags and a resource policy, by their ARNs.
#pragma once

#include <string_view>

#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

// The key of the document that an ARN of this account and region names: a gateway, a credential
// provider, a workload identity. Fails with Code::not_found for any other.
[[nodiscard]] Result<store::Key> key_of_resource(const aws::Call& call, std::string_view arn);
// The same, for the input's resourceArn, of a document that exists.
Task<Result<store::Key>> existing_resource(AgentCore& agentcore, const aws::Call& call);

// What the contract does not say about tags: the prefix "aws:" is AWS's own.
[[nodiscard]] Result<void> check_tags(const Json& tags);

}  // namespace toolgate::services::agentcore
