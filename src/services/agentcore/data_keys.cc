#include "services/agentcore/data_keys.h"

#include "base/event.h"
#include "base/ids.h"
#include "base/limits.h"
#include "catalogue/jobs.h"
#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {
namespace {

constexpr std::string_view gateway_context = "aws:bedrock-agentcore-gateway:arn";
constexpr std::string_view vault_context = "aws:bedrock-agentcore-identity:token-vault-arn";

}  // namespace

KeyUse key_use(const store::Key& key, const Json& document, std::string kms_key_arn) {
  const model::Place place{.account = key.account, .region = key.region};
  KeyUse use{.owner = credentials::owner_of(place, document),
             .kms_key_arn = std::move(kms_key_arn),
             .context_name = std::string{gateway_context},
             .context_value = {}};
  use.context_value = use.owner.gateway_arn;
  if (key.kind == model::kind::token_vault) {
    use.context_name = vault_context;
    use.context_value = model::agentcore_arn(place, "token-vault/" + key.id);
  }
  return use;
}

Task<Result<store::Envelope>> wrapped_anew(AgentCore& agentcore, store::Envelope before, KeyUse use,
                                           std::string_view member, net::Worker& worker) {
  store::Envelope after{.current = {}, .keys = std::move(before.keys)};
  if (use.kms_key_arn.empty()) co_return after;
  if (agentcore.data_keys == nullptr || agentcore.keyring == nullptr) {
    co_return invalid_member(std::string{member}, "this server has no KMS");
  }
  auto made = co_await agentcore.data_keys->make(use, worker);
  if (made) {
    // Whether it can be opened again is better known now than after the next start.
    const auto opened = co_await agentcore.data_keys->unwrap(use, made->wrapped, worker);
    if (!opened) made = std::unexpected(opened.error());
  }
  if (!made && made.error().code == Code::unavailable) co_return std::unexpected(made.error());
  if (!made) co_return invalid_member(std::string{member}, made.error().message);
  after.current = random_uuid();
  after.keys.insert(
      after.keys.begin(),
      {.id = after.current, .kms_key_arn = use.kms_key_arn, .wrapped = std::move(made->wrapped)});
  agentcore.keyring->open(after.current, std::move(made->plain));
  co_return after;
}

Result<void> check_open(const AgentCore& agentcore, const Json& owner) {
  if (agentcore.keyring == nullptr) return {};
  return store::check_open(*agentcore.keyring, store::envelope_of(owner));
}

Task<Result<Json>> commit_and_reseal(AgentCore& agentcore, store::Key key, store::Batch batch) {
  batch.jobs.push_back(catalogue::reseal_job(key));
  const auto ended = agentcore.runner.expect(key);
  CO_TRY(auto version, co_await agentcore.store.commit(std::move(batch)));
  agentcore.runner.poke();
  co_await ended->wait(within(limits::inline_work_for));
  CO_TRY(const Loaded after, co_await load(agentcore, key, "It was deleted meanwhile."));
  version = std::max(version, after.version);
  co_await agentcore.publisher.served(version, within(limits::serve_version_within));
  co_return after.document;
}

}  // namespace toolgate::services::agentcore
