// Roles and their trust policies.
#include <fmt/format.h>

#include "base/text.h"
#include "services/iam/documents.h"
#include "services/iam/listing.h"
#include "services/iam/policy_document.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t trust_characters_max = 2'048;  // IAM User Guide, "IAM and AWS STS quotas"
constexpr std::int64_t session_seconds_default = 3'600;

// The trust policy comes back as it was given, only percent-encoded (IAM API Reference, "Role").
JsonObject role_shape(const JsonObject& body) {
  JsonObject role;
  copy_members(
      body,
      {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "Description", "MaxSessionDuration"},
      role);
  role["AssumeRolePolicyDocument"] = percent_encode(member(body, "AssumeRolePolicyDocument"));
  return role;
}

// With what lists leave out (IAM API Reference, "ListRoles").
JsonObject whole_role_shape(const JsonObject& body) {
  JsonObject role = role_shape(body);
  copy_members(body, {"Tags"}, role);
  add_boundary(body, role);
  return role;
}

Result<void> check_trust(std::string_view document) {
  TRY_DO(check_policy(document, PolicyUse::trust));
  if (policy_characters(document) > trust_characters_max) {
    return limit_exceeded(
        fmt::format("Cannot exceed quota for ACLSizePerRole: {}", trust_characters_max));
  }
  return {};
}

Task<Result<Answer>> create_role(Iam& iam, Call& call, net::Worker&) {
  const std::string name = aws::text(call, "RoleName");
  const std::string path = aws::text_if(call, "Path").value_or("/");
  const std::string trust = aws::text(call, "AssumeRolePolicyDocument");
  CO_TRY_DO(check_trust(trust));
  CO_TRY_DO(check_no_boundary(call));
  const store::Key key = key_of(call.account, kind::role, name);
  CO_TRY(const std::optional<Loaded> there, co_await load(iam.store, key));
  if (there) co_return already_exists(fmt::format("Role with name {} already exists.", name));

  JsonObject body{{"Path", path},
                  {"RoleName", name},
                  {"RoleId", new_id("AROA")},
                  {"Arn", arn_of(call.account, "role", path, name)},
                  {"CreateDate", timestamp(call.now)},
                  {"AssumeRolePolicyDocument", trust},
                  {"MaxSessionDuration", session_seconds_default}};
  CO_TRY_DO(check_tags(call));
  copy_members(call.input.as_object(), {"Description", "MaxSessionDuration", "Tags"}, body);
  store::Batch batch;
  create(batch, key, body);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"Role", whole_role_shape(body)}}, {}};
}

Task<Result<Answer>> get_role(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(const Loaded role, co_await load_named(iam.store, call, role_noun));
  JsonObject shape = whole_role_shape(role.body);
  shape["RoleLastUsed"] = JsonObject{};
  co_return Answer{JsonObject{{"Role", std::move(shape)}}, {}};
}

Task<Result<Answer>> list_roles(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(const DocumentPage page,
         co_await list_documents(iam.store, call, kind::role, items_wanted(call),
                                 aws::text_if(call, "Marker").value_or("")));
  JsonArray roles;
  for (const Loaded& role : page.documents) roles.push_back(role_shape(role.body));
  JsonObject output{{"Roles", std::move(roles)}};
  close_page(output, page.next);
  co_return Answer{std::move(output), {}};
}

Task<Result<JsonObject>> change_role(Iam& iam, const Call& call,
                                     std::vector<std::string_view> members) {
  CO_TRY(Loaded role, co_await load_named(iam.store, call, role_noun));
  for (const std::string_view name : members) {
    copy_members(call.input.as_object(), {name}, role.body);
  }
  store::Batch batch;
  write_back(batch, role);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return std::move(role.body);
}

Task<Result<Answer>> update_role(Iam& iam, Call& call, net::Worker&) {
  CO_TRY([[maybe_unused]] const JsonObject body,
         co_await change_role(iam, call, {"Description", "MaxSessionDuration"}));
  co_return Answer{};
}

Task<Result<Answer>> update_role_description(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(const JsonObject body, co_await change_role(iam, call, {"Description"}));
  co_return Answer{JsonObject{{"Role", whole_role_shape(body)}}, {}};
}

Task<Result<Answer>> update_assume_role_policy(Iam& iam, Call& call, net::Worker&) {
  const std::string trust = aws::text(call, "PolicyDocument");
  CO_TRY_DO(check_trust(trust));
  CO_TRY(Loaded role, co_await load_named(iam.store, call, role_noun));
  role.body["AssumeRolePolicyDocument"] = trust;
  store::Batch batch;
  write_back(batch, role);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> delete_role(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded role, co_await load_named(iam.store, call, role_noun));
  if (!array_in(role.body, "AttachedPolicies").empty()) {
    co_return delete_conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!object_in(role.body, "InlinePolicies").empty()) {
    co_return delete_conflict("Cannot delete entity, must delete policies first.");
  }
  store::Batch batch;
  remove(batch, role);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

// There are no instance profiles; clients that clean up a role ask all the same.
Task<Result<Answer>> list_instance_profiles_for_role(Iam& iam, Call& call, net::Worker&) {
  CO_TRY([[maybe_unused]] const Loaded role, co_await load_named(iam.store, call, role_noun));
  JsonObject output{{"InstanceProfiles", JsonArray{}}};
  close_page(output, {});
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_role_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "CreateRole", create_role, busy));
  rows.push_back(aws::row(iam, "GetRole", get_role));
  rows.push_back(aws::row(iam, "ListRoles", list_roles));
  rows.push_back(aws::writing_row(iam, "UpdateRole", update_role, busy));
  rows.push_back(aws::writing_row(iam, "UpdateRoleDescription", update_role_description, busy));
  rows.push_back(aws::writing_row(iam, "UpdateAssumeRolePolicy", update_assume_role_policy, busy));
  rows.push_back(aws::writing_row(iam, "DeleteRole", delete_role, busy));
  rows.push_back(aws::row(iam, "ListInstanceProfilesForRole", list_instance_profiles_for_role));
}

}  // namespace toolgate::services::iam
