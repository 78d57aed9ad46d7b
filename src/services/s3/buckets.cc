// CreateBucket, DeleteBucket, HeadBucket, ListBuckets, GetBucketLocation.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "json/members.h"
#include "services/s3/documents.h"
#include "services/s3/sample.h"
#include "services/s3/uploads.h"
#include "services/s3/write_object.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

constexpr std::string_view first_region = "us-east-1";
constexpr std::size_t buckets_count_max = 10'000;  // "Bucket quota", S3 User Guide

// "General purpose bucket naming rules", S3 User Guide.
bool is_bucket_name(std::string_view name) {
  const auto is_end = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.size() < 3 || name.size() > 63 || !is_end(name.front()) || !is_end(name.back())) {
    return false;
  }
  const bool fine =
      std::ranges::all_of(name, [&](char c) { return is_end(c) || c == '-' || c == '.'; });
  const bool like_address = std::ranges::count(name, '.') == 3 &&
                            name.find_first_not_of("0123456789.") == std::string_view::npos;
  return fine && !like_address && !name.contains("..") && !name.starts_with("xn--") &&
         !name.starts_with("sthree-") && !name.ends_with("-s3alias") && !name.ends_with("--ol-s3");
}

// Where the bucket is to be ("CreateBucket", S3 API).
Result<std::string> region_for(const aws::Call& call) {
  const auto wanted =
      json::find_string(call.input, "CreateBucketConfiguration", "LocationConstraint");
  if (!wanted || wanted->empty()) {
    if (call.region == first_region) return call.region;
    return refuse(Code::invalid, "IllegalLocationConstraintException",
                  "The unspecified location constraint is incompatible for the region specific "
                  "endpoint this request was sent to.");
  }
  const std::string_view region = *wanted == "EU" ? "eu-west-1" : *wanted;
  if (call.region != first_region && call.region != region) {
    return refuse(Code::invalid, "IllegalLocationConstraintException",
                  fmt::format("The {} location constraint is incompatible for the region specific "
                              "endpoint this request was sent to.",
                              region));
  }
  return std::string{region};
}

Task<Result<aws::Answer>> create_bucket(S3& s3, aws::Call& call, net::Worker&) {
  const auto name = aws::text(call, "Bucket");
  if (!is_bucket_name(name)) {
    co_return refuse(Code::invalid, "InvalidBucketName", "The specified bucket is not valid.");
  }
  CO_TRY_DO(check_supported(call));
  CO_TRY(const auto region, region_for(call));
  const auto taken = [] {
    return refuse(Code::conflict, "BucketAlreadyExists",
                  "The requested bucket name is not available. The bucket namespace is shared by "
                  "all users of the system. Please select a different name and try again.");
  };
  if (is_sample_bucket(name)) co_return taken();
  CO_TRY(const auto all, co_await s3.store.keys_of("s3_bucket"));
  if (all.size() >= buckets_count_max) {
    co_return refuse(Code::quota, "TooManyBuckets",
                     "You have attempted to create more buckets than allowed");
  }
  JsonObject row{{"owner", call.account}, {"region", region}, {"created", timestamp(call.now)}};
  if (const auto* tags = json::find_array(call.input, "CreateBucketConfiguration", "Tags")) {
    CO_TRY_DO(check_tags(*tags, 50));
    row["tags"] = *tags;
  }
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::absent,
                                 .key = bucket_key(name),
                                 .version = 0,
                                 .otherwise = "bucket"});
  batch.puts.push_back(store::put_json(bucket_key(name), row));
  const auto made = co_await s3.store.commit(std::move(batch));
  if (!made && !store::lost_race(made.error())) co_return std::unexpected(made.error());
  if (!made) {
    CO_TRY(const auto there, co_await store::get_json(s3.store, bucket_key(name)));
    if (!there) co_return busy();
    if (json::member(*there, "owner") != call.account) co_return taken();
    // To make it again is fine in the first region, and there only ("CreateBucket", S3 API).
    if (region != first_region || json::member(*there, "region") != first_region) {
      co_return refuse(Code::conflict, "BucketAlreadyOwnedByYou",
                       "Your previous request to create the named bucket succeeded and you already "
                       "own it.");
    }
  }
  co_return aws::Answer{.output = JsonObject{{"Location", fmt::format("/{}", name)},
                                             {"BucketArn", fmt::format("arn:aws:s3:::{}", name)}},
                        .body = {}};
}

