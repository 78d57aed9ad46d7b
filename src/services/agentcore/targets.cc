// CreateGatewayTarget, GetGatewayTarget, UpdateGatewayTarget, DeleteGatewayTarget,
// ListGatewayTargets, SynchronizeGatewayTargets.
#include <functional>

#include <fmt/format.h>

#include "base/event.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalogue/chunks.h"
#include "catalogue/jobs.h"
#include "json/members.h"
#include "services/agentcore/data_keys.h"
#include "services/agentcore/dry_run.h"
#include "services/agentcore/paging.h"
#include "services/agentcore/pending_auth.h"
#include "services/agentcore/resource.h"
#include "services/agentcore/target_checks.h"
#include "services/agentcore/target_permissions.h"
#include "store/optimistic.h"
#include "targets/kinds.h"

namespace toolgate::services::agentcore {
namespace {

// A target that is changed this often within one call is somebody else's to change.
constexpr int change_attempts_max = 50;

// A document as Get shows it: without the members that are ours.
JsonObject shown(const Json& document) {
  JsonObject output = document.get_object();
  for (const auto member : catalogue::own_members) output.erase(member);
  return output;
}

JsonObject document_of(const aws::Call& call, const std::string& gateway_id, std::string_view id,
                       std::string_view name, std::string_view status) {
  JsonObject document{{"gatewayArn", model::gateway_arn(place_of(call), gateway_id)},
                      {"targetId", id},
                      {"name", name},
                      {"status", status},
                      {"statusReasons", JsonArray{}},
                      {"wanted", 1},
                      {"revision", 1},
                      {"createdAt", epoch_seconds(call.now)},
                      {"updatedAt", epoch_seconds(call.now)},
                      {"credentialProviderConfigurations", JsonArray{}}};
  copy_members(call.input, document,
               {"description", "targetConfiguration", "credentialProviderConfigurations",
                "metadataConfiguration"});
  return document;
}

// Waits until the job that the commit left has ended, at most limits::inline_work_for, and until
// every thread serves what it wrote. Gives the target as it is then.
Task<Result<Json>> run_inline(AgentCore& agentcore, const store::Key& key, store::Version version,
                              Json document, std::shared_ptr<Event> ended) {
  const auto deadline = within(limits::inline_work_for);
  const auto wanted = json::find_int(document, "wanted").value_or(0);
  agentcore.runner.poke();
  while (json::find_int(document, "done").value_or(0) < wanted && co_await ended->wait(deadline)) {
    ended = agentcore.runner.expect(key);
    CO_TRY(const auto stored, co_await agentcore.store.get(key));
    if (!stored) break;  // deleted meanwhile: answer with what it was
    CO_TRY(document, json::parse(stored->body));
    version = stored->version;
  }
  co_await agentcore.publisher.served(version, within(limits::serve_version_within));
  co_return document;
}

// Changes a target and has it synchronised. `change` makes the new document of the old one, and may
// add to the batch; it is asked again when the target was changed meanwhile.
using Change = std::function<Result<JsonObject>(const Json& before, store::Batch& batch)>;
Task<Result<Json>> change_and_run(AgentCore& agentcore, store::Key key, std::string absent,
                                  std::string_view status_on_failure, Change change) {
  for (int attempt = 1;; ++attempt) {
    CO_TRY(const Loaded before, co_await load(agentcore, key, absent));
    store::Batch batch;
    CO_TRY(JsonObject document, change(before.document, batch));
    document["wanted"] = json::find_int(before.document, "wanted").value_or(0) + 1;
    batch.preconditions.push_back(
        store::unchanged(key, before.version, "The target was changed meanwhile; try again."));
    batch.puts.push_back({.key = key, .body = json::print(document)});
    batch.jobs.push_back(catalogue::synchronize_job(key, status_on_failure));
    auto ended = agentcore.runner.expect(key);
    const auto version = co_await agentcore.store.commit(std::move(batch));
    if (version) {
      co_return co_await run_inline(agentcore, key, *version, std::move(document),
                                    std::move(ended));
    }
    const bool raced = store::lost_race(version.error()) && attempt < change_attempts_max;
    if (!raced) co_return std::unexpected(version.error());
  }
}

std::unexpected<Error> name_error(const Error& error, std::string_view name) {
  return error.name == "name_taken" ? name_taken(name) : std::unexpected(error);
}

// The answer to a call that was made before: the target as it is now, because a first answer whose
// work took longer than a call says CREATING for ever.
Task<Result<std::optional<aws::Answer>>> repeated_target(AgentCore& agentcore,
                                                         const aws::Call& call) {
  CO_TRY(auto before, co_await repeated(agentcore, call));
  if (!before) co_return std::nullopt;
  const std::string id = json::member(before->output, "targetId");
  const std::string gateway = aws::text(call, "gatewayIdentifier");
  const auto target =
      co_await load(agentcore, key_of(call, model::kind::target, gateway + '/' + id), {});
  if (target && store::check_open(target->document)) {
    JsonObject output = shown(target->document);
    show_pending(output, target->document, call.now);
    before->output = std::move(output);
  }
  co_return before;
}

Task<Result<aws::Answer>> create_target(AgentCore& agentcore, aws::Call& call,
                                        net::Worker& worker) {
  CO_TRY(const bool dry, is_dry_run(call));
  if (dry) co_return co_await dry_run(agentcore, call, worker, nullptr);
  CO_TRY(auto before, co_await repeated_target(agentcore, call));
  if (before) co_return *std::move(before);
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  CO_TRY_DO(check_open(agentcore, gateway.document));
  const std::string id = random_text(10, upper_alphanumeric);
  const std::string name = aws::text_if(call, "name").value_or("target-" + lower(id));
  CO_TRY(const auto need, co_await check_target(agentcore, call, gateway.document, name));
  const auto owner = credentials::owner_of(place_of(call), gateway.document);
  CO_TRY_DO(co_await check_permissions(agentcore, call, owner, name));
  const store::Key key = key_of(call, model::kind::target, gateway.key.id + '/' + id);
  CO_TRY_DO(co_await check_room(agentcore, call, gateway.key.id));

  JsonObject document = document_of(call, gateway.key.id, id, name, "CREATING");
  const bool waits = waits_for_consent(call.input, need);
  if (waits) {
    CO_TRY(document, co_await begin_consent(agentcore, key, need, std::move(document)));
  }
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = gateway.key,
                                 .otherwise = "The gateway was deleted meanwhile."});
  batch.puts.push_back({.key = key, .body = json::print(document)});
  batch.claims.push_back({.owner = key, .name = name});
  if (!waits) batch.jobs.push_back(catalogue::synchronize_job(key, "FAILED"));
  batch.idempotency = remember(call, shown(document));
  auto ended = agentcore.runner.expect(key);
  const auto version = co_await agentcore.store.commit(std::move(batch));
  if (!version) {
    // The same call may have won a race against this one.
    CO_TRY(auto other, co_await repeated_target(agentcore, call));
    if (other) co_return *std::move(other);
    co_return name_error(version.error(), name);
  }
  if (waits) co_return aws::Answer{.output = shown(document), .body = {}};
  CO_TRY(const Json target,
         co_await run_inline(agentcore, key, *version, document, std::move(ended)));
  co_return aws::Answer{.output = shown(target), .body = {}};
}

