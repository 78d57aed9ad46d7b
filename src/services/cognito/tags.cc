// Tags of user pools, which are a member of the pool.
#include <fmt/format.h>

#include "services/cognito/documents.h"
#include "services/cognito/service.h"

namespace toolgate::services::cognito {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_max = 50;  // Cognito API Reference, "TagResource"

// The pool of "arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL".
Task<Result<Loaded>> load_tagged(Cognito& cognito, const Call& call) {
  const std::string arn = aws::text(call, "ResourceArn");
  const std::string prefix =
      fmt::format("arn:aws:cognito-idp:{}:{}:userpool/", call.region, call.account);
  if (!arn.starts_with(prefix) || arn.size() == prefix.size()) {
    co_return invalid_parameter(fmt::format("ResourceArn: expected {}…", prefix));
  }
  co_return co_await load_pool(cognito.store,
                               PoolPlace{call.account, call.region, arn.substr(prefix.size())});
}

JsonObject& tags_of(Loaded& pool) {
  Json& tags = pool.body["UserPoolTags"];
  if (!tags.is_object()) tags.emplace_object();
  return tags.get_object();
}

Task<Result<Answer>> commit(Cognito& cognito, const Loaded& pool) {
  store::Batch batch;
  write_back(batch, pool);
  CO_TRY([[maybe_unused]] store::Version version, co_await cognito.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> tag_resource(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded pool, co_await load_tagged(cognito, call));
  JsonObject& tags = tags_of(pool);
  for (const auto& tag : json::find(call.input, "Tags")->as_object()) tags[tag.key()] = tag.value();
  if (tags.size() > tags_max) {
    co_return invalid_parameter(fmt::format("A user pool has at most {} tags.", tags_max));
  }
  co_return co_await commit(cognito, pool);
}

Task<Result<Answer>> untag_resource(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded pool, co_await load_tagged(cognito, call));
  for (const Json& key : *json::find_array(call.input, "TagKeys")) {
    tags_of(pool).erase(text_of(key));
  }
  co_return co_await commit(cognito, pool);
}

Task<Result<Answer>> list_tags_for_resource(Cognito& cognito, Call& call, net::Worker&) {
  CO_TRY(Loaded pool, co_await load_tagged(cognito, call));
  co_return Answer{JsonObject{{"Tags", tags_of(pool)}}, {}};
}

}  // namespace

void add_tag_operations(Cognito& cognito, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(cognito, "TagResource", writing<tag_resource>));
  rows.push_back(aws::row(cognito, "UntagResource", writing<untag_resource>));
  rows.push_back(aws::row(cognito, "ListTagsForResource", list_tags_for_resource));
}

}  // namespace toolgate::services::cognito
