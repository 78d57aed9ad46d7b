// CreateAgentRuntimeEndpoint, GetAgentRuntimeEndpoint, UpdateAgentRuntimeEndpoint,
// DeleteAgentRuntimeEndpoint, ListAgentRuntimeEndpoints.
#include <fmt/format.h>

#include "runtimes/documents.h"
#include "services/agentcore/paging.h"
#include "services/agentcore/runtimes/parts.h"

namespace toolgate::services::agentcore {
namespace {

// AWS: "Quotas for AgentCore Runtime", endpoints an agent.
constexpr std::size_t endpoints_count_max = 10;

// The version to point at: the named one, which must be deployed, or the runtime's newest.
Task<Result<int>> wanted_version(AgentCore& agentcore, const aws::Call& call,
                                 const Loaded& runtime) {
  const int named = runtimes::version_number(call.input, "agentRuntimeVersion");
  const int version =
      named != 0 ? named : runtimes::version_number(runtime.document, "agentRuntimeVersion");
  CO_TRY(const Loaded found, co_await load_version(agentcore, runtime.key, version));
  const auto status = json::find_string(found.document, "status").value_or("");
  if (status == "READY") co_return version;
  co_return fail(Code::conflict, fmt::format("Version {} of agent runtime {} is {}, not READY.",
                                             version, runtime.key.id, status));
}

void point(store::Batch& batch, const store::Key& key, JsonObject& document, int version,
           std::string_view status, const aws::Call& call) {
  document["targetVersion"] = std::to_string(version);
  document["status"] = status;
  document["lastUpdatedAt"] = epoch_seconds(call.now);
  document.erase("failureReason");
  batch.puts.push_back({.key = key, .body = json::print(document)});
  batch.jobs.push_back({.kind = std::string{point_endpoint}, .subject = key, .payload = "{}"});
}

Task<Result<aws::Answer>> create_endpoint(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(auto before, co_await repeated(agentcore, call));
  if (before) co_return *std::move(before);
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  CO_TRY(const int version, co_await wanted_version(agentcore, call, runtime));
  const std::string name = aws::text(call, "name");
  const store::Key key = runtimes::endpoint_key(runtime.key, name);
  CO_TRY(const auto existing,
         co_await count(agentcore, runtimes::endpoint_key(runtime.key, ""), endpoints_count_max));
  if (existing >= endpoints_count_max) {
    co_return fail(Code::quota, fmt::format("Agent runtime {} has {} endpoints, its limit.",
                                            runtime.key.id, endpoints_count_max));
  }
  const std::string arn = runtimes::endpoint_arn(runtime.key, name);
  JsonObject document{{"name", name},
                      {"id", runtime.key.id},
                      {"agentRuntimeArn", runtimes::runtime_arn(runtime.key)},
                      {"agentRuntimeEndpointArn", arn},
                      {"createdAt", epoch_seconds(call.now)}};
  copy_members(call.input, document, {"description"});
  store::Batch batch;
  batch.preconditions.push_back(
      {.holds = store::Precondition::Holds::absent,
       .key = key,
       .otherwise = fmt::format("An endpoint with the name {} already exists.", name)});
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = runtime.key,
                                 .otherwise = "The agent runtime was deleted meanwhile."});
  point(batch, key, document, version, "CREATING", call);
  if (const Json* tags = json::find(call.input, "tags")) {
    batch.puts.push_back({.key = key_of(call, model::kind::tags, arn), .body = json::print(*tags)});
  }
  const auto output_of = [&](const Json& now) {
    JsonObject output{{"agentRuntimeId", runtime.key.id}, {"endpointName", name}};
    copy_members(
        now, output,
        {"targetVersion", "agentRuntimeEndpointArn", "agentRuntimeArn", "status", "createdAt"});
    return output;
  };
  batch.idempotency = remember(call, output_of(document));
  CO_TRY_DO(co_await commit_and_run(agentcore, std::move(batch), key));
  CO_TRY(const Loaded now, co_await load_endpoint(agentcore, runtime.key, name));
  co_return aws::Answer{.output = output_of(now.document), .body = {}};
}

Task<Result<aws::Answer>> get_endpoint(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  CO_TRY(Loaded found,
         co_await load_endpoint(agentcore, runtime.key, aws::text(call, "endpointName")));
  co_return aws::Answer{.output = std::move(found.document), .body = {}};
}

Task<Result<aws::Answer>> update_endpoint(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(auto before, co_await repeated(agentcore, call));
  if (before) co_return *std::move(before);
  const std::string name = aws::text(call, "endpointName");
  if (name == runtimes::default_endpoint) {
    co_return invalid_member("endpointName", "DEFAULT follows the newest version by itself");
  }
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  CO_TRY(const Loaded endpoint, co_await load_endpoint(agentcore, runtime.key, name));
  CO_TRY(const int version, co_await wanted_version(agentcore, call, runtime));
  JsonObject document = endpoint.document.get_object();
  copy_members(call.input, document, {"description"});
  store::Batch batch;
  batch.preconditions = {unchanged(endpoint, "The endpoint was changed meanwhile; try again.")};
  point(batch, endpoint.key, document, version, "UPDATING", call);
  const auto output_of = [](const Json& now) {
    JsonObject output;
    copy_members(now, output,
                 {"liveVersion", "targetVersion", "agentRuntimeEndpointArn", "agentRuntimeArn",
                  "status", "createdAt", "lastUpdatedAt"});
    return output;
  };
  batch.idempotency = remember(call, output_of(document));
  CO_TRY_DO(co_await commit_and_run(agentcore, std::move(batch), endpoint.key));
  CO_TRY(const Loaded now, co_await load_endpoint(agentcore, runtime.key, name));
  co_return aws::Answer{.output = output_of(now.document), .body = {}};
}

Task<Result<aws::Answer>> delete_endpoint(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  const std::string name = aws::text(call, "endpointName");
  if (name == runtimes::default_endpoint) {
    co_return fail(Code::conflict, "The endpoint DEFAULT goes with its agent runtime.");
  }
  CO_TRY(const Loaded endpoint, co_await load_endpoint(agentcore, runtime.key, name));
  store::Batch batch;
  batch.deletes = {endpoint.key,
                   key_of(call, model::kind::tags, runtimes::endpoint_arn(runtime.key, name))};
  CO_TRY_DO(co_await agentcore.store.commit(std::move(batch)));
  CO_TRY_DO(co_await agentcore.runtimes->fleet.refresh(runtime.key));
  co_return aws::Answer{.output = JsonObject{{"status", "DELETING"},
                                             {"agentRuntimeId", runtime.key.id},
                                             {"endpointName", name}},
                        .body = {}};
}

Task<Result<aws::Answer>> list_endpoints(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  co_return co_await list_page(agentcore, call, runtimes::endpoint_key(runtime.key, ""),
                               "runtimeEndpoints", [](const Json& document) {
                                 JsonObject item = document.get_object();
                                 item.erase("failureReason");
                                 return item;
                               });
}

}  // namespace

void add_endpoint_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "CreateAgentRuntimeEndpoint", create_endpoint));
  rows.push_back(aws::row(agentcore, "GetAgentRuntimeEndpoint", get_endpoint));
  rows.push_back(aws::row(agentcore, "UpdateAgentRuntimeEndpoint", update_endpoint));
  rows.push_back(aws::row(agentcore, "DeleteAgentRuntimeEndpoint", delete_endpoint));
  rows.push_back(aws::row(agentcore, "ListAgentRuntimeEndpoints", list_endpoints));
}

}  // namespace toolgate::services::agentcore
