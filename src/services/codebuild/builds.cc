// StartBuild, BatchGetBuilds, ListBuilds, ListBuildsForProject, StopBuild.
#include <algorithm>

#include <fmt/format.h>

#include "aws/paging.h"
#include "aws/writing.h"
#include "base/ids.h"
#include "json/members.h"
#include "services/codebuild/service.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::codebuild {
namespace {

using aws::Answer;
using aws::Call;

// Of one project; the oldest give way.
constexpr std::size_t builds_kept_max = 200;

std::unexpected<Error> no_project(const Call& call, std::string_view name) {
  return refuse(Code::not_found, "ResourceNotFoundException",
                fmt::format("Project cannot be found: {}", arn_of(call, "project", name)));
}

JsonObject logs_of(const Call& call, const std::string& project, const std::string& id) {
  const std::string group = "/aws/codebuild/" + project;
  const std::string arn = fmt::format("arn:aws:logs:{}:{}:log-group:{}:log-stream:{}", call.region,
                                      call.account, group, id);
  return {{"groupName", group},
          {"streamName", id},
          {"cloudWatchLogsArn", arn},
          {"cloudWatchLogs", JsonObject{{"status", "ENABLED"}}}};
}

// The project's settings with the call's overrides.
JsonObject build_of(const Call& call, const Json& project, const std::string& id,
                    std::int64_t number) {
  const std::string name = aws::text(call, "projectName");
  const std::string whole = name + ':' + id;
  JsonObject source;
  if (const Json* given = json::find(project, "source")) source = given->get_object();
  const auto override_with = [&](std::string_view input, std::string_view member) {
    if (const Json* given = json::find(call.input, input)) source[member] = *given;
  };
  override_with("sourceTypeOverride", "type");
  override_with("sourceLocationOverride", "location");
  override_with("buildspecOverride", "buildspec");
  JsonObject build{{"id", whole},
                   {"arn", arn_of(call, "build", whole)},
                   {"buildNumber", number},
                   {"startTime", seconds(call.now)},
                   {"currentPhase", "QUEUED"},
                   {"buildStatus", "IN_PROGRESS"},
                   {"projectName", name},
                   {"source", std::move(source)},
                   {"artifacts", JsonObject{}},
                   {"logs", logs_of(call, name, id)},
                   {"buildComplete", false},
                   {"initiator", call.caller.arn},
                   {"phases", JsonArray{JsonObject{{"phaseType", "SUBMITTED"},
                                                   {"phaseStatus", "SUCCEEDED"},
                                                   {"startTime", seconds(call.now)},
                                                   {"endTime", seconds(call.now)},
                                                   {"durationInSeconds", 0}}}}};
  for (const std::string_view member : {"environment", "serviceRole", "timeoutInMinutes",
                                        "queuedTimeoutInMinutes", "encryptionKey", "cache"}) {
    if (const Json* given = json::find(project, member)) build[member] = *given;
  }
  if (const JsonArray* more = json::find_array(call.input, "environmentVariablesOverride")) {
    Json& environment = build["environment"];
    if (!environment.is_object()) environment.emplace_object();
    Json& variables = environment.get_object()["environmentVariables"];
    if (!variables.is_array()) variables.emplace_array();
    for (const auto& variable : *more) variables.get_array().push_back(variable);
  }
  return build;
}

// Ended builds beyond the bound, oldest first.
Task<Result<void>> forget_old(CodeBuild& codebuild, const Call& call, std::string project,
                              store::Batch& batch) {
  CO_TRY(auto builds,
         co_await store::list_all_json(codebuild.store, key_of(call, kind::build, project + ':')));
  if (builds.size() < builds_kept_max) co_return Result<void>{};
  std::ranges::sort(builds, {}, [](const store::JsonDocument& build) {
    return json::find_int(build.body, "buildNumber").value_or(0);
  });
  const auto excess = builds.size() - builds_kept_max + 1;
  for (std::size_t at = 0; at < excess; ++at) {
    if (json::find_bool(builds[at].body, "buildComplete").value_or(false)) {
      batch.deletes.push_back(builds[at].key);
    }
  }
  co_return Result<void>{};
}

Task<Result<Answer>> start_build(CodeBuild& codebuild, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "projectName");
  CO_TRY(const auto project,
         co_await store::get_json(codebuild.store, key_of(call, kind::project, name)));
  if (!project) co_return no_project(call, name);
  const std::string id = random_uuid();
  const store::Key key = key_of(call, kind::build, name + ':' + id);
  CO_TRY(const auto last, co_await store::load(codebuild.store, key_of(call, kind::number, name)));
  store::Loaded counter = last.value_or(
      store::Loaded{.key = key_of(call, kind::number, name), .version = 0, .body = {}});
  const auto number = json::number(counter.body, "number") + 1;
  counter.body["number"] = number;
  const Json build = build_of(call, *project, id, number);
  store::Batch batch;
  CO_TRY_DO(co_await forget_old(codebuild, call, name, batch));
  write_back(batch, counter);
  batch.puts.push_back(store::put_json(key, build));
  batch.jobs.push_back({.kind = std::string{run_build}, .subject = key, .payload = "{}"});
  CO_TRY_DO(co_await codebuild.store.commit(std::move(batch)));
  codebuild.runner.poke();
  co_return Answer{.output = JsonObject{{"build", build}}, .body = {}};
}

