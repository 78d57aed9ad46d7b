// Tags of roles, users and policies, in the order in which they were first given.
#include <algorithm>

#include <fmt/format.h>

#include "services/iam/listing.h"
#include "services/iam/managed_policy.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_max = 50;  // IAM User Guide, "IAM and AWS STS quotas"

template <const Noun& noun>
Task<Result<Loaded>> load_entity(Iam& iam, const Call& call) {
  return load_named(iam.store, call, noun);
}
Task<Result<Loaded>> load_policy_entity(Iam& iam, const Call& call) {
  return load_policy(iam.store, call);
}
using LoadEntity = Task<Result<Loaded>> (*)(Iam&, const Call&);

Json* find_tag(JsonArray& tags, std::string_view key) {
  return std::ranges::find_if(
      tags, [&](const Json& tag) { return json::find_string(tag, "Key") == key; });
}

template <LoadEntity load_it>
Task<Result<Answer>> tag(Iam& iam, Call& call, net::Worker&) {
  CO_TRY_DO(check_tags(call));
  CO_TRY(Loaded entity, co_await load_it(iam, call));
  JsonArray& tags = array_in(entity.body, "Tags");
  for (const Json& fresh : *json::find_array(call.input, "Tags")) {
    Json* there = find_tag(tags, json::find_string(fresh, "Key").value_or(""));
    if (there != tags.end()) {
      *there = fresh;
    } else {
      tags.push_back(fresh);
    }
  }
  if (tags.size() > tags_max) {
    co_return limit_exceeded(fmt::format("Cannot exceed quota for TagsPerEntity: {}", tags_max));
  }
  store::Batch batch;
  write_back(batch, entity);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

template <LoadEntity load_it>
Task<Result<Answer>> untag(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded entity, co_await load_it(iam, call));
  JsonArray& tags = array_in(entity.body, "Tags");
  for (const Json& key : *json::find_array(call.input, "TagKeys")) {
    Json* there = find_tag(tags, text_of(key));
    if (there != tags.end()) tags.erase(there);
  }
  store::Batch batch;
  write_back(batch, entity);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

template <LoadEntity load_it>
Task<Result<Answer>> list_tags(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded entity, co_await load_it(iam, call));
  JsonArray& tags = array_in(entity.body, "Tags");
  std::vector<std::string> keys;
  for (const Json& tag : tags) keys.emplace_back(json::find_string(tag, "Key").value_or(""));
  JsonObject output;
  CO_TRY(const std::vector<std::string> page, page_of(call, std::move(keys), output));
  JsonArray shapes;
  for (const std::string& key : page) shapes.push_back(*find_tag(tags, key));
  output["Tags"] = std::move(shapes);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_tag_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "TagRole", tag<load_entity<role_noun>>, busy));
  rows.push_back(aws::writing_row(iam, "UntagRole", untag<load_entity<role_noun>>, busy));
  rows.push_back(aws::row(iam, "ListRoleTags", list_tags<load_entity<role_noun>>));
  rows.push_back(aws::writing_row(iam, "TagUser", tag<load_entity<user_noun>>, busy));
  rows.push_back(aws::writing_row(iam, "UntagUser", untag<load_entity<user_noun>>, busy));
  rows.push_back(aws::row(iam, "ListUserTags", list_tags<load_entity<user_noun>>));
  rows.push_back(aws::writing_row(iam, "TagPolicy", tag<load_policy_entity>, busy));
  rows.push_back(aws::writing_row(iam, "UntagPolicy", untag<load_policy_entity>, busy));
  rows.push_back(aws::row(iam, "ListPolicyTags", list_tags<load_policy_entity>));
}

}  // namespace toolgate::services::iam
