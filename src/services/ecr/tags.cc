// TagResource, UntagResource, ListTagsForResource: the tags of a repository, which its document
// keeps beside what DescribeRepositories shows.
#include <fmt/format.h>

#include "aws/arn.h"
#include "aws/writing.h"
#include "json/members.h"
#include "services/ecr/service.h"

namespace toolgate::services::ecr {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_count_max = 50;  // ECR API Reference, "TagResource"

Task<Result<Loaded>> load_tagged(Ecr& ecr, const Call& call) {
  CO_TRY(std::string name,
         aws::name_in_own_arn(call, "resourceArn", {.service = "ecr", .resource = "repository/"}));
  co_return co_await load_repository(ecr, call, std::move(name));
}

Task<Result<Answer>> write(Ecr& ecr, const Loaded& repository) {
  store::Batch batch;
  write_back(batch, repository);
  CO_TRY_DO(co_await ecr.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> tag_resource(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(Loaded repository, co_await load_tagged(ecr, call));
  CO_TRY_DO(add_tags(call, repository.body));
  co_return co_await write(ecr, repository);
}

Task<Result<Answer>> untag_resource(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(Loaded repository, co_await load_tagged(ecr, call));
  JsonObject& tags = json::object_in(repository.body, "tags");
  for (const Json& key : *json::find_array(call.input, "tagKeys")) tags.erase(json::text_of(key));
  co_return co_await write(ecr, repository);
}

Task<Result<Answer>> list_tags_for_resource(Ecr& ecr, Call& call, net::Worker&) {
  CO_TRY(Loaded repository, co_await load_tagged(ecr, call));
  JsonArray list;
  for (const auto& [key, value] : json::object_in(repository.body, "tags")) {
    list.emplace_back(JsonObject{{"Key", key}, {"Value", value}});
  }
  co_return Answer{.output = JsonObject{{"tags", std::move(list)}}, .body = {}};
}

// ECR has no error of its own for it; SDKs try again.
std::unexpected<Error> busy() {
  return refuse(Code::unavailable, "ServerException",
                "Too many requests change this repository at once. Try again.");
}

}  // namespace

Result<void> add_tags(const Call& call, JsonObject& repository) {
  JsonObject& tags = json::object_in(repository, "tags");
  if (const JsonArray* given = json::find_array(call.input, "tags")) {
    for (const Json& tag : *given) tags[json::member(tag, "Key")] = json::member(tag, "Value");
  }
  if (tags.size() <= tags_count_max) return {};
  return refuse(Code::invalid, "TooManyTagsException",
                fmt::format("{} tags on one repository: at most {}", tags.size(), tags_count_max));
}

void add_tag_operations(Ecr& ecr, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(ecr, "TagResource", tag_resource, busy));
  rows.push_back(aws::writing_row(ecr, "UntagResource", untag_resource, busy));
  rows.push_back(aws::row(ecr, "ListTagsForResource", list_tags_for_resource));
}

}  // namespace toolgate::services::ecr