// "project:uuid", or its ARN.
std::string id_in(std::string_view text) {
  if (const auto slash = text.rfind('/'); text.starts_with("arn:") && slash != text.npos) {
    text.remove_prefix(slash + 1);
  }
  return std::string{text};
}

Task<Result<Answer>> batch_get_builds(CodeBuild& codebuild, Call& call, net::Worker&) {
  JsonArray builds;
  JsonArray missing;
  const JsonArray* ids = json::find_array(call.input, "ids");
  ASSERT(ids != nullptr);
  for (const auto& id : *ids) {
    CO_TRY(auto found, co_await store::get_json(codebuild.store,
                                                key_of(call, kind::build, id_in(id.get_string()))));
    if (found) {
      builds.push_back(*std::move(found));
    } else {
      missing.push_back(id);
    }
  }
  co_return Answer{
      .output = JsonObject{{"builds", std::move(builds)}, {"buildsNotFound", std::move(missing)}},
      .body = {}};
}

Task<Result<Answer>> list_ids(CodeBuild& codebuild, const Call& call, std::string prefix) {
  CO_TRY(auto builds,
         co_await store::list_all_json(codebuild.store, key_of(call, kind::build, prefix)));
  // Newest first, unless asked otherwise (CodeBuild API reference, "sortOrder").
  const bool ascending = json::find_string(call.input, "sortOrder") == "ASCENDING";
  const auto began = [&](const store::JsonDocument& build) {
    const Json* time = json::find(build.body, "startTime");
    const double at = time != nullptr && time->is_double() ? time->get_double() : 0.0;
    return ascending ? at : -at;
  };
  std::ranges::sort(builds, {}, began);
  JsonArray ids;
  for (const auto& build : builds) ids.emplace_back(build.key.id);
  co_return Answer{.output = JsonObject{{"ids", std::move(ids)}}, .body = {}};
}

Task<Result<Answer>> list_builds(CodeBuild& codebuild, Call& call, net::Worker&) {
  co_return co_await list_ids(codebuild, call, "");
}

Task<Result<Answer>> list_builds_for_project(CodeBuild& codebuild, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "projectName");
  CO_TRY(const auto project, co_await codebuild.store.get(key_of(call, kind::project, name)));
  if (!project) co_return no_project(call, name);
  co_return co_await list_ids(codebuild, call, name + ':');
}

Task<Result<Answer>> stop_build(CodeBuild& codebuild, Call& call, net::Worker&) {
  const store::Key key = key_of(call, kind::build, id_in(aws::text(call, "id")));
  CO_TRY(auto found, co_await store::load(codebuild.store, key));
  if (!found) {
    co_return refuse(Code::not_found, "ResourceNotFoundException",
                     fmt::format("Build cannot be found: {}", key.id));
  }
  JsonObject& build = found->body;
  if (!json::is_true(build, "buildComplete")) {
    build["buildComplete"] = true;
    build["buildStatus"] = "STOPPED";
    build["currentPhase"] = "COMPLETED";
    build["endTime"] = seconds(call.now);
    store::Batch batch;
    write_back(batch, *found);
    CO_TRY_DO(co_await codebuild.store.commit(std::move(batch)));
  }
  co_return Answer{.output = JsonObject{{"build", std::move(build)}}, .body = {}};
}

std::unexpected<Error> busy() {
  return fail(Code::conflict, "Too many builds of this project start or stop at once; try again.");
}

}  // namespace

void add_build_operations(CodeBuild& codebuild, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(codebuild, "StartBuild", start_build, busy));
  rows.push_back(aws::row(codebuild, "BatchGetBuilds", batch_get_builds));
  rows.push_back(aws::row(codebuild, "ListBuilds", list_builds));
  rows.push_back(aws::row(codebuild, "ListBuildsForProject", list_builds_for_project));
  rows.push_back(aws::writing_row(codebuild, "StopBuild", stop_build, busy));
}

}  // namespace toolgate::services::codebuild
