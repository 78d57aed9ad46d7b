// CreateAgentRuntime, GetAgentRuntime, UpdateAgentRuntime, DeleteAgentRuntime, ListAgentRuntimes.
#include <fmt/format.h>

#include "base/ids.h"
#include "runtimes/documents.h"
#include "services/agentcore/paging.h"
#include "services/agentcore/runtimes/artifact.h"
#include "services/agentcore/runtimes/parts.h"

namespace toolgate::services::agentcore {
namespace {

// AWS: "Quotas for AgentCore Runtime", agents an account.
constexpr std::size_t runtimes_count_max = 1'000;
constexpr int version_max = 99'999;  // the contract's pattern

// The caller's settings, which Get shows as they were given.
constexpr std::initializer_list<std::string_view> settings{
    "agentRuntimeArtifact",    "roleArn",
    "networkConfiguration",    "description",
    "authorizerConfiguration", "requestHeaderConfiguration",
    "protocolConfiguration",   "lifecycleConfiguration",
    "environmentVariables",    "platformVersion"};

// What we do not do must not be accepted in silence.
Result<void> refuse_unserved(const Json& input) {
  for (const std::string_view member :
       {"hooksConfiguration", "filesystemConfigurations", "capacityProviderConfiguration",
        "allowedPorts", "resourceConfigurations", "metadataConfiguration"}) {
    if (json::find(input, member) != nullptr) {
      return invalid_member(std::string{member}, "not served by this version of toolgate");
    }
  }
  if (json::find_string(input, "networkConfiguration", "networkMode") == "VPC") {
    return invalid_member("networkConfiguration.networkMode",
                          "VPC is not served: there is none here, and subnets and security groups "
                          "would bind nothing; PUBLIC shares this machine's network");
  }
  return {};
}

// What the contract cannot say about a runtime's members.
Result<void> check(const aws::Call& call) {
  TRY_DO(refuse_unserved(call.input));
  const auto served =
      runtimes::read_served(runtimes::runtime_key(place_of(call), "x"), "", call.input, nullptr);
  if (!served) {
    const auto& message = served.error().message;
    const auto colon = message.find(':');
    return invalid_member(message.substr(0, colon), message.substr(colon + 2));
  }
  const auto lifecycle = runtimes::lifecycle_of(call.input);
  if (lifecycle.idle_timeout > lifecycle.max_lifetime) {
    return invalid_member("lifecycleConfiguration.idleRuntimeSessionTimeout",
                          "must not be longer than maxLifetime");
  }
  return {};
}

// AWS's text, which the starter toolkit looks for before it tries again.
Task<Result<identity::Principal>> check_role(AgentCore& agentcore, const aws::Call& call,
                                             std::string runtime_arn) {
  const std::string arn = aws::text(call, "roleArn");
  auto role = co_await agentcore.runtimes->fleet.options().role_session(
      {.account = call.account,
       .arn = arn,
       .session = "BedrockAgentCore-validation",
       .runtime_arn = std::move(runtime_arn)});
  if (role) co_return role;
  co_return fail(Code::invalid,
                 fmt::format("Role validation failed for '{}'. Please verify that the role exists "
                             "and its trust policy allows assumption by this service: {}",
                             arn, role.error().message));
}

// The service reads the archive itself, so it asks first whether the role may, or else who deploys:
// the roles that the starter toolkit makes for archives have no permission of S3. What is not there
// is the deployment's to say.
Task<Result<void>> check_archive(AgentCore& agentcore, const aws::Call& call,
                                 identity::Principal role, net::Worker& worker) {
  const Json* code = json::find(call.input, "agentRuntimeArtifact", "codeConfiguration");
  const auto archive = code != nullptr ? archive_of(*code) : std::nullopt;
  if (!archive) co_return Result<void>{};
  const auto& source = agentcore.runtimes->source;
  for (const auto& reader : {role, call.caller}) {
    const auto may = co_await source.check(place_of(call), *archive, reader, worker);
    if (may || may.error().code != Code::denied) co_return Result<void>{};
  }
  co_return fail(Code::denied,
                 fmt::format("Neither the role {} nor {} is authorized to read the code: the role "
                             "needs {} on arn:aws:s3:::{}/{}",
                             aws::text(call, "roleArn"), call.caller.arn,
                             archive->version.empty() ? "s3:GetObject" : "s3:GetObjectVersion",
                             archive->bucket, archive->key));
}

// The role is whom an image is read for. AWS's text, and which of the three is missing.
Task<Result<void>> check_image(AgentCore& agentcore, const aws::Call& call,
                               identity::Principal role) {
  const auto uri = json::find_string(call.input, "agentRuntimeArtifact", "containerConfiguration",
                                     "containerUri");
  const auto image = uri ? runtimes::parse_image_name(std::string{*uri})
                         : Result<runtimes::ImageName>{fail(Code::invalid, "no image")};
  if (!image) co_return Result<void>{};  // the deployment's to say
  const std::string repository = fmt::format("arn:aws:ecr:{}:{}:repository/{}", image->place.region,
                                             image->place.account, image->repository);
  for (const auto& [action, resource] : {std::pair{"ecr:GetAuthorizationToken", std::string{"*"}},
                                         std::pair{"ecr:BatchGetImage", repository},
                                         std::pair{"ecr:GetDownloadUrlForLayer", repository}}) {
    const auto may = co_await agentcore.runtimes->may(role, action, resource);
    if (may) continue;
    co_return fail(Code::invalid,
                   fmt::format("Access denied while validating ECR URI '{}'. The execution role "
                               "requires permissions for ecr:GetAuthorizationToken, "
                               "ecr:BatchGetImage, and ecr:GetDownloadUrlForLayer operations. "
                               "Missing: {} on {}",
                               *uri, action, resource),
                   may.error().message);
  }
  co_return Result<void>{};
}

// What a runtime is made of may be read for its role.
Task<Result<void>> check_artifact(AgentCore& agentcore, const aws::Call& call,
                                  identity::Principal role, net::Worker& worker) {
  CO_TRY_DO(co_await check_image(agentcore, call, role));
  co_return co_await check_archive(agentcore, call, std::move(role), worker);
}

// A version's document, which is the newest version's runtime document too.
JsonObject document_of(const aws::Call& call, const store::Key& runtime, std::string_view name,
                       int version, std::string_view status) {
  JsonObject document;
  copy_members(call.input, document, settings);
  document["agentRuntimeArn"] = runtimes::runtime_arn(runtime);
  document["agentRuntimeId"] = runtime.id;
  document["agentRuntimeName"] = name;
  document["agentRuntimeVersion"] = std::to_string(version);
  document["status"] = status;
  document["createdAt"] = document["lastUpdatedAt"] = epoch_seconds(call.now);
  document["workloadIdentityDetails"] =
      JsonObject{{"workloadIdentityArn", model::workload_identity_arn(place_of(call), runtime.id)}};
  if (!document.contains("networkConfiguration")) {
    document["networkConfiguration"] = JsonObject{{"networkMode", "PUBLIC"}};
  }
  const auto lifecycle = runtimes::lifecycle_of(call.input);
  document["lifecycleConfiguration"] =
      JsonObject{{"idleRuntimeSessionTimeout", lifecycle.idle_timeout.count()},
                 {"maxLifetime", lifecycle.max_lifetime.count()}};
  return document;
}

JsonObject shown(const Json& document) {
  JsonObject output = document.get_object();
  for (const std::string_view own : {"recipe", "imageDigest"}) output.erase(own);
  return output;
}

JsonObject brief(const Json& document, std::initializer_list<std::string_view> more = {}) {
  JsonObject output;
  copy_members(document, output,
               {"agentRuntimeArn", "agentRuntimeId", "agentRuntimeVersion", "status", "createdAt",
                "workloadIdentityDetails"});
  copy_members(document, output, more);
  return output;
}

store::Put workload_identity(const aws::Call& call, const std::string& id) {
  const JsonObject document{
      {"name", id},
      {"workloadIdentityArn", model::workload_identity_arn(place_of(call), id)},
      {"allowedResourceOauth2ReturnUrls", JsonArray{}},
      {"createdTime", epoch_seconds(call.now)},
      {"lastUpdatedTime", epoch_seconds(call.now)}};
  return {.key = key_of(call, model::kind::workload_identity, id), .body = json::print(document)};
}

store::Put default_endpoint(const aws::Call& call, const store::Key& runtime) {
  const std::string_view name = runtimes::default_endpoint;
  const JsonObject document{{"name", name},
                            {"id", runtime.id},
                            {"agentRuntimeArn", runtimes::runtime_arn(runtime)},
                            {"agentRuntimeEndpointArn", runtimes::endpoint_arn(runtime, name)},
                            {"targetVersion", "1"},
                            {"status", "CREATING"},
                            {"createdAt", epoch_seconds(call.now)},
                            {"lastUpdatedAt", epoch_seconds(call.now)}};
  return {.key = runtimes::endpoint_key(runtime, name), .body = json::print(document)};
}

void add_deployment(store::Batch& batch, const store::Key& runtime, int version,
                    const JsonObject& document) {
  const store::Key key = runtimes::version_key(runtime, version);
  const std::string body = json::print(document);
  batch.puts.push_back({.key = runtime, .body = body});
  batch.puts.push_back({.key = key, .body = body});
  batch.jobs.push_back({.kind = std::string{deploy_version}, .subject = key, .payload = "{}"});
}

Task<Result<aws::Answer>> create_runtime(AgentCore& agentcore, aws::Call& call,
                                         net::Worker& worker) {
  CO_TRY(auto before, co_await repeated(agentcore, call));
  if (before) co_return *std::move(before);
  CO_TRY_DO(check(call));
  const std::string name = aws::text(call, "agentRuntimeName");
  const store::Key key =
      runtimes::runtime_key(place_of(call), name + '-' + random_text(10, mixed_alphanumeric));
  CO_TRY(auto role, co_await check_role(agentcore, call, runtimes::runtime_arn(key)));
  CO_TRY_DO(co_await check_artifact(agentcore, call, std::move(role), worker));
  CO_TRY(const auto existing,
         co_await count(agentcore, runtimes::runtime_key(place_of(call), ""), runtimes_count_max));
  if (existing >= runtimes_count_max) {
    co_return fail(Code::quota, fmt::format("The account has {} agent runtimes, its limit.",
                                            runtimes_count_max));
  }
  const JsonObject document = document_of(call, key, name, 1, "CREATING");
  store::Batch batch;
  add_deployment(batch, key, 1, document);
  batch.puts.push_back(default_endpoint(call, key));
  batch.puts.push_back(workload_identity(call, key.id));
  if (const Json* tags = json::find(call.input, "tags")) {
    batch.puts.push_back({.key = key_of(call, model::kind::tags, runtimes::runtime_arn(key)),
                          .body = json::print(*tags)});
  }
  batch.claims.push_back({.owner = key, .name = name});
  const Json output = brief(document);
  batch.idempotency = remember(call, output);
  const auto done =
      co_await commit_and_run(agentcore, std::move(batch), runtimes::version_key(key, 1));
  if (!done && done.error().name == "name_taken") {
    CO_TRY(auto other, co_await repeated(agentcore, call));
    if (other) co_return *std::move(other);
    co_return fail(Code::conflict,
                   fmt::format("An agent with the specified name {} already exists in your "
                               "account. Please use a unique agent name",
                               name));
  }
  if (!done) co_return std::unexpected(done.error());
  const auto now = co_await load(agentcore, key, "The agent runtime was deleted meanwhile.");
  co_return aws::Answer{.output = now ? Json(brief(now->document)) : output, .body = {}};
}

Task<Result<aws::Answer>> get_runtime(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(Loaded found, co_await load_runtime(agentcore, call));
  if (const int version = runtimes::version_number(call.input, "agentRuntimeVersion");
      version != 0) {
    CO_TRY(found, co_await load_version(agentcore, found.key, version));
  }
  co_return aws::Answer{.output = shown(found.document), .body = {}};
}

Task<Result<aws::Answer>> update_runtime(AgentCore& agentcore, aws::Call& call,
                                         net::Worker& worker) {
  CO_TRY(auto before, co_await repeated(agentcore, call));
  if (before) co_return *std::move(before);
  CO_TRY_DO(check(call));
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  CO_TRY(auto role, co_await check_role(agentcore, call, runtimes::runtime_arn(runtime.key)));
  CO_TRY_DO(co_await check_artifact(agentcore, call, std::move(role), worker));
  const auto status = json::find_string(runtime.document, "status").value_or("");
  if (status.ends_with("ING")) {
    co_return fail(Code::conflict, fmt::format("Agent runtime {} is {}; wait until it is READY.",
                                               runtime.key.id, status));
  }
  const int version = runtimes::version_number(runtime.document, "agentRuntimeVersion") + 1;
  if (version > version_max)
    co_return fail(Code::quota, "The agent runtime has too many versions.");
  JsonObject document = document_of(
      call, runtime.key, json::find_string(runtime.document, "agentRuntimeName").value_or(""),
      version, "UPDATING");
  document["createdAt"] = *json::find(runtime.document, "createdAt");
  CO_TRY(const Loaded endpoint,
         co_await load_endpoint(agentcore, runtime.key, runtimes::default_endpoint));
  JsonObject pointed = endpoint.document.get_object();
  pointed["targetVersion"] = std::to_string(version);
  pointed["status"] = "UPDATING";
  pointed["lastUpdatedAt"] = epoch_seconds(call.now);
  pointed.erase("failureReason");
  store::Batch batch;
  const std::string meanwhile = "The agent runtime was changed meanwhile; try again.";
  batch.preconditions = {unchanged(runtime, meanwhile), unchanged(endpoint, meanwhile)};
  add_deployment(batch, runtime.key, version, document);
  batch.puts.push_back({.key = endpoint.key, .body = json::print(pointed)});
  const Json output = brief(document, {"lastUpdatedAt"});
  batch.idempotency = remember(call, output);
  CO_TRY_DO(co_await commit_and_run(agentcore, std::move(batch),
                                    runtimes::version_key(runtime.key, version)));
  const auto now = co_await load(agentcore, runtime.key, "The agent runtime was deleted.");
  co_return aws::Answer{.output = now ? Json(brief(now->document, {"lastUpdatedAt"})) : output,
                        .body = {}};
}

// All documents under "id/" of one kind.
Task<Result<void>> delete_children(AgentCore& agentcore, const store::Key& runtime,
                                   std::string_view kind, store::Batch& batch) {
  store::Key prefix = runtime;
  prefix.kind = kind;
  prefix.id += '/';
  std::string after;
  do {
    CO_TRY(const auto page, co_await agentcore.store.list(prefix, 500, after));
    for (const auto& document : page.documents) batch.deletes.push_back(document.key);
    after = page.next;
  } while (!after.empty());
  co_return Result<void>{};
}

Task<Result<aws::Answer>> delete_runtime(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  if (json::find(call.input, "agentRuntimeVersion") != nullptr) {
    co_return invalid_member("agentRuntimeVersion", "one version alone cannot be deleted");
  }
  const std::string arn = runtimes::runtime_arn(runtime.key);
  store::Batch batch;
  batch.preconditions = {unchanged(runtime, "The agent runtime was changed meanwhile; try again.")};
  batch.deletes = {runtime.key, key_of(call, model::kind::workload_identity, runtime.key.id),
                   key_of(call, model::kind::tags, arn),
                   key_of(call, model::kind::resource_policy, arn)};
  CO_TRY_DO(co_await delete_children(agentcore, runtime.key, runtimes::kind::version, batch));
  CO_TRY_DO(co_await delete_children(agentcore, runtime.key, runtimes::kind::endpoint, batch));
  CO_TRY_DO(co_await agentcore.store.commit(std::move(batch)));
  CO_TRY_DO(co_await agentcore.runtimes->fleet.refresh(runtime.key));
  co_return aws::Answer{
      .output = JsonObject{{"status", "DELETING"}, {"agentRuntimeId", runtime.key.id}}, .body = {}};
}

JsonObject summary(const Json& document) {
  JsonObject item;
  copy_members(document, item,
               {"agentRuntimeArn", "agentRuntimeId", "agentRuntimeVersion", "agentRuntimeName",
                "description", "lastUpdatedAt", "status"});
  if (!item.contains("description")) item["description"] = "";  // the contract requires it
  return item;
}

Task<Result<aws::Answer>> list_runtimes(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await list_page(agentcore, call, runtimes::runtime_key(place_of(call), ""),
                               "agentRuntimes", summary);
}

Task<Result<aws::Answer>> list_versions(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded runtime, co_await load_runtime(agentcore, call));
  store::Key prefix = runtime.key;
  prefix.kind = runtimes::kind::version;
  prefix.id += '/';
  co_return co_await list_page(agentcore, call, std::move(prefix), "agentRuntimes", summary);
}

}  // namespace

void add_runtime_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "CreateAgentRuntime", create_runtime));
  rows.push_back(aws::row(agentcore, "GetAgentRuntime", get_runtime));
  rows.push_back(aws::row(agentcore, "UpdateAgentRuntime", update_runtime));
  rows.push_back(aws::row(agentcore, "DeleteAgentRuntime", delete_runtime));
  rows.push_back(aws::row(agentcore, "ListAgentRuntimes", list_runtimes));
  rows.push_back(aws::row(agentcore, "ListAgentRuntimeVersions", list_versions));
  add_endpoint_operations(agentcore, rows);
}

}  // namespace toolgate::services::agentcore
