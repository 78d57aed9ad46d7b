// CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions, DeleteFunction.
#include <fmt/format.h>

#include "aws/paging.h"
#include "json/members.h"
#include "services/lambda/code.h"
#include "services/lambda/resource.h"
#include "services/lambda/settings.h"
#include "services/lambda/versions.h"

namespace toolgate::services::lambda {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_count_max = 50;
constexpr std::size_t name_bytes_max = 64;

Result<std::string> new_name(const Call& call) {
  TRY(const Name name, parse_name(call, aws::text(call, "FunctionName")));
  if (!name.qualifier.empty()) {
    return invalid("FunctionName: a new function has no version or alias");
  }
  if (name.name.size() > name_bytes_max) {
    return invalid(
        fmt::format("FunctionName: {} characters; at most {}", name.name.size(), name_bytes_max));
  }
  return name.name;
}

std::unexpected<Error> exists_already(std::string_view name) {
  return refuse(Code::conflict, "ResourceConflictException",
                fmt::format("Function already exist: {}", name));
}

Task<Result<Answer>> create_function(Lambda& lambda, Call& call, net::Worker& worker) {
  CO_TRY(const std::string name, new_name(call));
  CO_TRY_DO(refuse_unsupported(call));
  const store::Key key = functions::function_key(place_of(call), name);
  CO_TRY(const auto there, co_await lambda.store.get(key));
  if (there) co_return exists_already(name);
  CO_TRY(JsonObject configuration, new_configuration(call, name));
  CO_TRY_DO(co_await check_role(lambda, aws::text(call, "Role"),
                                json::member(configuration, "FunctionArn")));
  JsonObject tags;
  if (const Json* given = json::find(call.input, "Tags")) tags = given->get_object();
  if (tags.size() > tags_count_max) {
    co_return invalid(fmt::format("Tags: {}; at most {}", tags.size(), tags_count_max));
  }
  CO_TRY(const Package package,
         co_await take_code(lambda, call, *json::find(call.input, "Code"), worker));
  CO_TRY(const store::BlobId blob, co_await keep_code(lambda, package));
  configuration["CodeSha256"] = package.sha256;
  configuration["CodeSize"] = package.bytes;
  configuration["LastModified"] = last_modified(call.now);
  configuration["RevisionId"] = new_revision();
  JsonObject document{
      {"configuration", configuration}, {"blob", blob},     {"digest", package.digest},
      {"runs", new_revision()},         {"lastVersion", 0}, {"tags", tags}};
  store::Batch batch;
  batch.preconditions.push_back(
      {.holds = store::Precondition::Holds::absent, .key = key, .otherwise = "exists"});
  batch.puts.push_back({.key = key, .body = json::print(document)});
  store::Blobs::keep(batch, blob);
  const auto done = co_await lambda.store.commit(std::move(batch));
  if (!done) {
    lambda.blobs.drop({blob});
    if (done.error().code == Code::conflict) co_return exists_already(name);
    co_return std::unexpected(done.error());
  }
  co_await lambda.runner.prepare(json::member(configuration, "Runtime"), package.digest);
  if (!json::find_bool(call.input, "Publish").value_or(false)) {
    co_return Answer{.output = std::move(configuration), .body = {}};
  }
  CO_TRY(JsonObject published, co_await publish(lambda, call, name, {}));
  co_return Answer{.output = std::move(published), .body = {}};
}

Task<Result<Answer>> get_function(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY(Loaded found, co_await load(lambda, call, name));
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  const std::string location = lambda.downloads.location_of(json::member(found.document, "blob"));
  JsonObject output{{"Configuration", std::move(found.configuration())},
                    {"Code", JsonObject{{"RepositoryType", "S3"}, {"Location", location}}}};
  const Json* tags = head.document.if_contains("tags");
  if (tags != nullptr && !tags->get_object().empty()) output["Tags"] = *tags;
  if (const Json* reserved = head.document.if_contains("concurrency")) {
    output["Concurrency"] = JsonObject{{"ReservedConcurrentExecutions", *reserved}};
  }
  co_return Answer{.output = std::move(output), .body = {}};
}

Task<Result<Answer>> get_function_configuration(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY(Loaded found, co_await load(lambda, call, name));
  co_return Answer{.output = std::move(found.configuration()), .body = {}};
}

Task<Result<Answer>> list_functions(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const auto page,
         aws::page_request(call, {.size = "MaxItems", .token = "Marker", .default_size = 50}));
  const model::Place place = place_of(call);
  CO_TRY(auto found, co_await store::list_json(lambda.store, functions::function_key(place, ""),
                                               page.size, page.after));
  const bool all = aws::text_if(call, "FunctionVersion") == "ALL";
  JsonArray list;
  for (auto& document : found.documents) {
    list.push_back(std::move(document.body.get_object()["configuration"]));
    if (!all) continue;
    list.back().get_object()["FunctionArn"] =
        functions::function_arn(place, document.key.id) + ":$LATEST";
    CO_TRY(auto versions,
           co_await store::list_all_json(lambda.store, versions_prefix(place, document.key.id)));
    for (auto& version : versions) {
      list.push_back(std::move(version.body.get_object()["configuration"]));
    }
  }
  JsonObject output{{"Functions", std::move(list)}};
  if (!found.next.empty()) output["NextMarker"] = aws::next_token(call, found.next);
  co_return Answer{.output = std::move(output), .body = {}};
}

