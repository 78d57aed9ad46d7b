// What is said of a bucket as a whole: lifecycle rules, tags, public access block. They are kept
// and given back; rules of the lifecycle are not carried out, and every bucket is private anyway.
#include "aws/writing.h"
#include "json/members.h"
#include "services/s3/documents.h"
#include "services/s3/write_object.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

constexpr std::size_t bucket_tags_max = 50;
constexpr std::size_t lifecycle_rules_max = 1'000;
// A header of the answers, which Terraform waits for; the value for who gave none (S3 API).
constexpr std::string_view smallest_moved = "TransitionDefaultMinimumObjectSize";
constexpr std::string_view usual_smallest = "all_storage_classes_128K";

// Changes members of the bucket's row; a null takes its away.
Task<Result<void>> set_members(S3& s3, const aws::Call& call, JsonObject members) {
  CO_TRY(auto bucket, co_await load_bucket(s3, call));
  auto& row = bucket.body.get_object();
  for (const auto& [name, value] : members) {
    if (value.is_null()) {
      row.erase(name);
    } else {
      row[name] = value;
    }
  }
  store::Batch batch;
  write_back(batch, bucket);
  CO_TRY_DO(co_await s3.store.commit(std::move(batch)));
  co_return Result<void>{};
}

// The member of the bucket's row. Fails with `absent` when it has none.
Task<Result<Json>> member_of_bucket(S3& s3, const aws::Call& call, std::string member,
                                    std::unexpected<Error> absent) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const Json* found = json::find(bucket.body, member);
  if (found == nullptr) co_return absent;
  co_return *found;
}

Task<Result<aws::Answer>> forget_member(S3& s3, const aws::Call& call, std::string member) {
  CO_TRY_DO(co_await set_members(s3, call, {{member, nullptr}}));
  co_return aws::Answer{};
}

// "PutBucketLifecycleConfiguration", S3 API: every rule says what it does, and ids differ.
Result<void> check_rules(const JsonArray& rules) {
  if (rules.empty() || rules.size() > lifecycle_rules_max) {
    return refuse(Code::invalid, "MalformedXML",
                  "LifecycleConfiguration: 1 to 1000 rules are expected.");
  }
  std::vector<std::string> ids;
  for (const auto& rule : rules) {
    bool acts = false;
    for (const std::string_view action :
         {"Expiration", "Transitions", "NoncurrentVersionTransitions",
          "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"}) {
      acts |= json::find(rule, action) != nullptr;
    }
    if (!acts) {
      return refuse(Code::invalid, "InvalidRequest",
                    "At least one action needs to be specified in a rule");
    }
    if (json::find(rule, "Filter") == nullptr && json::find(rule, "Prefix") == nullptr) {
      return refuse(Code::invalid, "MalformedXML",
                    "LifecycleConfiguration: each rule has a Filter (or a Prefix).");
    }
    auto id = json::member(rule, "ID");
    if (!id.empty() && std::ranges::find(ids, id) != ids.end()) {
      return refuse(Code::invalid, "InvalidArgument",
                    "Rule ID must be unique. Found same ID for more than one rule");
    }
    ids.push_back(std::move(id));
  }
  return {};
}

Task<Result<aws::Answer>> put_lifecycle(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY_DO(check_document(call));
  const auto* rules = json::find_array(call.input, "LifecycleConfiguration", "Rules");
  const JsonArray given = rules == nullptr ? JsonArray{} : *rules;
  CO_TRY_DO(check_rules(given));
  const auto smallest = json::find_string(call.input, smallest_moved).value_or(usual_smallest);
  CO_TRY_DO(
      co_await set_members(s3, call, {{"lifecycle", given}, {"lifecycle_smallest", smallest}}));
  co_return aws::Answer{.output = JsonObject{{smallest_moved, smallest}}, .body = {}};
}

Task<Result<aws::Answer>> get_lifecycle(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(auto rules,
         co_await member_of_bucket(s3, call, "lifecycle",
                                   refuse(Code::not_found, "NoSuchLifecycleConfiguration",
                                          "The lifecycle configuration does not exist")));
  const auto given = co_await member_of_bucket(s3, call, "lifecycle_smallest", busy());
  const Json smallest = given ? *given : Json(usual_smallest);
  co_return aws::Answer{
      .output = JsonObject{{"Rules", std::move(rules)}, {smallest_moved, smallest}}, .body = {}};
}

Task<Result<aws::Answer>> delete_lifecycle(S3& s3, aws::Call& call, net::Worker&) {
  return forget_member(s3, call, "lifecycle");
}

Task<Result<aws::Answer>> put_tagging(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY_DO(check_document(call));
  const auto* tags = json::find_array(call.input, "Tagging", "TagSet");
  ASSERT(tags != nullptr);
  CO_TRY_DO(check_tags(*tags, bucket_tags_max));
  CO_TRY_DO(co_await set_members(s3, call, {{"tags", *tags}}));
  co_return aws::Answer{.output = JsonObject{}, .body = {}, .status = 204};
}

Task<Result<aws::Answer>> get_tagging(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(auto tags, co_await member_of_bucket(
                        s3, call, "tags",
                        refuse(Code::not_found, "NoSuchTagSet", "The TagSet does not exist")));
  co_return aws::Answer{.output = JsonObject{{"TagSet", std::move(tags)}}, .body = {}};
}

Task<Result<aws::Answer>> delete_tagging(S3& s3, aws::Call& call, net::Worker&) {
  return forget_member(s3, call, "tags");
}

Task<Result<aws::Answer>> put_public_access_block(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY_DO(check_document(call));
  const Json* block = json::find(call.input, "PublicAccessBlockConfiguration");
  ASSERT(block != nullptr);
  CO_TRY_DO(co_await set_members(s3, call, {{"public_access_block", *block}}));
  co_return aws::Answer{};
}

Task<Result<aws::Answer>> get_public_access_block(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(auto block,
         co_await member_of_bucket(s3, call, "public_access_block",
                                   refuse(Code::not_found, "NoSuchPublicAccessBlockConfiguration",
                                          "The public access block configuration was not found")));
  co_return aws::Answer{.output = JsonObject{{"PublicAccessBlockConfiguration", std::move(block)}},
                        .body = {}};
}

Task<Result<aws::Answer>> delete_public_access_block(S3& s3, aws::Call& call, net::Worker&) {
  return forget_member(s3, call, "public_access_block");
}

// Never switched on, so the answer has no Status.
Task<Result<aws::Answer>> get_versioning(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  co_return aws::Answer{};
}

}  // namespace

void add_setting_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  using aws::writing_row;
  rows.push_back(writing_row(s3, "PutBucketLifecycleConfiguration", put_lifecycle, busy));
  rows.push_back(row(s3, "GetBucketLifecycleConfiguration", get_lifecycle));
  rows.push_back(writing_row(s3, "DeleteBucketLifecycle", delete_lifecycle, busy));
  rows.push_back(writing_row(s3, "PutBucketTagging", put_tagging, busy));
  rows.push_back(row(s3, "GetBucketTagging", get_tagging));
  rows.push_back(writing_row(s3, "DeleteBucketTagging", delete_tagging, busy));
  rows.push_back(writing_row(s3, "PutPublicAccessBlock", put_public_access_block, busy));
  rows.push_back(row(s3, "GetPublicAccessBlock", get_public_access_block));
  rows.push_back(writing_row(s3, "DeletePublicAccessBlock", delete_public_access_block, busy));
  rows.push_back(row(s3, "GetBucketVersioning", get_versioning));
}

}  // namespace toolgate::services::s3
