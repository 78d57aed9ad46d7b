// TagResource, UntagResource, ListTagsForResource: the tags of a repository, which its document
// keeps beside what DescribeRepositories shows.
#include <fmt/format.h>

#include "services/ecr/service.h"
#include "store/optimistic.h"

namespace toolgate::services::ecr {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_count_max = 50;  // ECR API Reference, "TagResource"

Task<Result<Repository>> load_tagged(Ecr& ecr, const Call& call) {
  const std::string arn = aws::text(call, "resourceArn");
  const std::string prefix =
      fmt::format("arn:aws:ecr:{}:{}:repository/", call.region, call.account);
  if (!arn.starts_with(prefix) || arn.size() == prefix.size()) {
    co_return refuse(Code::invalid, "InvalidParameterException",
                     fmt::format("resourceArn: expected {}…", prefix));
  }
  co_return co_await load_repository(ecr, call, arn.substr(prefix.size()));
}

Task<Result<Answer>> save(Ecr& ecr, Repository repository) {
  store::Batch batch;
  batch.preconditions.push_back(store::unchanged(repository.key, repository.version,
                                                 "The repository is being changed; try again."));
  batch.puts.push_back({.key = repository.key, .body = json::print(repository.document)});
  CO_TRY_DO(co_await ecr.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> tag_resource(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(Repository repository, co_await load_tagged(ecr, call));
  CO_TRY(JsonObject tags, tags_with(call, tags_of(repository.document)));
  repository.document.get_object()["tags"] = std::move(tags);
  co_return co_await save(ecr, std::move(repository));
}

Task<Result<Answer>> untag_resource(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(Repository repository, co_await load_tagged(ecr, call));
  JsonObject tags = tags_of(repository.document);
  for (const Json& key : *json::find_array(call.input, "tagKeys")) {
    tags.erase(std::string_view{key.get_string()});
  }
  repository.document.get_object()["tags"] = std::move(tags);
  co_return co_await save(ecr, std::move(repository));
}

Task<Result<Answer>> list_tags_for_resource(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(const Repository repository, co_await load_tagged(ecr, call));
  JsonArray list;
  for (const auto& [key, value] : tags_of(repository.document)) {
    list.emplace_back(JsonObject{{"Key", key}, {"Value", value}});
  }
  co_return Answer{.output = JsonObject{{"tags", std::move(list)}}, .body = {}};
}

}  // namespace

JsonObject tags_of(const Json& repository) {
  const Json* tags = json::find(repository, "tags");
  return tags != nullptr && tags->is_object() ? tags->get_object() : JsonObject{};
}

Result<JsonObject> tags_with(const Call& call, JsonObject tags) {
  if (const JsonArray* given = json::find_array(call.input, "tags")) {
    for (const Json& tag : *given) {
      const Json* value = json::find(tag, "Value");
      tags[json::find(tag, "Key")->get_string()] = value != nullptr ? *value : Json("");
    }
  }
  if (tags.size() > tags_count_max) {
    return refuse(
        Code::invalid, "TooManyTagsException",
        fmt::format("{} tags on one repository: at most {}", tags.size(), tags_count_max));
  }
  return tags;
}

void add_tag_operations(Ecr& ecr, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(ecr, "TagResource", tag_resource));
  rows.push_back(aws::row(ecr, "UntagResource", untag_resource));
  rows.push_back(aws::row(ecr, "ListTagsForResource", list_tags_for_resource));
}

}  // namespace toolgate::services::ecr