Task<Result<Answer>> delete_function(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  if (!name.qualifier.empty()) {
    CO_TRY_DO(co_await delete_version(lambda, call, name));
    co_return Answer{.output = {}, .body = {}, .status = 204};
  }
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  const model::Place place = place_of(call);
  store::Batch batch;
  std::vector<store::BlobId> blobs{json::member(head.document, "blob")};
  std::vector<std::string> keys{functions::function_arn(place, name.name) + ":$LATEST"};
  CO_TRY(const auto versions,
         co_await store::list_all_json(lambda.store, versions_prefix(place, name.name)));
  for (const auto& version : versions) {
    batch.deletes.push_back(version.key);
    blobs.push_back(json::member(version.body.get_object(), "blob"));
    keys.push_back(functions::function_arn(place, name.name) + ':' +
                   json::member(version.body, "configuration", "Version"));
  }
  store::Key prefix = functions::alias_key(place, name.name, "");
  CO_TRY(const auto aliases, co_await store::list_all_json(lambda.store, prefix));
  for (const auto& alias : aliases) batch.deletes.push_back(alias.key);
  prefix.kind = model::kind::resource_policy;
  prefix.id = functions::function_arn(place, name.name);
  batch.deletes.push_back(prefix);
  prefix.id += ':';
  CO_TRY(const auto policies, co_await store::list_all_json(lambda.store, prefix));
  for (const auto& policy : policies) batch.deletes.push_back(policy.key);
  batch.deletes.push_back(head.key);
  for (const auto& blob : blobs) store::Blobs::forget(batch, blob);
  CO_TRY_DO(co_await lambda.store.commit(std::move(batch)));
  lambda.blobs.drop(std::move(blobs));
  for (const auto& key : keys) lambda.runner.renew(key, "");
  co_return Answer{.output = {}, .body = {}, .status = 204};
}

}  // namespace

void add_function_operations(Lambda& lambda, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(lambda, "CreateFunction", create_function));
  rows.push_back(aws::row(lambda, "GetFunction", get_function));
  rows.push_back(aws::row(lambda, "GetFunctionConfiguration", get_function_configuration));
  rows.push_back(aws::row(lambda, "ListFunctions", list_functions));
  rows.push_back(aws::row(lambda, "DeleteFunction", delete_function));
}

}  // namespace toolgate::services::lambda
