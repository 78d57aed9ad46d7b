// TagResource, UntagResource, ListTagsForResource. The tags of a resource are one document under
// its ARN: an object of names and values.
#include <fmt/format.h>

#include "aws/writing.h"
#include "services/agentcore/identities/families.h"
#include "services/agentcore/identities/resources.h"
#include "store/optimistic.h"

namespace toolgate::services::agentcore {
namespace {

// AWS: "Tags ≤ 50" a resource.
constexpr std::size_t tags_count_max = 50;

// The document of the resource's tags, or one to be made.
Task<Result<store::Loaded>> load_tags(AgentCore& agentcore, const aws::Call& call) {
  const store::Key key = key_of(call, model::kind::tags, aws::text(call, "resourceArn"));
  CO_TRY(auto found, co_await store::load(agentcore.store, key));
  if (!found) co_return store::Loaded{.key = key, .version = 0, .body = {}};
  co_return *std::move(found);
}

using Edit = Result<void> (*)(const aws::Call& call, JsonObject& tags);

// The resource must be there when its tags are written, so that none is left behind by a deletion.
Task<Result<aws::Answer>> edit_tags(AgentCore& agentcore, const aws::Call& call, Edit edit) {
  CO_TRY(const store::Key resource, co_await existing_resource(agentcore, call));
  CO_TRY(store::Loaded tags, co_await load_tags(agentcore, call));
  CO_TRY_DO(edit(call, tags.body));
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = resource,
                                 .otherwise = "The resource was deleted meanwhile"});
  write_back(batch, tags);
  CO_TRY_DO(co_await agentcore.store.commit(std::move(batch)));
  co_return aws::Answer{};
}

std::unexpected<Error> busy() {
  return fail(Code::conflict, "Too many requests change the tags of this resource; try again.");
}

Result<void> add(const aws::Call& call, JsonObject& tags) {
  const Json* given = json::find(call.input, "tags");
  if (given == nullptr || !given->is_object()) return {};
  TRY_DO(check_tags(*given));
  for (const auto& [name, value] : given->get_object()) tags[name] = value;
  if (tags.size() > tags_count_max) {
    return fail(Code::quota, fmt::format("A resource has at most {} tags; this one would have {}",
                                         tags_count_max, tags.size()));
  }
  return {};
}

Result<void> take_away(const aws::Call& call, JsonObject& tags) {
  const auto* names = json::find_array(call.input, "tagKeys");
  if (names == nullptr) return {};
  for (const Json& name : *names) {
    if (name.is_string()) tags.erase(name.get_string());
  }
  return {};
}

Task<Result<aws::Answer>> tag(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await edit_tags(agentcore, call, add);
}

Task<Result<aws::Answer>> untag(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  co_return co_await edit_tags(agentcore, call, take_away);
}

Task<Result<aws::Answer>> list(AgentCore& agentcore, aws::Call& call, net::Worker&) {
  CO_TRY_DO(co_await existing_resource(agentcore, call));
  CO_TRY(store::Loaded tags, co_await load_tags(agentcore, call));
  co_return aws::Answer{.output = JsonObject{{"tags", std::move(tags.body)}}, .body = {}};
}

}  // namespace

void add_resource_tag_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(agentcore, "TagResource", tag, busy));
  rows.push_back(aws::writing_row(agentcore, "UntagResource", untag, busy));
  rows.push_back(aws::row(agentcore, "ListTagsForResource", list));
}

}  // namespace toolgate::services::agentcore
