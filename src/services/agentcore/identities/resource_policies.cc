// PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy. A policy is kept and given back as
// the text it came as.
#include <fmt/format.h>

#include "services/agentcore/identities/families.h"
#include "services/agentcore/identities/resources.h"

namespace toolgate::services::agentcore {
namespace {

// The contract counts characters; AWS's quota is 20 KB.
constexpr std::size_t policy_bytes_max = 20 * 1024;

store::Key policy_key(const aws::Call& call) {
  return key_of(call, model::kind::resource_policy, aws::text(call, "resourceArn"));
}

Task<Result<aws::Answer>> put(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  const std::string policy = aws::text(call, "policy");
  if (policy.size() > policy_bytes_max) {
    co_return invalid_member("policy", fmt::format("has {} bytes; at most {} are taken",
                                                   policy.size(), policy_bytes_max));
  }
  const auto document = json::parse(policy);
  if (!document) co_return invalid_member("policy", document.error().message);
  if (!document->is_object()) co_return invalid_member("policy", "expected a JSON object");
  CO_TRY(const store::Key resource, co_await existing_resource(agentcore, call));
  const JsonObject shown{{"policy", policy}};
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = resource,
                                 .otherwise = "The resource was deleted meanwhile"});
  batch.puts.push_back({.key = policy_key(call), .body = json::print(shown)});
  CO_TRY_DO(co_await commit_and_serve(agentcore, std::move(batch)));
  co_return aws::Answer{.output = shown, .body = {}};
}

// A resource without a policy has none to show: the member is not required in the answer.
Task<Result<aws::Answer>> get(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY_DO(co_await existing_resource(agentcore, call));
  CO_TRY(const auto stored, co_await agentcore.store.get(policy_key(call)));
  if (!stored) co_return aws::Answer{};
  CO_TRY(Json document, json::parse(stored->body));
  co_return aws::Answer{.output = std::move(document), .body = {}};
}

Task<Result<aws::Answer>> remove(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY_DO(co_await existing_resource(agentcore, call));
  store::Batch batch;
  batch.deletes.push_back(policy_key(call));
  CO_TRY_DO(co_await commit_and_serve(agentcore, std::move(batch)));
  co_return aws::Answer{};
}

}  // namespace

void add_resource_policy_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "PutResourcePolicy", put));
  rows.push_back(aws::row(agentcore, "GetResourcePolicy", get));
  rows.push_back(aws::row(agentcore, "DeleteResourcePolicy", remove));
}

}  // namespace toolgate::services::agentcore
