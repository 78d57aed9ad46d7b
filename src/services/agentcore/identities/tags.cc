// TagResource, UntagResource, ListTagsForResource. The tags of a resource are one document under
// its ARN: an object of names and values.
#include <fmt/format.h>

#include "services/agentcore/identities/families.h"
#include "services/agentcore/identities/resources.h"
#include "store/optimistic.h"

namespace toolgate::services::agentcore {
namespace {

// AWS: "Tags ≤ 50" a resource.
constexpr std::size_t tags_count_max = 50;
// Two callers may tag one resource at once; a third try means that something else is wrong.
constexpr int attempts_max = 5;

struct Tags {
  JsonObject tags;
  store::Version version = 0;  // 0: none yet
};
Task<Result<Tags>> load_tags(AgentCore& agentcore, const store::Key& key) {
  CO_TRY(const auto stored, co_await agentcore.store.get(key));
  if (!stored) co_return Tags{};
  CO_TRY(const Json document, json::parse(stored->body));
  ASSERT(document.is_object());
  co_return Tags{.tags = document.get_object(), .version = stored->version};
}

using Edit = Result<void> (*)(const aws::Call& call, JsonObject& tags);

// Reads, edits, writes; again when another call came between. The resource must be there when it is
// written, so that none is left behind by a deletion.
Task<Result<aws::Answer>> edit_tags(AgentCore& agentcore, const aws::Call& call, Edit edit) {
  CO_TRY(const store::Key resource, co_await existing_resource(agentcore, call));
  const store::Key key = key_of(call, model::kind::tags, aws::text(call, "resourceArn"));
  for (int attempt = 1;; ++attempt) {
    CO_TRY(Tags current, co_await load_tags(agentcore, key));
    CO_TRY_DO(edit(call, current.tags));
    store::Batch batch;
    batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                   .key = resource,
                                   .otherwise = "The resource was deleted meanwhile"});
    batch.preconditions.push_back(
        store::unchanged(key, current.version, "The tags were changed meanwhile; try again"));
    batch.puts.push_back({.key = key, .body = json::print(current.tags)});
    const auto committed = co_await agentcore.store.commit(std::move(batch));
    if (committed) co_return aws::Answer{};
    if (committed.error().code != Code::conflict || attempt == attempts_max) {
      co_return std::unexpected(committed.error());
    }
  }
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
  CO_TRY(Tags current, co_await load_tags(agentcore, key_of(call, model::kind::tags,
                                                            aws::text(call, "resourceArn"))));
  co_return aws::Answer{.output = JsonObject{{"tags", std::move(current.tags)}}, .body = {}};
}

}  // namespace

void add_resource_tag_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(agentcore, "TagResource", tag));
  rows.push_back(aws::row(agentcore, "UntagResource", untag));
  rows.push_back(aws::row(agentcore, "ListTagsForResource", list));
}

}  // namespace toolgate::services::agentcore
