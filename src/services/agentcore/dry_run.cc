#include "services/agentcore/dry_run.h"

#include <fmt/format.h>

#include "base/steps.h"
#include "base/text.h"
#include "services/agentcore/pending_auth.h"
#include "services/agentcore/target_checks.h"
#include "services/agentcore/target_permissions.h"
#include "targets/target.h"

namespace toolgate::services::agentcore {
namespace {

// AWS's own name for such a parameter (EC2); a header, because the contract has no member for it.
constexpr std::string_view header = "DryRun";
// boto3 gives up on an answer after 60 s, and then asks again.
constexpr auto dry_run_for = std::chrono::seconds{50};
// Stands for the id of a target that is not made: as long as one.
constexpr std::string_view no_target_id = "DRYRUN0000";
// AWS: statusReasons holds at most 100.
constexpr std::size_t reasons_count_max = 100;

std::string line_of(const Steps::Step& step) {
  std::string line = fmt::format("{} {}", name_of(step.outcome), step.name);
  if (!step.subject.empty()) line += ' ' + step.subject;
  line += fmt::format(" ({:.1f} ms)", static_cast<double>(step.took.count()) / 1000.0);
  if (!step.message.empty()) line += ": " + step.message;
  return line;
}

JsonArray lines_of(const Steps& steps) {
  JsonArray lines;
  const auto& all = steps.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool last = i + 1 == all.size();
    if (lines.size() + 1 < reasons_count_max || last) lines.emplace_back(line_of(all[i]));
  }
  return lines;
}

JsonObject explanation_of(const Steps& steps, std::string_view status) {
  JsonArray list;
  for (const auto& step : steps.all()) {
    list.push_back(JsonObject{{"step", step.name},
                              {"subject", step.subject},
                              {"outcome", name_of(step.outcome)},
                              {"microseconds", step.took.count()},
                              {"message", step.message}});
  }
  return JsonObject{
      {"status", status}, {"steps", std::move(list)}, {"stepsNotShown", steps.dropped()}};
}

// Name and room, which a commit would find out.
Task<void> look_at_place(AgentCore& agentcore, const aws::Call& call, const std::string& gateway_id,
                         const std::string& name, const Json* before, Steps& steps) {
  std::string own_id;
  if (before != nullptr) {
    own_id = json::find_string(*before, "targetId").value_or("");
  } else {
    OneStep room{&steps, "quota", "targets of the gateway"};
    room.ended(co_await check_room(agentcore, call, gateway_id));
  }
  OneStep free{&steps, "name", name};
  free.ended(co_await check_name(agentcore, call, gateway_id, name, own_id), "is free");
}

// The document as far as the attempt reads it.
JsonObject document_for(const aws::Call& call, const std::string& name, const Json* before) {
  JsonObject document{{"name", name}, {"credentialProviderConfigurations", JsonArray{}}};
  copy_members(call.input, document,
               {"description", "targetConfiguration", "credentialProviderConfigurations",
                "metadataConfiguration"});
  if (before != nullptr) copy_members(*before, document, {"consentUser"});
  return document;
}

struct Tried {
  Steps steps;
  std::string_view status = "FAILED";
};

// All steps. Fails only where no attempt was made.
Task<Result<Tried>> attempt(AgentCore& agentcore, const aws::Call& call, net::Worker& worker,
                            const Loaded& gateway, const std::string& name, const Json* before) {
  Tried tried;
  Steps& steps = tried.steps;
  co_await look_at_place(agentcore, call, gateway.key.id, name, before, steps);
  const auto need = co_await check_target(agentcore, call, gateway.document, name, &steps);
  if (!need) co_return tried;
  const auto owner = credentials::owner_of(place_of(call), gateway.document);
  (void)co_await check_permissions(agentcore, call, owner, name, &steps);
  const Json document = document_for(call, name, before);
  if (waits_for_consent(call.input, *need) && json::find(document, "consentUser") == nullptr) {
    OneStep{&steps, "catalogue", name}.ended(
        Steps::Outcome::left_out, "the tools are listed once you have consented in a browser");
    if (steps.failure() == nullptr) tried.status = "CREATE_PENDING_AUTH";
    co_return tried;
  }
  const auto key =
      key_of(call, model::kind::target, gateway.key.id + '/' + std::string{no_target_id});
  const auto catalogue = co_await agentcore.runner.try_out({.target = key,
                                                            .document = document,
                                                            .worker = worker,
                                                            .deadline = within(dry_run_for),
                                                            .steps = steps});
  if (!catalogue && catalogue.error().code == Code::throttled && steps.failure() == nullptr) {
    co_return std::unexpected(catalogue.error());
  }
  if (steps.failure() == nullptr) tried.status = "READY";
  co_return tried;
}

}  // namespace

Result<bool> is_dry_run(const aws::Call& call) {
  if (call.request == nullptr) return false;
  const auto given = call.request->headers.find(header);
  if (!given || equal_ignoring_case(*given, "false")) return false;
  if (equal_ignoring_case(*given, "true")) return true;
  return fail(Code::invalid, fmt::format("header {}: expected true or false", header));
}

Task<Result<aws::Answer>> dry_run(AgentCore& agentcore, aws::Call& call, net::Worker& worker,
                                  const Json* before) {
  CO_TRY(const Loaded gateway, co_await load_gateway(agentcore, call));
  const Json none;
  const Json& old = before != nullptr ? *before : none;
  const std::string id{json::find_string(old, "targetId").value_or(no_target_id)};
  const std::string old_name{json::find_string(old, "name").value_or("target-dry-run")};
  const std::string name = aws::text_if(call, "name").value_or(old_name);
  CO_TRY(const Tried tried, co_await attempt(agentcore, call, worker, gateway, name, before));
  JsonObject output{{"gatewayArn", model::gateway_arn(place_of(call), gateway.key.id)},
                    {"targetId", id},
                    {"name", name},
                    {"status", tried.status},
                    {"statusReasons", lines_of(tried.steps)},
                    {"createdAt", epoch_seconds(call.now)},
                    {"updatedAt", epoch_seconds(call.now)},
                    {"credentialProviderConfigurations", JsonArray{}}};
  copy_members(call.input, output,
               {"description", "targetConfiguration", "credentialProviderConfigurations",
                "metadataConfiguration"});
  output["explanation"] = explanation_of(tried.steps, tried.status);
  co_return aws::Answer{.output = JsonObject{}, .body = json::print(output), .status = 200};
}

}  // namespace toolgate::services::agentcore
