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

}  // namespace

Task<Result<void>> check_permissions(AgentCore& agentcore, const aws::Call& call,
                                     const credentials::Owner& owner, const std::string& name) {
  CO_TRY(const auto need, credentials::Credentials::compile(
                              owner, json::find(call.input, "credentialProviderConfigurations")));
  CO_TRY(const Json provider, co_await load_provider(agentcore, call, need));
  if (agentcore.roles == nullptr) co_return Result<void>{};
  CO_TRY(const auto target,
         targets::open({.id = {},
                        .name = name,
                        .configuration = *json::find(call.input, "targetConfiguration"),
                        .place = owner.place}));
  const auto permissions = target->permissions();
  const auto of_secret = credentials::Credentials::permissions_of(need, provider);
  const bool role = need.kind == credentials::Need::Kind::gateway_role;
  if (!role && permissions.empty() && of_secret.empty()) co_return Result<void>{};
  const auto may = co_await agentcore.roles->may_be_assumed(owner);
  if (!may && may.error().code == Code::denied) {
    co_return fail(Code::invalid, may.error().message, may.error().detail);
  }
  if (!may) co_return std::unexpected(may.error());
  for (const auto& needed : permissions) {
    CO_TRY_DO(
        co_await must_allow(agentcore, owner, needed.action, needed.resource, needed.purpose));
  }
  for (const auto& needed : of_secret) {
    CO_TRY_DO(co_await must_allow(agentcore, owner, needed.action, needed.resource,
                                  fmt::format("use credential provider '{}'", need.provider)));
  }
  co_return Result<void>{};
}

}  // namespace toolgate::services::agentcore