Task<Result<aws::Answer>> get_target(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded target, co_await load_target(agentcore, call));
  CO_TRY_DO(store::check_open(target.document));
  JsonObject output = shown(target.document);
  show_pending(output, target.document, call.now);
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

Task<Result<aws::Answer>> update_target(AgentCore& agentcore, aws::Call& call,
                                        net::Worker& worker) {
  CO_TRY(const Loaded target, co_await load_target(agentcore, call));
  CO_TRY(const bool dry, is_dry_run(call));
  if (dry) co_return co_await dry_run(agentcore, call, worker, &target.document);
  const std::string old_name = json::member(target.document, "name");
  const std::string name = aws::text_if(call, "name").value_or(old_name);
  CO_TRY_DO(refuse_while_pending(target.document, call.operation, call.now));
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  CO_TRY_DO(check_open(agentcore, gateway.document));
  CO_TRY_DO(co_await check_target(agentcore, call, gateway.document, name));
  const auto owner = credentials::owner_of(place_of(call), gateway.document);
  CO_TRY_DO(co_await check_permissions(agentcore, call, owner, name));
  const auto change = [&](const Json& before, store::Batch& batch) -> Result<JsonObject> {
    JsonObject document = document_of(call, aws::text(call, "gatewayIdentifier"),
                                      aws::text(call, "targetId"), name, "UPDATING");
    // The old catalogue is served until the new one is there.
    copy_members(before, document,
                 {"createdAt", "lastSynchronizedAt", "catalogue", "done", "consentUser"});
    document["revision"] = json::find_int(before, "revision").value_or(0) + 1;
    const auto name_before = json::find_string(before, "name").value_or("");
    if (name_before != name) {
      batch.releases.push_back({.owner = target.key, .name = std::string{name_before}});
      batch.claims.push_back({.owner = target.key, .name = name});
    }
    return document;
  };
  auto updated = co_await change_and_run(agentcore, target.key, "The target was deleted meanwhile.",
                                         "UPDATE_UNSUCCESSFUL", change);
  if (!updated) co_return name_error(updated.error(), name);
  co_return aws::Answer{.output = shown(*updated), .body = {}};
}

