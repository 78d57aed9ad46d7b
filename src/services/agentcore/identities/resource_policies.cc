// PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy. A policy is kept and given back as
// the text it came as, and decides who may invoke (identity/gatekeeper.h).
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "identity/policy/policy.h"
#include "services/agentcore/identities/families.h"
#include "services/agentcore/identities/resources.h"

namespace toolgate::services::agentcore {
namespace {

// The contract counts characters; AWS's quota is 20 KB.
constexpr std::size_t policy_bytes_max = 20 * 1024;

constexpr std::size_t statements_max = 100;  // AgentCore's quota
constexpr std::string_view invoke_gateway = "bedrock-agentcore:InvokeGateway";

// A gateway's policy speaks of its invocation, and of this gateway alone (Developer Guide,
// "Resource-based policies").
Result<void> check_statement(const identity::policy::Statement& statement, std::string_view arn) {
  using identity::policy::Pattern;
  const auto wrong = [&](std::string_view what) {
    return invalid_member("policy", fmt::format("Statement[{}]: {}", statement.index, what));
  };
  const bool of_gateway = arn.contains(":gateway/");
  const bool invokes = std::ranges::all_of(statement.actions, [](const Pattern& action) {
    return equal_ignoring_case(action.text(), invoke_gateway);
  });
  if (of_gateway && (statement.all_but_actions || !invokes)) {
    return wrong(fmt::format("Action: only {} is decided by a gateway's policy", invoke_gateway));
  }
  const bool this_one = !statement.resources.empty() && !statement.all_but_resources &&
                        std::ranges::all_of(statement.resources, [&](const Pattern& resource) {
                          return resource.text() == arn;
                        });
  if (!this_one) return wrong(fmt::format("Resource: expected exactly {}", arn));
  return {};
}

Result<void> check_policy(std::string_view document, std::string_view arn) {
  const auto policy = identity::policy::parse(document, identity::policy::Use::resource);
  if (!policy) return invalid_member("policy", policy.error().message);
  if (policy->statements.size() > statements_max) {
    return invalid_member("policy", fmt::format("has {} statements; at most {} are taken",
                                                policy->statements.size(), statements_max));
  }
  for (const auto& statement : policy->statements) TRY_DO(check_statement(statement, arn));
  return {};
}

store::Key policy_key(const aws::Call& call) {
  return key_of(call, model::kind::resource_policy, aws::text(call, "resourceArn"));
}

Task<Result<aws::Answer>> put(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  const std::string policy = aws::text(call, "policy");
  if (policy.size() > policy_bytes_max) {
    co_return invalid_member("policy", fmt::format("has {} bytes; at most {} are taken",
                                                   policy.size(), policy_bytes_max));
  }
  CO_TRY_DO(check_policy(policy, aws::text(call, "resourceArn")));
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
