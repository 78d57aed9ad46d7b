// CreateOauth2CredentialProvider, Get, Update, Delete, List: clients at authorization servers, with
// which targets are called. The client's secret is sealed and never shown again.
#include <fmt/format.h>

#include "base/ids.h"
#include "credentials/provider.h"
#include "services/agentcore/identities/families.h"
#include "services/agentcore/identities/named.h"
#include "services/agentcore/identities/oauth2_configuration.h"
#include "services/agentcore/paging.h"

namespace toolgate::services::agentcore {
namespace {

constexpr Family family{.kind = model::kind::oauth2_provider,
                        .what = "Credential provider",
                        .arn = model::oauth2_provider_arn,
                        .quota = &Quotas::oauth2_providers};

// Where the vendor sends users back to; its host is ours, so it is made when it is read.
std::string callback_url(const AgentCore& agentcore, const Json& document) {
  return fmt::format("{}/identities/oauth2/callback/{}", agentcore.base_url(),
                     json::find_string(document, "callbackId").value_or(""));
}

// Create's answer; Get and Update show more.
JsonObject created(const AgentCore& agentcore, const Json& document) {
  JsonObject output;
  copy_members(document, output,
               {"clientSecretArn", "clientSecretSource", "name", "credentialProviderArn",
                "oauth2ProviderConfigOutput", "status"});
  output["callbackUrl"] = callback_url(agentcore, document);
  return output;
}

JsonObject shown(const AgentCore& agentcore, const Json& document) {
  JsonObject output = created(agentcore, document);
  copy_members(document, output, {"credentialProviderVendor", "createdTime", "lastUpdatedTime"});
  return output;
}

// Who makes a provider lends its key to everyone who may use the provider: they must be allowed to
// have it sign. A key that is not there, or does not fit, is found out now and not in a call.
Task<Result<void>> check_key(AgentCore& agentcore, const aws::Call& call,
                             const OAuth2Configuration& configuration) {
  if (!configuration.client_key) co_return Result<void>{};
  if (agentcore.signer == nullptr) co_return fail(Code::internal, "no key signs here");
  const auto& key = *configuration.client_key;
  CO_TRY_DO(co_await agentcore.signer->may_sign(call.caller, place_of(call), key.key_arn));
  const auto signature = co_await agentcore.signer->sign({.place = place_of(call),
                                                          .key_arn = key.key_arn,
                                                          .algorithm = key.algorithm,
                                                          .input = "is it there"});
  if (!signature) co_return invalid_member(configuration.key_path, signature.error().message);
  co_return Result<void>{};
}

Task<Result<aws::Answer>> create(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(OAuth2Configuration configuration, read_oauth2_configuration(call.input));
  CO_TRY_DO(co_await check_key(agentcore, call, configuration));
  const store::Key key = named_key(call, family);
  const JsonObject document{
      {"name", key.id},
      {"credentialProviderArn", family.arn(place_of(call), key.id)},
      {"credentialProviderVendor", aws::text(call, "credentialProviderVendor")},
      {"clientSecretArn", new_secret_arn(call, "oauth2")},
      {"clientSecretSource", "MANAGED"},
      {"callbackId", random_uuid()},
      {"oauth2ProviderConfigOutput", std::move(configuration.shown)},
      {"createdTime", epoch_seconds(call.now)},
      {"lastUpdatedTime", epoch_seconds(call.now)},
      {"status", "READY"},
      {credentials::sealed_client_secret,
       credentials::seal_member(agentcore.secrets, key, credentials::sealed_client_secret,
                                configuration.client_secret)}};
  CO_TRY_DO(co_await create_named(agentcore, call, family, document));
  co_return aws::Answer{.output = created(agentcore, document), .body = {}};
}

Task<Result<aws::Answer>> get(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded provider, co_await load_named(agentcore, call, family));
  co_return aws::Answer{.output = shown(agentcore, provider.document), .body = {}};
}

// The secret must be given again: who may change the token endpoint but does not know the secret
// must not have it sent to an address of their choice.
Task<Result<aws::Answer>> update(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(OAuth2Configuration configuration, read_oauth2_configuration(call.input));
  CO_TRY_DO(co_await check_key(agentcore, call, configuration));
  CO_TRY(const Loaded provider, co_await load_named(agentcore, call, family));
  JsonObject document = provider.document.get_object();
  document["credentialProviderVendor"] = aws::text(call, "credentialProviderVendor");
  document["oauth2ProviderConfigOutput"] = std::move(configuration.shown);
  document["lastUpdatedTime"] = epoch_seconds(call.now);
  document[credentials::sealed_client_secret] =
      credentials::seal_member(agentcore.secrets, provider.key, credentials::sealed_client_secret,
                               configuration.client_secret);
  CO_TRY_DO(co_await update_named(agentcore, provider, document));
  co_return aws::Answer{.output = shown(agentcore, document), .body = {}};
}

// A target that still names it fails from now on, with a message that says why.
Task<Result<aws::Answer>> remove(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await delete_named(agentcore, call, family);
}

Task<Result<aws::Answer>> list(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await list_page(agentcore, call, key_of(call, family.kind, ""),
                               "credentialProviders", [](const Json& document) {
                                 JsonObject item;
                                 copy_members(
                                     document, item,
                                     {"name", "credentialProviderVendor", "credentialProviderArn",
                                      "createdTime", "lastUpdatedTime"});
                                 return item;
                               });
}

}  // namespace

void add_oauth2_provider_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "CreateOauth2CredentialProvider", create));
  rows.push_back(aws::row(agentcore, "GetOauth2CredentialProvider", get));
  rows.push_back(aws::row(agentcore, "UpdateOauth2CredentialProvider", update));
  rows.push_back(aws::row(agentcore, "DeleteOauth2CredentialProvider", remove));
  rows.push_back(aws::row(agentcore, "ListOauth2CredentialProviders", list));
}

}  // namespace toolgate::services::agentcore
