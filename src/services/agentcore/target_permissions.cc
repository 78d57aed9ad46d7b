#include "services/agentcore/target_permissions.h"

#include <fmt/format.h>

#include "targets/kinds.h"

namespace toolgate::services::agentcore {
namespace {

// AWS's words, and after them the permission and why it is not there.
Task<Result<void>> must_allow(AgentCore& agentcore, const credentials::Owner& owner,
                              std::string action, std::string resource, std::string purpose) {
  const auto may = co_await agentcore.roles->allows(owner, action, resource);
  if (may) co_return Result<void>{};
  if (may.error().code != Code::denied) co_return std::unexpected(may.error());
  co_return fail(Code::invalid,
                 fmt::format("Gateway execution role lacks permission to {}. Update the permission "
                             "and retry the request. Missing: {} on {}. {}",
                             purpose, action, resource, may.error().message),
                 may.error().detail);
}

// The credential provider that a target names must be there; nothing for a need without one.
Task<Result<Json>> load_provider(AgentCore& agentcore, const aws::Call& call,
                                 const credentials::Need& need) {
  using Kind = credentials::Need::Kind;
  if (need.provider.empty()) co_return Json{};
  const auto kind =
      need.kind == Kind::api_key ? model::kind::api_key_provider : model::kind::oauth2_provider;
  CO_TRY(const auto provider, co_await agentcore.store.get(key_of(call, kind, need.provider)));
  if (provider) co_return json::parse(provider->body);
  co_return invalid_member(
      "credentialProviderConfigurations",
      fmt::format("credential provider '{}' does not exist in {}", need.provider, call.region));
}

// What the role must be allowed, and for what: the words of a refusal.
struct Wanted {
  std::string action;
  std::string resource;
  std::string purpose;
};

Result<std::vector<Wanted>> wanted_of(const aws::Call& call, const credentials::Owner& owner,
                                      const std::string& name, const credentials::Need& need,
                                      const Json& provider) {
  TRY(const auto target,
      targets::open({.id = {},
                     .name = name,
                     .configuration = *json::find(call.input, "targetConfiguration"),
                     .place = owner.place}));
  std::vector<Wanted> all;
  for (auto& needed : target->permissions()) {
    all.push_back(
        {std::move(needed.action), std::move(needed.resource), std::move(needed.purpose)});
  }
  for (auto& needed : credentials::Credentials::permissions_of(need, provider)) {
    all.push_back({std::move(needed.action), std::move(needed.resource),
                   fmt::format("use credential provider '{}'", need.provider)});
  }
  return all;
}

Task<Result<void>> role_may_be_assumed(AgentCore& agentcore, const credentials::Owner& owner,
                                       Steps* steps) {
  OneStep step{steps, "role", owner.role_arn};
  const auto may = co_await agentcore.roles->may_be_assumed(owner);
  step.ended(may, "may be assumed by the gateway");
  if (!may && may.error().code == Code::denied) {
    co_return fail(Code::invalid, may.error().message, may.error().detail);
  }
  co_return may;
}

}  // namespace

Task<Result<void>> check_permissions(AgentCore& agentcore, const aws::Call& call,
                                     const credentials::Owner& owner, const std::string& name,
                                     Steps* steps) {
  CO_TRY(const auto need, credentials::Credentials::compile(
                              owner, json::find(call.input, "credentialProviderConfigurations")));
  OneStep loading{need.provider.empty() ? nullptr : steps, "credential provider", need.provider};
  const auto provider = co_await load_provider(agentcore, call, need);
  loading.ended(provider);
  if (!provider) co_return std::unexpected(provider.error());
  if (agentcore.roles == nullptr) co_return Result<void>{};
  CO_TRY(const auto all, wanted_of(call, owner, name, need, *provider));
  const bool role = need.kind == credentials::Need::Kind::gateway_role;
  if (!role && all.empty()) co_return Result<void>{};
  CO_TRY_DO(co_await role_may_be_assumed(agentcore, owner, steps));
  Result<void> first;
  for (const auto& one : all) {
    OneStep step{steps, "permission", fmt::format("{} on {}", one.action, one.resource)};
    auto may = co_await must_allow(agentcore, owner, one.action, one.resource, one.purpose);
    step.ended(may, one.purpose);
    if (!may && first) first = std::move(may);
    if (!first && steps == nullptr) break;
  }
  co_return first;
}

}  // namespace toolgate::services::agentcore