// Uploads that are still in progress go with their bucket; their ids.
Task<Result<std::vector<std::string>>> forget_uploads(S3& s3, std::string bucket,
                                                      store::Batch& batch) {
  std::vector<std::string> ids;
  CO_TRY(const auto uploads, co_await store::list_all_json(s3.store, upload_key(bucket, "")));
  for (const auto& upload : uploads) {
    batch.deletes.push_back(upload.key);
    ids.push_back(upload.key.id.substr(upload.key.id.find('/') + 1));
  }
  co_return ids;
}

Task<Result<aws::Answer>> delete_bucket(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const auto name = aws::text(call, "Bucket");
  using Holds = store::Precondition::Holds;
  store::Batch batch;
  batch.preconditions = {
      {.holds = Holds::present, .key = bucket_key(name), .version = 0, .otherwise = "bucket"},
      {.holds = Holds::no_children,
       .key = object_key(name, ""),
       .version = 0,
       .otherwise = "objects"}};
  batch.deletes = {bucket_key(name)};
  CO_TRY(const auto uploads, co_await forget_uploads(s3, name, batch));
  const auto done = co_await s3.store.commit(std::move(batch));
  if (!done && store::lost_race(done.error())) {
    if (done.error().message == "bucket") co_return no_such_bucket(name);
    co_return refuse(Code::conflict, "BucketNotEmpty",
                     "The bucket you tried to delete is not empty");
  }
  if (!done) co_return std::unexpected(done.error());
  for (const auto& upload : uploads) {
    CO_TRY_DO(co_await drop_parts(s3, upload));
  }
  co_return aws::Answer{};
}

Task<Result<aws::Answer>> head_bucket(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  co_return aws::Answer{
      .output = JsonObject{{"BucketRegion", json::member(bucket.body, "region")},
                           {"BucketArn", "arn:aws:s3:::" + aws::text(call, "Bucket")}},
      .body = {}};
}

Task<Result<aws::Answer>> get_bucket_location(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const auto region = json::member(bucket.body, "region");
  aws::Answer answer;
  if (region != first_region) answer.output.get_object()["LocationConstraint"] = region;
  co_return answer;
}

Task<Result<aws::Answer>> list_buckets(S3& s3, aws::Call& call, net::Worker&) {
  const auto prefix = aws::text_if(call, "Prefix").value_or("");
  const auto size = static_cast<std::size_t>(number_or(call, "MaxBuckets", buckets_count_max));
  const auto region = aws::text_if(call, "BucketRegion");
  std::string behind;
  if (const auto token = aws::text_if(call, "ContinuationToken")) {
    const auto decoded = crypto::from_base64url(*token);
    if (!decoded) {
      co_return refuse(Code::invalid, "InvalidArgument",
                       "The continuation token provided is incorrect");
    }
    behind = *decoded;
  }
  JsonArray buckets;
  JsonObject output{{"Owner", owner_of(call.account)}};
  if (!prefix.empty()) output["Prefix"] = prefix;
  while (true) {
    CO_TRY(const auto page, co_await s3.store.list_behind(bucket_key(prefix), 500, behind));
    for (const auto& document : page.documents) {
      behind = document.key.id;
      CO_TRY(const auto row, json::parse(document.body));
      const auto where = json::member(row, "region");
      if (json::member(row, "owner") != call.account || (region && *region != where)) continue;
      if (buckets.size() == size) {
        output["ContinuationToken"] = crypto::base64url(json::member(buckets.back(), "Name"));
        output["Buckets"] = std::move(buckets);
        co_return aws::Answer{.output = std::move(output), .body = {}};
      }
      buckets.push_back(JsonObject{{"Name", document.key.id},
                                   {"CreationDate", time_in(row, "created")},
                                   {"BucketRegion", where},
                                   {"BucketArn", "arn:aws:s3:::" + document.key.id}});
    }
    if (page.next.empty()) break;
  }
  output["Buckets"] = std::move(buckets);
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

}  // namespace

void add_bucket_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  rows.push_back(row(s3, "CreateBucket", create_bucket));
  rows.push_back(row(s3, "DeleteBucket", delete_bucket));
  rows.push_back(row(s3, "HeadBucket", head_bucket));
  rows.push_back(row(s3, "GetBucketLocation", get_bucket_location));
  rows.push_back(row(s3, "ListBuckets", list_buckets));
}

}  // namespace toolgate::services::s3