Task<Result<aws::Answer>> delete_target(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded target, co_await load_target(agentcore, call));
  CO_TRY_DO(refuse_while_pending(target.document, call.operation, call.now));
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = target.key,
                                 .otherwise = "The target was deleted meanwhile."});
  batch.deletes.push_back(target.key);
  batch.jobs.push_back(catalogue::collect_job(target.key));
  CO_TRY(const auto version, co_await commit_and_serve(agentcore, std::move(batch)));
  (void)version;
  agentcore.runner.poke();
  co_return aws::Answer{
      .output = JsonObject{{"gatewayArn", *json::find(target.document, "gatewayArn")},
                           {"targetId", aws::text(call, "targetId")},
                           {"status", "DELETING"}},
      .body = {}};
}

JsonObject summary(const Json& document) {
  JsonObject item;
  copy_members(document, item,
               {"targetId", "name", "status", "description", "createdAt", "updatedAt",
                "lastSynchronizedAt"});
  const Json* configuration = json::find(document, "targetConfiguration");
  if (configuration == nullptr) return item;
  if (const auto kind = targets::kind_of(*configuration)) item["targetType"] = (*kind)->type;
  if (const Json* server = json::find(*configuration, "mcp", "mcpServer")) {
    copy_members(*server, item, {"resourcePriority"});
    item["listingMode"] = json::find_string(*server, "listingMode").value_or("DEFAULT");
  }
  return item;
}

Task<Result<aws::Answer>> list_targets(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  co_return co_await list_page(
      agentcore, call, key_of(call, model::kind::target, gateway.key.id + '/'), "items", summary);
}

Task<Result<aws::Answer>> synchronize_targets(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  const JsonArray* ids = json::find_array(call.input, "targetIdList");
  ASSERT(ids != nullptr && ids->size() == 1);  // the contract says exactly one
  const std::string id{ids->front().get_string()};
  CO_TRY(const Loaded target,
         co_await load(agentcore, key_of(call, model::kind::target, gateway.key.id + '/' + id),
                       fmt::format("Target {} does not exist in gateway {}.", id, gateway.key.id)));
  CO_TRY_DO(refuse_while_pending(target.document, call.operation, call.now));
  CO_TRY_DO(check_open(agentcore, gateway.document));
  const Json* server = json::find(target.document, "targetConfiguration", "mcp", "mcpServer");
  if (server == nullptr) {
    co_return invalid_member("targetIdList", "only MCP server targets can be synchronized");
  }
  if (json::find(*server, "mcpToolSchema") != nullptr) {
    co_return invalid_member("targetIdList",
                             "a target with mcpToolSchema is not synchronized; update the target");
  }
  const auto change = [](const Json& before, store::Batch&) -> Result<JsonObject> {
    JsonObject document = before.get_object();
    document["status"] = "SYNCHRONIZING";
    document["statusReasons"] = JsonArray{};
    return document;
  };
  CO_TRY(const Json synchronized,
         co_await change_and_run(agentcore, target.key, "The target was deleted meanwhile.",
                                 "SYNCHRONIZE_UNSUCCESSFUL", change));
  co_return aws::Answer{.output = JsonObject{{"targets", JsonArray{shown(synchronized)}}},
                        .body = {}};
}

}  // namespace

void add_target_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "CreateGatewayTarget", create_target));
  rows.push_back(aws::row(agentcore, "GetGatewayTarget", get_target));
  rows.push_back(aws::row(agentcore, "UpdateGatewayTarget", update_target));
  rows.push_back(aws::row(agentcore, "DeleteGatewayTarget", delete_target));
  rows.push_back(aws::row(agentcore, "ListGatewayTargets", list_targets));
  rows.push_back(aws::row(agentcore, "SynchronizeGatewayTargets", synchronize_targets));
}

}  // namespace toolgate::services::agentcore
