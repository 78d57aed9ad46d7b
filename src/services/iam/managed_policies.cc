// Managed policies, the account's own and AWS's.
#include <fmt/format.h>

#include "services/iam/listing.h"
#include "services/iam/managed_policy.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

Task<Result<Answer>> create_policy(Iam& iam, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "PolicyName");
  const std::string path = aws::text_if(call, "Path").value_or("/");
  const std::string document = aws::text(call, "PolicyDocument");
  CO_TRY_DO(check_managed_document(document));
  CO_TRY_DO(check_tags(call));
  const store::Key key = key_of(call.account, kind::policy, name);
  CO_TRY(const std::optional<Loaded> there, co_await load(iam.store, key));
  if (there) {
    co_return already_exists(
        fmt::format("A policy called {} already exists. Duplicate names are not allowed.", name));
  }
  const double now = timestamp(call.now);
  JsonObject first{{"VersionId", "v1"}, {"Document", document}, {"CreateDate", now}};
  JsonArray versions;
  versions.push_back(std::move(first));
  JsonObject body{{"PolicyName", name},
                  {"PolicyId", new_id("ANPA")},
                  {"Arn", arn_of(call.account, "policy", path, name)},
                  {"Path", path},
                  {"DefaultVersionId", "v1"},
                  {"AttachmentCount", 0},
                  {"CreateDate", now},
                  {"UpdateDate", now},
                  {"Versions", std::move(versions)},
                  {"NextVersion", 2}};
  copy_members(call.input.as_object(), {"Description", "Tags"}, body);
  store::Batch batch;
  create(batch, key, body);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  JsonObject shape = policy_shape(body);
  copy_members(body, {"Tags"}, shape);
  co_return Answer{JsonObject{{"Policy", std::move(shape)}}, {}};
}

Task<Result<Answer>> get_policy(Iam& iam, Call& call, net::Worker&) {
  const std::string arn = aws::text(call, "PolicyArn");
  if (is_aws_managed(arn)) {
    CO_TRY(const auto attached, co_await aws_managed_attachments(iam.store, call));
    const auto found = attached.find(arn);
    const std::int64_t count = found != attached.end() ? found->second : 0;
    co_return Answer{JsonObject{{"Policy", aws_managed_shape(arn, count)}}, {}};
  }
  CO_TRY(const Loaded policy, co_await load_policy(iam.store, call));
  JsonObject shape = policy_shape(policy.body);
  copy_members(policy.body, {"Description", "Tags"}, shape);
  co_return Answer{JsonObject{{"Policy", std::move(shape)}}, {}};
}

// A page of ListPolicies comes first from our own policies, then from AWS's that are attached; the
// marker's first letter says from which.
struct Position {
  bool own = true;
  std::string after;
};
Position position_of(const Call& call, std::string_view scope) {
  const std::string marker = aws::text_if(call, "Marker").value_or("");
  if (marker.starts_with('a')) return {.own = false, .after = marker.substr(1)};
  return {.own = scope != "AWS", .after = marker.empty() ? "" : marker.substr(1)};
}

Task<Result<Answer>> list_policies(Iam& iam, Call& call, net::Worker&) {
  const std::string scope = aws::text_if(call, "Scope").value_or("All");
  const bool only_attached = json::find_bool(call.input, "OnlyAttached").value_or(false);
  const std::string prefix = aws::text_if(call, "PathPrefix").value_or("/");
  const std::size_t wanted = items_wanted(call);
  Position position = position_of(call, scope);
  JsonArray shapes;
  std::string marker;
  while (position.own) {
    CO_TRY(DocumentPage page, co_await list_documents(iam.store, call, kind::policy,
                                                      wanted - shapes.size(), position.after));
    for (const Loaded& policy : page.documents) {
      if (only_attached && number(policy.body, "AttachmentCount") == 0) continue;
      shapes.push_back(policy_shape(policy.body));
    }
    position = {.own = !page.next.empty(), .after = std::move(page.next)};
    if (position.own && shapes.size() == wanted) break;
  }
  if (position.own) {
    marker = "o" + position.after;
  } else if (scope != "Local") {
    CO_TRY(const auto attached, co_await aws_managed_attachments(iam.store, call));
    std::string last = position.after;
    for (auto next = attached.upper_bound(position.after); next != attached.end(); ++next) {
      if (shapes.size() == wanted) {
        marker = "a" + last;
        break;
      }
      last = next->first;
      JsonObject shape = aws_managed_shape(next->first, next->second);
      if (member(shape, "Path").starts_with(prefix)) shapes.push_back(std::move(shape));
    }
  }
  JsonObject output{{"Policies", std::move(shapes)}};
  close_page(output, marker);
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> delete_policy(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded policy, co_await load_policy(iam.store, call));
  if (number(policy.body, "AttachmentCount") != 0) {
    co_return delete_conflict("Cannot delete a policy attached to entities.");
  }
  if (array_in(policy.body, "Versions").size() > 1) {
    co_return delete_conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the "
        "policy's versions. The default version is deleted with the policy.");
  }
  store::Batch batch;
  remove(batch, policy);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

}  // namespace

void add_managed_policy_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "CreatePolicy", create_policy, busy));
  rows.push_back(aws::row(iam, "GetPolicy", get_policy));
  rows.push_back(aws::row(iam, "ListPolicies", list_policies));
  rows.push_back(aws::writing_row(iam, "DeletePolicy", delete_policy, busy));
}

}  // namespace toolgate::services::iam
