// Tags of log groups (in the journal) and of what deliveries are made of (in the store).
#include <fmt/format.h>

#include "services/logs/names.h"
#include "services/logs/service.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_count_max = 50;  // CloudWatch Logs quotas

// Whose tags: a group, or a document.
struct Tagged {
  std::optional<journal::GroupKey> group;
  std::optional<journal::Group::Settings> settings;  // of the group
  std::optional<store::JsonDocument> document;
  JsonObject tags;
};

std::unexpected<Error> no_such_resource() {
  return fail(Code::not_found, "The specified resource does not exist.");
}

JsonObject tags_in(const JsonObject& holder) {
  const Json* tags = holder.if_contains("tags");
  return tags != nullptr && tags->is_object() ? tags->get_object() : JsonObject{};
}

Result<Tagged> load_group(Logs& logs, const journal::GroupKey& key) {
  const auto info = logs.journal.group(key);
  if (!info) return fail(Code::not_found, "The specified log group does not exist.");
  return Tagged{
      .group = key,
      .settings = {{.retention_days = info->retention_days, .attributes = info->attributes}},
      .document = {},
      .tags = tags_in(info->attributes)};
}

// "delivery-source:NAME" and its like → the document's kind and id.
struct Kind {
  std::string_view prefix;
  std::string_view kind;
};
constexpr Kind kinds[] = {{"delivery-source:", kind_source},
                          {"delivery-destination:", kind_destination},
                          {"delivery:", kind_delivery}};

Task<Result<Tagged>> load(Logs& logs, const Call& call) {
  const std::string arn = aws::text(call, "resourceArn");
  if (const auto key = group_of_arn(call, arn)) co_return load_group(logs, *key);
  for (const auto& [prefix, kind] : kinds) {
    const std::string whole = arn_of(call, prefix);
    if (!arn.starts_with(whole)) continue;
    CO_TRY(auto document,
           co_await store::get_document(logs.store, key_of(call, kind, arn.substr(whole.size()))));
    if (!document) co_return no_such_resource();
    JsonObject tags = tags_in(document->body.get_object());
    co_return Tagged{
        .group = {}, .settings = {}, .document = *std::move(document), .tags = std::move(tags)};
  }
  co_return no_such_resource();
}

Task<Result<Answer>> save(Logs& logs, Tagged tagged) {
  if (tagged.tags.size() > tags_count_max) {
    auto error = fail(Code::quota, fmt::format("{} tags on one resource: at most {}",
                                               tagged.tags.size(), tags_count_max));
    error.error().name = "TooManyTagsException";
    co_return error;
  }
  JsonObject& holder =
      tagged.group ? tagged.settings->attributes : tagged.document->body.get_object();
  holder.erase("tags");
  if (!tagged.tags.empty()) holder["tags"] = std::move(tagged.tags);
  if (tagged.group) {
    CO_TRY_DO(
        co_await logs.journal.change_group(*std::move(tagged.group), *std::move(tagged.settings)));
    co_return Answer{};
  }
  store::Batch batch;
  batch.preconditions.push_back(store::unchanged(tagged.document->key, tagged.document->version,
                                                 "The resource is being changed; try again."));
  batch.puts.push_back(store::put_json(tagged.document->key, tagged.document->body));
  CO_TRY_DO(co_await logs.store.commit(std::move(batch)));
  co_return Answer{};
}

void add_tags(const Call& call, Tagged& tagged) {
  for (const auto& [key, value] : json::find(call.input, "tags")->get_object()) {
    tagged.tags[key] = value;
  }
}

void remove_tags(const Call& call, std::string_view member, Tagged& tagged) {
  for (const Json& key : *json::find_array(call.input, member)) {
    tagged.tags.erase(std::string_view{key.get_string()});
  }
}

Task<Result<Answer>> tag_resource(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto tagged, co_await load(logs, call));
  add_tags(call, tagged);
  co_return co_await save(logs, std::move(tagged));
}

Task<Result<Answer>> untag_resource(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto tagged, co_await load(logs, call));
  remove_tags(call, "tagKeys", tagged);
  co_return co_await save(logs, std::move(tagged));
}

Task<Result<Answer>> list_tags_for_resource(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto tagged, co_await load(logs, call));
  co_return Answer{JsonObject{{"tags", std::move(tagged.tags)}}, {}};
}

Task<Result<Answer>> tag_log_group(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto tagged, load_group(logs, group_of(call, aws::text(call, "logGroupName"))));
  add_tags(call, tagged);
  co_return co_await save(logs, std::move(tagged));
}

Task<Result<Answer>> untag_log_group(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto tagged, load_group(logs, group_of(call, aws::text(call, "logGroupName"))));
  remove_tags(call, "tags", tagged);
  co_return co_await save(logs, std::move(tagged));
}

Task<Result<Answer>> list_tags_log_group(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto tagged, load_group(logs, group_of(call, aws::text(call, "logGroupName"))));
  co_return Answer{JsonObject{{"tags", std::move(tagged.tags)}}, {}};
}

}  // namespace

void add_tag_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "TagResource", tag_resource));
  rows.push_back(aws::row(logs, "UntagResource", untag_resource));
  rows.push_back(aws::row(logs, "ListTagsForResource", list_tags_for_resource));
  rows.push_back(aws::row(logs, "TagLogGroup", tag_log_group));
  rows.push_back(aws::row(logs, "UntagLogGroup", untag_log_group));
  rows.push_back(aws::row(logs, "ListTagsLogGroup", list_tags_log_group));
}

}  // namespace toolgate::services::logs
