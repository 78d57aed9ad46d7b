// CreateProject, UpdateProject, DeleteProject, BatchGetProjects, ListProjects.
#include <array>

#include <fmt/format.h>

#include "aws/paging.h"
#include "services/codebuild/service.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::codebuild {
namespace {

using aws::Answer;
using aws::Call;

// AWS: "Quotas for AWS CodeBuild" says 5,000; one machine builds for few.
constexpr std::size_t projects_count_max = 1'000;

constexpr std::array<std::string_view, 22> settings{"description",
                                                    "source",
                                                    "secondarySources",
                                                    "sourceVersion",
                                                    "secondarySourceVersions",
                                                    "artifacts",
                                                    "secondaryArtifacts",
                                                    "cache",
                                                    "environment",
                                                    "serviceRole",
                                                    "timeoutInMinutes",
                                                    "queuedTimeoutInMinutes",
                                                    "encryptionKey",
                                                    "tags",
                                                    "vpcConfig",
                                                    "logsConfig",
                                                    "fileSystemLocations",
                                                    "buildBatchConfig",
                                                    "concurrentBuildLimit",
                                                    "autoRetryLimit",
                                                    "projectVisibility",
                                                    "resourceAccessRole"};

void copy_settings(const Json& input, JsonObject& document) {
  for (const auto member : settings) {
    if (const Json* given = json::find(input, member)) document[member] = *given;
  }
}

// Only archives in S3 are built: said when a project is made, not when a build has failed.
Result<void> check_source(const JsonObject& document) {
  const Json whole = document;
  const auto type = json::find_string(whole, "source", "type").value_or("");
  if (type == "S3" || type == "NO_SOURCE") return {};
  return refuse(Code::invalid, "InvalidInputException",
                fmt::format("source.type {} is not served; S3 is", type));
}

Task<Result<void>> check_count(CodeBuild& codebuild, const Call& call) {
  CO_TRY(const auto page,
         co_await codebuild.store.list(key_of(call, kind::project, ""), projects_count_max, ""));
  if (page.documents.size() < projects_count_max) co_return Result<void>{};
  co_return refuse(Code::quota, "AccountLimitExceededException",
                   fmt::format("The account has {} projects, its limit", projects_count_max));
}

Task<Result<Answer>> create_project(CodeBuild& codebuild, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "name");
  const store::Key key = key_of(call, kind::project, name);
  JsonObject document{{"name", name},
                      {"arn", arn_of(call, "project", name)},
                      {"created", seconds(call.now)},
                      {"lastModified", seconds(call.now)},
                      {"timeoutInMinutes", 60},
                      {"queuedTimeoutInMinutes", 480},
                      {"badge", JsonObject{{"badgeEnabled", false}}}};
  copy_settings(call.input, document);
  CO_TRY_DO(co_await check_count(codebuild, call));
  CO_TRY_DO(check_source(document));
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::absent,
                                 .key = key,
                                 .otherwise = fmt::format("Project already exists: {}",
                                                          document["arn"].get_string().c_str())});
  batch.puts.push_back({.key = key, .body = json::print(document)});
  const auto done = co_await codebuild.store.commit(std::move(batch));
  if (!done && done.error().code == Code::conflict) {
    co_return refuse(Code::conflict, "ResourceAlreadyExistsException", done.error().message);
  }
  if (!done) co_return std::unexpected(done.error());
  co_return Answer{.output = JsonObject{{"project", std::move(document)}}, .body = {}};
}

Task<Result<Answer>> update_project(CodeBuild& codebuild, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "name");
  const store::Key key = key_of(call, kind::project, name);
  CO_TRY(auto found, co_await store::get_document(codebuild.store, key));
  if (!found) {
    co_return refuse(Code::not_found, "ResourceNotFoundException",
                     fmt::format("Project cannot be found: {}", arn_of(call, "project", name)));
  }
  JsonObject& document = found->body.get_object();
  copy_settings(call.input, document);
  document["lastModified"] = seconds(call.now);
  CO_TRY_DO(check_source(document));
  store::Batch batch;
  batch.preconditions.push_back(
      store::unchanged(key, found->version, "The project was changed meanwhile; try again."));
  batch.puts.push_back(store::put_json(key, found->body));
  CO_TRY_DO(co_await codebuild.store.commit(std::move(batch)));
  co_return Answer{.output = JsonObject{{"project", std::move(found->body)}}, .body = {}};
}

Task<Result<Answer>> delete_project(CodeBuild& codebuild, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "name");
  store::Key prefix = key_of(call, kind::build, name + ':');
  CO_TRY(const auto builds, co_await store::list_all_json(codebuild.store, prefix));
  store::Batch batch;
  batch.deletes = {key_of(call, kind::project, name), key_of(call, kind::number, name)};
  for (const auto& build : builds) batch.deletes.push_back(build.key);
  CO_TRY_DO(co_await codebuild.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> batch_get_projects(CodeBuild& codebuild, Call& call, net::Worker&) {
  JsonArray projects;
  JsonArray missing;
  const JsonArray* names = json::find_array(call.input, "names");
  ASSERT(names != nullptr);
  for (const auto& name : *names) {
    std::string id{name.get_string()};
    if (const auto slash = id.rfind('/'); id.starts_with("arn:") && slash != std::string::npos) {
      id = id.substr(slash + 1);
    }
    CO_TRY(auto found,
           co_await store::get_json(codebuild.store, key_of(call, kind::project, std::move(id))));
    if (found) {
      projects.push_back(*std::move(found));
    } else {
      missing.push_back(name);
    }
  }
  co_return Answer{.output = JsonObject{{"projects", std::move(projects)},
                                        {"projectsNotFound", std::move(missing)}},
                   .body = {}};
}

Task<Result<Answer>> list_projects(CodeBuild& codebuild, Call& call, net::Worker&) {
  CO_TRY(const auto page, aws::page_request(call));
  CO_TRY(const auto found,
         co_await codebuild.store.list(key_of(call, kind::project, ""), page.size, page.after));
  JsonArray names;
  for (const auto& document : found.documents) names.emplace_back(document.key.id);
  JsonObject output{{"projects", std::move(names)}};
  if (!found.next.empty()) output["nextToken"] = aws::next_token(call, found.next);
  co_return Answer{.output = std::move(output), .body = {}};
}

}  // namespace

void add_project_operations(CodeBuild& codebuild, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(codebuild, "CreateProject", create_project));
  rows.push_back(aws::row(codebuild, "UpdateProject", update_project));
  rows.push_back(aws::row(codebuild, "DeleteProject", delete_project));
  rows.push_back(aws::row(codebuild, "BatchGetProjects", batch_get_projects));
  rows.push_back(aws::row(codebuild, "ListProjects", list_projects));
}

}  // namespace toolgate::services::codebuild
