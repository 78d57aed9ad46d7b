#include "services/iam/managed_policy.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "services/iam/aws_managed.h"
#include "services/iam/listing.h"
#include "services/iam/policy_document.h"

namespace toolgate::services::iam {
namespace {

constexpr std::string_view aws_prefix = "arn:aws:iam::aws:policy/";
constexpr std::size_t characters_max = 6'144;        // IAM User Guide, "IAM and AWS STS quotas"
constexpr double aws_managed_since = 1'423'180'000;  // when AWS began to publish them, 2015-02-06

bool name_character(char c) {
  return mixed_alphanumeric.contains(c) || std::string_view{"_+=,.@-"}.contains(c);
}

// An id that is always the same for the same ARN.
std::string aws_managed_id(std::string_view arn) {
  std::string id = "ANPA";
  for (const char byte : crypto::sha256(arn).substr(0, 17)) {
    id += upper_alphanumeric[static_cast<unsigned char>(byte) % upper_alphanumeric.size()];
  }
  return id;
}

}  // namespace

bool is_aws_managed(std::string_view arn) {
  if (!arn.starts_with(aws_prefix)) return false;
  const auto parts = split(arn.substr(aws_prefix.size()), '/');
  return std::ranges::all_of(parts, [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, name_character);
  });
}

std::string_view policy_name_of(std::string_view arn) { return arn.substr(arn.rfind('/') + 1); }

Task<Result<std::optional<Loaded>>> find_policy(store::Store& store, const aws::Call& call,
                                                std::string_view arn) {
  CO_TRY(std::optional<Loaded> found,
         co_await load(store, key_of(call.account, kind::policy, policy_name_of(arn))));
  if (found && member(found->body, "Arn") != arn) found.reset();
  co_return std::move(found);
}

Task<Result<Loaded>> load_policy(store::Store& store, const aws::Call& call) {
  const std::string arn = aws::text(call, "PolicyArn");
  if (is_aws_managed(arn)) {
    co_return refuse(Code::denied, "AccessDenied",
                     fmt::format("{} is managed by AWS: it can be attached, not changed.", arn));
  }
  CO_TRY(std::optional<Loaded> found, co_await find_policy(store, call, arn));
  if (!found) co_return no_such_entity(fmt::format("Policy {} was not found.", arn));
  co_return *std::move(found);
}

JsonObject policy_shape(const JsonObject& body) {
  JsonObject shape;
  copy_members(body,
               {"PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount",
                "CreateDate", "UpdateDate"},
               shape);
  shape["PermissionsBoundaryUsageCount"] = 0;
  shape["IsAttachable"] = true;
  return shape;
}

JsonObject aws_managed_shape(std::string_view arn, std::int64_t attachments) {
  const AwsManaged* known = find_aws_managed(arn);
  const std::string_view name = policy_name_of(arn);
  const std::string_view path =
      arn.substr(aws_prefix.size() - 1, arn.size() - name.size() - aws_prefix.size() + 1);
  return JsonObject{{"PolicyName", name},
                    {"PolicyId", aws_managed_id(arn)},
                    {"Arn", arn},
                    {"Path", path},
                    {"DefaultVersionId", known != nullptr ? known->version : "v1"},
                    {"AttachmentCount", attachments},
                    {"PermissionsBoundaryUsageCount", 0},
                    {"IsAttachable", true},
                    {"CreateDate", aws_managed_since},
                    {"UpdateDate", aws_managed_since}};
}

Task<Result<std::map<std::string, std::int64_t>>> aws_managed_attachments(store::Store& store,
                                                                          const aws::Call& call) {
  std::map<std::string, std::int64_t> count;
  for (const std::string_view entity : {kind::role, kind::user}) {
    CO_TRY(std::vector<Loaded> all, co_await all_documents(store, call.account, entity));
    for (Loaded& one : all) {
      for (const Json& arn : array_in(one.body, "AttachedPolicies")) {
        const std::string_view text = text_of(arn);
        if (is_aws_managed(text)) ++count[std::string{text}];
      }
    }
  }
  co_return count;
}

Result<void> check_managed_document(std::string_view document) {
  TRY_DO(check_policy(document, PolicyUse::identity));
  if (policy_characters(document) > characters_max) {
    return limit_exceeded(fmt::format("Cannot exceed quota for PolicySize: {}", characters_max));
  }
  return {};
}

}  // namespace toolgate::services::iam
