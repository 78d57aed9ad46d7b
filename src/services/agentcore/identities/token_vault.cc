// GetTokenVault, SetTokenVaultCMK: the one vault, "default". Secrets are sealed under this server's
// master key; a KMS key wraps what they are sealed under besides (docs/kms.md).
#include <fmt/format.h>

#include "json/members.h"
#include "services/agentcore/data_keys.h"
#include "services/agentcore/identities/families.h"
#include "services/agentcore/resource.h"
#include "store/optimistic.h"

namespace toolgate::services::agentcore {
namespace {

constexpr std::string_view default_vault = "default";
constexpr std::string_view key_member = "kmsConfiguration.kmsKeyArn";

Result<store::Key> vault_key(const aws::Call& call) {
  const auto id = aws::text_if(call, "tokenVaultId").value_or(std::string{default_vault});
  if (id != default_vault) {
    return fail(Code::not_found,
                fmt::format("Token vault {} does not exist; there is one, 'default'", id));
  }
  return key_of(call, model::kind::token_vault, id);
}

// A CustomerManagedKey names its key and a ServiceManagedKey has none.
Result<Json> read_kms(const aws::Call& call) {
  const Json* configuration = json::find(call.input, "kmsConfiguration");
  ASSERT(configuration != nullptr);
  const bool ours =
      json::find_string(*configuration, "keyType").value_or("") == "ServiceManagedKey";
  const bool named = json::find(*configuration, "kmsKeyArn") != nullptr;
  if (ours == named) {
    return invalid_member(std::string{key_member},
                          ours ? "only with keyType CustomerManagedKey"
                               : "is required with keyType CustomerManagedKey");
  }
  return *configuration;
}

JsonObject vault(const store::Key& key, Json kms, Time now) {
  return {{"tokenVaultId", key.id},
          {"kmsConfiguration", std::move(kms)},
          {"lastModifiedDate", epoch_seconds(now)}};
}

Json shown(const Json& document) {
  Json output = document;
  output.get_object().erase(store::envelope_member);
  return output;
}

// The vault begins to exist when it is first looked at, so that its date stands still.
Task<Result<aws::Answer>> get(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const store::Key key, vault_key(call));
  CO_TRY(auto stored, co_await agentcore.store.get(key));
  if (!stored) {
    store::Batch batch;
    batch.preconditions.push_back(
        {.holds = store::Precondition::Holds::absent, .key = key, .otherwise = "made meanwhile"});
    const Json document = vault(key, JsonObject{{"keyType", "ServiceManagedKey"}}, call.now);
    batch.puts.push_back({.key = key, .body = json::print(document)});
    const auto made = co_await agentcore.store.commit(std::move(batch));
    if (!made && made.error().code != Code::conflict) co_return std::unexpected(made.error());
    CO_TRY(stored, co_await agentcore.store.get(key));
    ASSERT(stored.has_value());
  }
  CO_TRY(const Json document, json::parse(stored->body));
  co_return aws::Answer{.output = shown(document), .body = {}};
}

Task<Result<aws::Answer>> set_key(AgentCore& agentcore, aws::Call& call, net::Worker& worker) {
  CO_TRY(const store::Key key, vault_key(call));
  CO_TRY(const Json kms, read_kms(call));
  CO_TRY(const auto stored, co_await agentcore.store.get(key));
  CO_TRY(const Json before, json::parse(stored ? stored->body : "{}"));
  JsonObject document = vault(key, kms, call.now);
  const auto envelope = store::envelope_of(before);
  const std::string arn = json::member(kms, "kmsKeyArn");
  if (!arn.empty() && agentcore.data_keys != nullptr) {
    CO_TRY_DO(co_await agentcore.data_keys->may_use(call.caller, key_use(key, document, arn)));
  }
  const bool same = json::find_string(before, "kmsConfiguration", "kmsKeyArn").value_or("") == arn;
  if (same) {
    if (!envelope.keys.empty()) document[store::envelope_member] = store::to_json(envelope);
  } else {
    if (const auto open = check_open(agentcore, before); !open) {
      co_return invalid_member(
          std::string{key_member},
          "what is sealed cannot be moved to another key. " + open.error().message);
    }
    CO_TRY(const auto after, co_await wrapped_anew(agentcore, envelope, key_use(key, document, arn),
                                                   key_member, worker));
    document[store::envelope_member] = store::to_json(after);
  }
  store::Batch batch;
  batch.preconditions.push_back(store::unchanged(key, stored ? stored->version : 0,
                                                 "The vault was changed meanwhile; try again."));
  batch.puts.push_back({.key = key, .body = json::print(document)});
  if (!same) {
    CO_TRY_DO(co_await commit_and_reseal(agentcore, key, std::move(batch)));
  } else {
    CO_TRY_DO(co_await agentcore.store.commit(std::move(batch)));
  }
  co_return aws::Answer{.output = shown(document), .body = {}};
}

}  // namespace

void add_token_vault_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "GetTokenVault", get));
  rows.push_back(aws::row(agentcore, "SetTokenVaultCMK", set_key));
}

}  // namespace toolgate::services::agentcore
