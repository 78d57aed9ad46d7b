// CreateWorkloadIdentity, Get, Update, Delete, List.
#include "services/agentcore/identities/workload_identities.h"

#include <fmt/format.h>

#include "services/agentcore/identities/families.h"
#include "services/agentcore/identities/named.h"
#include "services/agentcore/paging.h"

namespace toolgate::services::agentcore {
namespace {

constexpr Family family{.kind = model::kind::workload_identity,
                        .what = "Workload identity",
                        .arn = model::workload_identity_arn,
                        .quota = &Quotas::workload_identities};

JsonObject new_document(const model::Place& place, std::string_view name, Json return_urls,
                        Time now) {
  return {{"name", name},
          {"workloadIdentityArn", family.arn(place, name)},
          {"allowedResourceOauth2ReturnUrls", std::move(return_urls)},
          {"createdTime", epoch_seconds(now)},
          {"lastUpdatedTime", epoch_seconds(now)}};
}

Json return_urls_of(const aws::Call& call) {
  const Json* urls = json::find(call.input, "allowedResourceOauth2ReturnUrls");
  return urls != nullptr ? *urls : Json(JsonArray{});
}

JsonObject created(const Json& document) {
  JsonObject output;
  copy_members(document, output,
               {"name", "workloadIdentityArn", "allowedResourceOauth2ReturnUrls"});
  return output;
}

JsonObject shown(const Json& document) {
  JsonObject output = created(document);
  copy_members(document, output, {"createdTime", "lastUpdatedTime"});
  return output;
}

Task<Result<aws::Answer>> create(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  const JsonObject document =
      new_document(place_of(call), aws::text(call, "name"), return_urls_of(call), call.now);
  CO_TRY_DO(co_await create_named(agentcore, call, family, document));
  co_return aws::Answer{.output = created(document), .body = {}};
}

Task<Result<aws::Answer>> get(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded identity, co_await load_named(agentcore, call, family));
  co_return aws::Answer{.output = shown(identity.document), .body = {}};
}

Task<Result<aws::Answer>> update(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded identity, co_await load_named(agentcore, call, family));
  JsonObject document = identity.document.get_object();
  document["allowedResourceOauth2ReturnUrls"] = return_urls_of(call);
  document["lastUpdatedTime"] = epoch_seconds(call.now);
  CO_TRY_DO(co_await update_named(agentcore, identity, document));
  co_return aws::Answer{.output = shown(document), .body = {}};
}

Task<Result<aws::Answer>> remove(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  const std::string name = aws::text(call, "name");
  CO_TRY(const auto gateway,
         co_await agentcore.store.get(key_of(call, model::kind::gateway, name)));
  if (gateway) {
    co_return invalid_member(
        "name", fmt::format("{} is the identity of a gateway and is deleted with it", name));
  }
  co_return co_await delete_named(agentcore, call, family);
}

Task<Result<aws::Answer>> list(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await list_page(agentcore, call, key_of(call, family.kind, ""),
                               "workloadIdentities", [](const Json& document) {
                                 JsonObject item;
                                 copy_members(document, item, {"name", "workloadIdentityArn"});
                                 return item;
                               });
}

}  // namespace

store::Put gateway_workload_identity(const model::Place& place, std::string_view gateway_id,
                                     Time now) {
  return {.key = gateway_workload_identity_key(place, gateway_id),
          .body = json::print(new_document(place, gateway_id, JsonArray{}, now))};
}

store::Key gateway_workload_identity_key(const model::Place& place, std::string_view gateway_id) {
  return {.account = place.account,
          .region = place.region,
          .kind = std::string{family.kind},
          .id = std::string{gateway_id}};
}

void add_workload_identity_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "CreateWorkloadIdentity", create));
  rows.push_back(aws::row(agentcore, "GetWorkloadIdentity", get));
  rows.push_back(aws::row(agentcore, "UpdateWorkloadIdentity", update));
  rows.push_back(aws::row(agentcore, "DeleteWorkloadIdentity", remove));
  rows.push_back(aws::row(agentcore, "ListWorkloadIdentities", list));
}

}  // namespace toolgate::services::agentcore
