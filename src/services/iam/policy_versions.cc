// The versions of a managed policy, at most five, one of them the default.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "services/iam/aws_managed.h"
#include "services/iam/listing.h"
#include "services/iam/managed_policy.h"
#include "services/iam/service.h"

namespace toolgate::services::iam {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t versions_max = 5;  // IAM User Guide, "IAM and AWS STS quotas"

Json* find_version(JsonObject& policy, std::string_view id) {
  JsonArray& versions = array_in(policy, "Versions");
  auto* found = std::ranges::find_if(
      versions, [&](const Json& version) { return json::find_string(version, "VersionId") == id; });
  return found != versions.end() ? found : nullptr;
}

std::unexpected<Error> no_such_version(const Call& call) {
  return no_such_entity(fmt::format("Policy {} version {} does not exist or is not attachable.",
                                    aws::text(call, "PolicyArn"), aws::text(call, "VersionId")));
}

JsonObject version_shape(const JsonObject& policy, const JsonObject& version) {
  JsonObject shape;
  copy_members(version, {"VersionId", "CreateDate"}, shape);
  shape["IsDefaultVersion"] = member(version, "VersionId") == member(policy, "DefaultVersionId");
  return shape;
}

Task<Result<Answer>> create_policy_version(Iam& iam, Call& call, net::Worker&) {
  const std::string document = aws::text(call, "PolicyDocument");
  CO_TRY_DO(check_managed_document(document));
  CO_TRY(Loaded policy, co_await load_policy(iam.store, call));
  JsonArray& versions = array_in(policy.body, "Versions");
  if (versions.size() >= versions_max) {
    co_return limit_exceeded(fmt::format(
        "A managed policy can have up to {} versions. Before you create a new version, you must "
        "delete an existing version.",
        versions_max));
  }
  const std::int64_t next = number(policy.body, "NextVersion");
  const std::string id = fmt::format("v{}", next);
  JsonObject fresh{{"VersionId", id}, {"Document", document}, {"CreateDate", timestamp(call.now)}};
  versions.push_back(fresh);
  policy.body["NextVersion"] = next + 1;
  policy.body["UpdateDate"] = timestamp(call.now);
  if (json::find_bool(call.input, "SetAsDefault").value_or(false)) {
    policy.body["DefaultVersionId"] = id;
  }
  store::Batch batch;
  write_back(batch, policy);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{JsonObject{{"PolicyVersion", version_shape(policy.body, fresh)}}, {}};
}

Task<Result<Answer>> get_policy_version(Iam& iam, Call& call, net::Worker&) {
  const std::string arn = aws::text(call, "PolicyArn");
  if (is_aws_managed(arn)) {
    const AwsManaged* known = find_aws_managed(arn);
    if (known == nullptr || known->version != aws::text(call, "VersionId")) {
      co_return no_such_entity(
          fmt::format("The document of {} in version {} is not known to toolgate.", arn,
                      aws::text(call, "VersionId")));
    }
    JsonObject shape{{"VersionId", known->version},
                     {"IsDefaultVersion", true},
                     {"Document", percent_encode(known->document)}};
    co_return Answer{JsonObject{{"PolicyVersion", std::move(shape)}}, {}};
  }
  CO_TRY(Loaded policy, co_await load_policy(iam.store, call));
  const Json* version = find_version(policy.body, aws::text(call, "VersionId"));
  if (version == nullptr) co_return no_such_version(call);
  JsonObject shape = version_shape(policy.body, version->as_object());
  shape["Document"] = percent_encode(member(version->as_object(), "Document"));
  co_return Answer{JsonObject{{"PolicyVersion", std::move(shape)}}, {}};
}

Task<Result<Answer>> list_policy_versions(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded policy, co_await load_policy(iam.store, call));
  std::vector<std::string> ids;
  for (const Json& version : array_in(policy.body, "Versions")) {
    ids.emplace_back(json::find_string(version, "VersionId").value_or(""));
  }
  JsonObject output;
  CO_TRY(const std::vector<std::string> page, page_of(call, std::move(ids), output));
  JsonArray shapes;
  for (const std::string& id : page) {
    shapes.push_back(version_shape(policy.body, find_version(policy.body, id)->as_object()));
  }
  output["Versions"] = std::move(shapes);
  co_return Answer{std::move(output), {}};
}

Task<Result<Answer>> delete_policy_version(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded policy, co_await load_policy(iam.store, call));
  const std::string id = aws::text(call, "VersionId");
  Json* version = find_version(policy.body, id);
  if (version == nullptr) co_return no_such_version(call);
  if (member(policy.body, "DefaultVersionId") == id) {
    co_return delete_conflict("Cannot delete the default version of a policy.");
  }
  array_in(policy.body, "Versions").erase(version);
  store::Batch batch;
  write_back(batch, policy);
  CO_TRY([[maybe_unused]] store::Version written, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

Task<Result<Answer>> set_default_policy_version(Iam& iam, Call& call, net::Worker&) {
  CO_TRY(Loaded policy, co_await load_policy(iam.store, call));
  const std::string id = aws::text(call, "VersionId");
  if (find_version(policy.body, id) == nullptr) co_return no_such_version(call);
  policy.body["DefaultVersionId"] = id;
  policy.body["UpdateDate"] = timestamp(call.now);
  store::Batch batch;
  write_back(batch, policy);
  CO_TRY([[maybe_unused]] store::Version version, co_await iam.store.commit(std::move(batch)));
  co_return Answer{};
}

}  // namespace

void add_policy_version_operations(Iam& iam, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(iam, "CreatePolicyVersion", create_policy_version, busy));
  rows.push_back(aws::row(iam, "GetPolicyVersion", get_policy_version));
  rows.push_back(aws::row(iam, "ListPolicyVersions", list_policy_versions));
  rows.push_back(aws::writing_row(iam, "DeletePolicyVersion", delete_policy_version, busy));
  rows.push_back(
      aws::writing_row(iam, "SetDefaultPolicyVersion", set_default_policy_version, busy));
}

}  // namespace toolgate::services::iam
