// GetTokenVault, SetTokenVaultCMK: the one vault, "default". Which KMS key it names is kept and
// shown; secrets are sealed under this server's master key whatever it says (docs/identity.md).
#include <fmt/format.h>

#include "services/agentcore/identities/families.h"
#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {
namespace {

constexpr std::string_view default_vault = "default";

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
    return invalid_member("kmsConfiguration.kmsKeyArn",
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
  CO_TRY(Json document, json::parse(stored->body));
  co_return aws::Answer{.output = std::move(document), .body = {}};
}

Task<Result<aws::Answer>> set_key(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const store::Key key, vault_key(call));
  CO_TRY(Json kms, read_kms(call));
  const Json document = vault(key, std::move(kms), call.now);
  store::Batch batch;
  batch.puts.push_back({.key = key, .body = json::print(document)});
  CO_TRY_DO(co_await agentcore.store.commit(std::move(batch)));
  co_return aws::Answer{.output = document, .body = {}};
}

}  // namespace

void add_token_vault_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "GetTokenVault", get));
  rows.push_back(aws::row(agentcore, "SetTokenVaultCMK", set_key));
}

}  // namespace toolgate::services::agentcore
