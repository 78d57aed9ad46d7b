// CreateApiKeyCredentialProvider, Get, Update, Delete, List: keys with which targets are called.
// The key is sealed and never shown again.
#include <fmt/format.h>

#include "credentials/provider.h"
#include "services/agentcore/identities/families.h"
#include "services/agentcore/identities/named.h"
#include "services/agentcore/paging.h"

namespace toolgate::services::agentcore {
namespace {

constexpr Family family{.kind = model::kind::api_key_provider,
                        .what = "Credential provider",
                        .arn = model::api_key_provider_arn,
                        .quota = &Quotas::api_key_providers};

Result<std::string> read_api_key(const aws::Call& call) {
  if (aws::text_if(call, "apiKeySecretSource").value_or("MANAGED") != "MANAGED" ||
      json::find(call.input, "apiKeySecretConfig") != nullptr) {
    return invalid_member("apiKeySecretSource",
                          "keys that you keep elsewhere are not served; give apiKey");
  }
  auto key = aws::text_if(call, "apiKey").value_or("");
  if (key.empty()) return invalid_member("apiKey", "is required");
  if (!credentials::fits_header(key)) {
    return invalid_member("apiKey", "has control characters, such as a line's end");
  }
  return key;
}

JsonObject created(const Json& document) {
  JsonObject output;
  copy_members(document, output,
               {"apiKeySecretArn", "apiKeySecretSource", "name", "credentialProviderArn"});
  return output;
}

JsonObject shown(const Json& document) {
  JsonObject output = created(document);
  copy_members(document, output, {"createdTime", "lastUpdatedTime"});
  return output;
}

Json sealed(const AgentCore& agentcore, const store::Key& key, std::string_view api_key) {
  return Json(credentials::seal_member(agentcore.secrets, key, credentials::sealed_api_key,
                                       api_key));
}

Task<Result<aws::Answer>> create(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const std::string api_key, read_api_key(call));
  const store::Key key = named_key(call, family);
  const JsonObject document{{"name", key.id},
                            {"credentialProviderArn", family.arn(place_of(call), key.id)},
                            {"apiKeySecretArn", new_secret_arn(call, "apikey")},
                            {"apiKeySecretSource", "MANAGED"},
                            {"createdTime", epoch_seconds(call.now)},
                            {"lastUpdatedTime", epoch_seconds(call.now)},
                            {credentials::sealed_api_key, sealed(agentcore, key, api_key)}};
  CO_TRY_DO(co_await create_named(agentcore, call, family, document));
  co_return aws::Answer{.output = created(document), .body = {}};
}

Task<Result<aws::Answer>> get(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded provider, co_await load_named(agentcore, call, family));
  co_return aws::Answer{.output = shown(provider.document), .body = {}};
}

Task<Result<aws::Answer>> update(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const std::string api_key, read_api_key(call));
  CO_TRY(const Loaded provider, co_await load_named(agentcore, call, family));
  JsonObject document = provider.document.get_object();
  document["lastUpdatedTime"] = epoch_seconds(call.now);
  document[credentials::sealed_api_key] = sealed(agentcore, provider.key, api_key);
  CO_TRY_DO(co_await update_named(agentcore, provider, document));
  co_return aws::Answer{.output = shown(document), .body = {}};
}

Task<Result<aws::Answer>> remove(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await delete_named(agentcore, call, family);
}

Task<Result<aws::Answer>> list(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await list_page(
      agentcore, call, key_of(call, family.kind, ""), "credentialProviders",
      [](const Json& document) {
        JsonObject item;
        copy_members(document, item,
                     {"name", "credentialProviderArn", "createdTime", "lastUpdatedTime"});
        return item;
      });
}

}  // namespace

void add_api_key_provider_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "CreateApiKeyCredentialProvider", create));
  rows.push_back(aws::row(agentcore, "GetApiKeyCredentialProvider", get));
  rows.push_back(aws::row(agentcore, "UpdateApiKeyCredentialProvider", update));
  rows.push_back(aws::row(agentcore, "DeleteApiKeyCredentialProvider", remove));
  rows.push_back(aws::row(agentcore, "ListApiKeyCredentialProviders", list));
}

}  // namespace toolgate::services::agentcore
