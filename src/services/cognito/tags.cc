// Tags of user pools, which are a member of the pool.
#include <fmt/format.h>

#include "aws/arn.h"
#include "services/cognito/documents.h"
#include "services/cognito/service.h"

namespace toolgate::services::cognito {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_count_max = 50;  // Cognito API Reference, "TagResource"

Task<Result<Loaded>> load_tagged(Cognito& cognito, const Call& call) {
  CO_TRY(std::string pool,
         aws::name_in_own_arn(call, "ResourceArn",
                              {.service = "cognito-idp", .resource = "userpool/"}));
  co_return co_await load_pool(cognito.store,
                               PoolPlace{call.account, call.region, std::move(pool)});
}

JsonObject& tags_of(Loaded& pool) { return json::object_in(pool.body, "UserPoolTags"); }

Task<Result<Answer>> write(Cognito& cognito, const Loaded& pool) {
  store::Batch batch;
  write_back(batch, pool);
  CO_TRY_DO(co_await cognito.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> tag_resource(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded pool, co_await load_tagged(cognito, call));
  JsonObject& tags = tags_of(pool);
  for (const auto& tag : json::find(call.input, "Tags")->as_object()) tags[tag.key()] = tag.value();
  if (tags.size() > tags_count_max) {
    co_return invalid_parameter(fmt::format("A user pool has at most {} tags.", tags_count_max));
  }
  co_return co_await write(cognito, pool);
}

Task<Result<Answer>> untag_resource(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded pool, co_await load_tagged(cognito, call));
  for (const Json& key : *json::find_array(call.input, "TagKeys")) {
    tags_of(pool).erase(text_of(key));
  }
  co_return co_await write(cognito, pool);
}

Task<Result<Answer>> list_tags_for_resource(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded pool, co_await load_tagged(cognito, call));
  co_return Answer{JsonObject{{"Tags", tags_of(pool)}}, {}};
}

}  // namespace

void add_tag_operations(Cognito& cognito, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(cognito, "TagResource", tag_resource, busy));
  rows.push_back(aws::writing_row(cognito, "UntagResource", untag_resource, busy));
  rows.push_back(aws::row(cognito, "ListTagsForResource", list_tags_for_resource));
}

}  // namespace toolgate::services::cognito
