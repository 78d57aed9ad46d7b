#include "services/agentcore/target_checks.h"

#include <fmt/format.h>

#include "services/agentcore/pending_auth.h"
#include "targets/kinds.h"
#include "targets/propagation.h"

namespace toolgate::services::agentcore {
namespace {

// Reads what the configuration holds, which may be a document of some megabytes.
Task<Result<void>> check_configuration(AgentCore& agentcore, const aws::Call& call,
                                       const std::string& name) {
  const Json* configuration = json::find(call.input, "targetConfiguration");
  ASSERT(configuration != nullptr);
  const targets::TargetSpec spec{
      .id = {}, .name = name, .configuration = *configuration, .place = place_of(call)};
  const auto work = [&spec] { return targets::check(spec); };
  Result<void> checked;
  if (agentcore.offload != nullptr) {
    checked = co_await agentcore.offload->run(work);
  } else {
    checked = work();
  }
  if (!checked) co_return invalid_member("targetConfiguration", checked.error().message);
  co_return Result<void>{};
}

// What the contract cannot say about a target's other members.
Result<void> check(const aws::Call& call, const credentials::Owner& owner) {
  const Json& input = call.input;
  const Json* wanted = json::find(input, "credentialProviderConfigurations");
  const auto need = credentials::Credentials::compile(owner, wanted);
  if (!need) return invalid_member("credentialProviderConfigurations", need.error().message);
  const auto fits = targets::check_credentials(*json::find(input, "targetConfiguration"), wanted);
  if (!fits) {
    return invalid_member("credentialProviderConfigurations", fits.error().message);
  }
  if (const Json* metadata = json::find(input, "metadataConfiguration")) {
    TRY_DO(targets::check_propagation(*metadata, wanted));
  }
  for (const std::string_view member : {"privateEndpoint", "certificateConfigurations"}) {
    if (json::find(input, member) != nullptr) {
      return invalid_member(std::string{member}, "not served by this version of toolgate");
    }
  }
  return {};
}

// What the target needs, and whether callers of its gateway can be asked for it.
Result<credentials::Need> check_need(const aws::Call& call, const credentials::Owner& owner,
                                     const Json& gateway) {
  TRY(auto need, credentials::Credentials::compile(
                     owner, json::find(call.input, "credentialProviderConfigurations")));
  TRY_DO(check_user_consent(gateway, call.input, need));
  return need;
}

}  // namespace

Task<Result<credentials::Need>> check_target(AgentCore& agentcore, const aws::Call& call,
                                             const Json& gateway, const std::string& name,
                                             Steps* steps) {
  OneStep reading{steps, "configuration", "targetConfiguration"};
  const auto read = co_await check_configuration(agentcore, call, name);
  reading.ended(read);
  CO_TRY_DO(read);
  const auto owner = credentials::owner_of(place_of(call), gateway);
  OneStep fitting{steps, "configuration", "credentialProviderConfigurations"};
  auto need = [&]() -> Result<credentials::Need> {
    TRY_DO(check(call, owner));
    return check_need(call, owner, gateway);
  }();
  fitting.ended(need);
  co_return need;
}

Task<Result<void>> check_room(AgentCore& agentcore, const aws::Call& call,
                              const std::string& gateway_id) {
  const auto quota = agentcore.quotas.targets_per_gateway;
  CO_TRY(const auto existing,
         co_await count(agentcore, key_of(call, model::kind::target, gateway_id + '/'), quota));
  if (existing >= quota) {
    co_return fail(Code::quota, fmt::format("The gateway has {} targets, its limit.", quota));
  }
  co_return Result<void>{};
}

Task<Result<void>> check_name(AgentCore& agentcore, const aws::Call& call,
                              const std::string& gateway_id, const std::string& name,
                              const std::string& own_id) {
  const auto scope = key_of(call, model::kind::target, gateway_id + '/');
  CO_TRY(const auto holder, co_await agentcore.store.owner_of(scope, name));
  if (holder && holder->id != scope.id + own_id) co_return name_taken(name);
  co_return Result<void>{};
}

std::unexpected<Error> name_taken(std::string_view name) {
  return fail(Code::conflict,
              fmt::format("A target with the name {} already exists in this gateway.", name));
}

}  // namespace toolgate::services::agentcore
