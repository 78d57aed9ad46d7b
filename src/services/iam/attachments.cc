// Which managed policies a role or user has. The entity names them, the policy counts them; both
// change in one commit.
#include <fmt/format.h>

#include "base/log.h"
#include "services/iam/aws_managed.h"
#include "services/iam/listing.h"
#include "services/iam/managed_policy.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t attached_max = 10;  // IAM User Guide, "IAM and AWS STS quotas"

// Our own policy's count changes with the attachment; AWS's are not counted.
Task<Result<Answer>> commit_attachment(Iam& iam, const Loaded& entity, std::optional<Loaded> policy,
                                       int by) {
  store::Batch batch;
  write_back(batch, entity);
  if (policy) {
    const std::int64_t count = number(policy->body, "AttachmentCount");
    policy->body["AttachmentCount"] = count + by;
    write_back(batch, *policy);
  }
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

template <const Noun& noun>
Task<Result<Answer>> attach_policy(Iam& iam, Call& call, net::Worker&) {
  const std::string arn = aws::text(call, "PolicyArn");
  CO_TRY(Loaded entity, co_await load_named(iam.store, call, noun));
  CO_TRY(std::optional<Loaded> policy, co_await find_policy(iam.store, call, arn));
  if (!policy && !is_aws_managed(arn)) {
    co_return no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
  }
  JsonArray& attached = array_in(entity.body, "AttachedPolicies");
  if (contains(attached, arn)) co_return Answer{};
  if (attached.size() >= attached_max) {
    co_return limit_exceeded(
        fmt::format("Cannot exceed quota for PoliciesPer{}: {}", noun.title, attached_max));
  }
  if (!policy && find_aws_managed(arn) == nullptr) {
    log::warn("iam {} {}: {} is attached and allows nothing: its document is not known", noun.word,
              member(entity.body, noun.member), arn);
  }
  attached.emplace_back(arn);
  co_return co_await commit_attachment(iam, entity, std::move(policy), +1);
}

template <const Noun& noun>
Task<Result<Answer>> detach_policy(Iam& iam, Call& call, net::Worker&) {
  const std::string arn = aws::text(call, "PolicyArn");
  CO_TRY(Loaded entity, co_await load_named(iam.store, call, noun));
  JsonArray& attached = array_in(entity.body, "AttachedPolicies");
  if (!contains(attached, arn)) {
    co_return no_such_entity(fmt::format("Policy {} was not found.", arn));
  }
  erase(attached, arn);
  CO_TRY(std::optional<Loaded> policy, co_await find_policy(iam.store, call, arn));
  co_return co_await commit_attachment(iam, entity, std::move(policy), -1);
}

// "/service-role/" of "arn:aws:iam::aws:policy/service-role/X"
std::string_view path_of(std::string_view arn) {
  const std::size_t first = arn.find('/');
  return arn.substr(first, arn.rfind('/') - first + 1);
}

template <const Noun& noun>
Task<Result<Answer>> list_attached_policies(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded entity, co_await load_named(iam.store, call, noun));
  const std::string prefix = aws::text_if(call, "PathPrefix").value_or("/");
  std::vector<std::string> arns;
  for (const Json& arn : array_in(entity.body, "AttachedPolicies")) {
    const std::string_view text = text_of(arn);
    if (path_of(text).starts_with(prefix)) arns.emplace_back(text);
  }
  JsonObject output;
  CO_TRY(const std::vector<std::string> page, page_of(call, std::move(arns), output));
  JsonArray shapes;
  for (const std::string& arn : page) {
    shapes.push_back(JsonObject{{"PolicyName", policy_name_of(arn)}, {"PolicyArn", arn}});
  }
  output["AttachedPolicies"] = std::move(shapes);
  co_return Answer{std::move(output), {}};
}

// Those of one kind that have the policy, as "user/ann" → {UserName, UserId}.
Task<Result<void>> collect_holders(Iam& iam, const Call& call, const Noun& noun,
                                   std::map<std::string, JsonObject>& holders) {
  const std::string arn = aws::text(call, "PolicyArn");
  const std::string prefix = aws::text_if(call, "PathPrefix").value_or("/");
  const std::string id_member = std::string{noun.title} + "Id";
  CO_TRY(std::vector<Loaded> all, co_await all_documents(iam.store, call.account, noun.kind));
  for (Loaded& entity : all) {
    if (!contains(array_in(entity.body, "AttachedPolicies"), arn)) continue;
    if (!member(entity.body, "Path").starts_with(prefix)) continue;
    JsonObject shape;
    copy_members(entity.body, {noun.member, id_member}, shape);
    holders.emplace(fmt::format("{}/{}", noun.word, member(entity.body, noun.member)),
                    std::move(shape));
  }
  co_return Result<void>{};
}

Task<Result<Answer>> list_entities_for_policy(Iam& iam, Call& call, net::Worker&) {
  if (!is_aws_managed(aws::text(call, "PolicyArn"))) {
    CO_TRY([[maybe_unused]] const Loaded policy, co_await load_policy(iam.store, call));
  }
  const std::string filter = aws::text_if(call, "EntityFilter").value_or("");
  std::map<std::string, JsonObject> holders;
  if (filter.empty() || filter == "Role") {
    CO_TRY_DO(co_await collect_holders(iam, call, role_noun, holders));
  }
  if (filter.empty() || filter == "User") {
    CO_TRY_DO(co_await collect_holders(iam, call, user_noun, holders));
  }
  std::vector<std::string> names;
  for (const auto& holder : holders) names.push_back(holder.first);
  JsonObject output;
  CO_TRY(const std::vector<std::string> page, page_of(call, std::move(names), output));
  JsonArray roles;
  JsonArray users;
  for (const std::string& name : page) {
    (name.starts_with("role/") ? roles : users).push_back(std::move(holders[name]));
  }
  output["PolicyGroups"] = JsonArray{};
  output["PolicyRoles"] = std::move(roles);
  output["PolicyUsers"] = std::move(users);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_attachment_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "AttachRolePolicy", attach_policy<role_noun>, busy));
  rows.push_back(aws::writing_row(iam, "DetachRolePolicy", detach_policy<role_noun>, busy));
  rows.push_back(aws::row(iam, "ListAttachedRolePolicies", list_attached_policies<role_noun>));
  rows.push_back(aws::writing_row(iam, "AttachUserPolicy", attach_policy<user_noun>, busy));
  rows.push_back(aws::writing_row(iam, "DetachUserPolicy", detach_policy<user_noun>, busy));
  rows.push_back(aws::row(iam, "ListAttachedUserPolicies", list_attached_policies<user_noun>));
  rows.push_back(aws::row(iam, "ListEntitiesForPolicy", list_entities_for_policy));
}

}  // namespace toolgate::services::iam
