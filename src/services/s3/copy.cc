// CopyObject, and the source of every copy.
#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "json/members.h"
#include "json/scan.h"
#include "services/s3/conditions.h"
#include "services/s3/sample.h"
#include "services/s3/uploads.h"
#include "services/s3/write_object.h"

namespace toolgate::services::s3 {
namespace {

struct SourceName {
  std::string bucket;
  std::string key;
};

// "bucket/key" or "/bucket/key", %-encoded, perhaps with a version behind it.
Result<SourceName> source_name(std::string_view text) {
  const auto invalid = [] {
    return refuse(Code::invalid, "InvalidArgument",
                  "Invalid copy source object key: x-amz-copy-source has the form bucket/key.");
  };
  if (text.starts_with("arn:")) {
    return not_implemented("x-amz-copy-source: access points are not served by toolgate.");
  }
  const auto mark = text.rfind("?versionId=");
  if (mark != std::string_view::npos) {
    if (text.substr(mark + 11) != "null") {
      return refuse(Code::not_found, "NoSuchVersion", "The specified version does not exist.");
    }
    text = text.substr(0, mark);
  }
  const auto decoded = percent_decode(text);
  if (!decoded || !json::is_utf8(*decoded)) return invalid();
  std::string_view name = *decoded;
  if (name.starts_with('/')) name.remove_prefix(1);
  const auto slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size()) return invalid();
  return SourceName{.bucket = std::string{name.substr(0, slash)},
                    .key = std::string{name.substr(slash + 1)}};
}

// The source's own bucket, which must be the caller's.
Task<Result<void>> check_source_bucket(S3& s3, const aws::Call& call, std::string bucket) {
  CO_TRY(const auto found, co_await store::get_json(s3.store, bucket_key(bucket)));
  if (!found) co_return no_such_bucket(bucket);
  const auto owner = json::member(*found, "owner");
  const auto expected = aws::text_if(call, "ExpectedSourceBucketOwner");
  if (owner != call.account || (expected && *expected != owner)) {
    co_return refuse(Code::denied, "AccessDenied", "Access Denied");
  }
  co_return Result<void>{};
}

bool replaces(const aws::Call& call, std::string_view directive) {
  return aws::text_if(call, directive) == "REPLACE";
}

// What the copy is described by: the source's row, or the call's.
Result<JsonObject> row_of_copy(const aws::Call& call, const Source& source) {
  TRY(auto given, described(call));
  JsonObject row;
  for (const std::string_view name : {"members", "metadata"}) {
    const Json* old = json::find(source.object, name);
    row[name] = replaces(call, "MetadataDirective") || old == nullptr ? given[name] : *old;
  }
  if (const auto storage = json::member(given["members"], "StorageClass"); !storage.empty()) {
    row["members"].get_object()["StorageClass"] = storage;
  } else {
    row["members"].get_object().erase("StorageClass");
  }
  if (replaces(call, "TaggingDirective")) {
    if (const Json* tags = given.if_contains("tags")) row["tags"] = *tags;
  } else if (const Json* tags = json::find(source.object, "tags")) {
    row["tags"] = *tags;
  }
  return row;
}

// Object made of one blob, with the checksum that is wanted: another name for the same bytes.
bool can_link(const Source& source, std::optional<Algorithm> asked) {
  if (source.segments.size() != 1 || json::find(source.object, "parts") != nullptr) return false;
  return !asked || json::find(source.object, "checks", name_of(*asked)) != nullptr;
}

Task<Result<store::BlobId>> link_or_copy(S3& s3, const Source& source,
                                         std::optional<Algorithm> asked, JsonObject& row) {
  if (can_link(source, asked)) {
    auto linked = co_await s3.blobs.offload().run(
        [&] { return s3.blobs.link(source.segments.front().blob); });
    if (linked) {
      for (const std::string_view name : {"etag", "checks", "check_type"}) {
        row[name] = *json::find(source.object, name);
      }
      co_return linked;
    }
  }
  Algorithm algorithm = asked.value_or(default_algorithm);
  if (const Json* checks = json::find(source.object, "checks"); checks != nullptr && !asked) {
    algorithm = algorithm_named(checks->get_object().begin()->key()).value_or(algorithm);
  }
  const auto size = size_in(source.object);
  CO_TRY(auto copied,
         co_await copy_bytes(s3, source.segments, {.first = 0, .size = size}, {algorithm}));
  row["etag"] = crypto::hex(copied.md5);
  row["checks"] = JsonObject{{name_of(algorithm), copied.checks.at(algorithm)}};
  row["check_type"] = "FULL_OBJECT";
  co_return std::move(copied.blob);
}

Task<Result<aws::Answer>> copy_object(S3& s3, aws::Call& call, net::Worker&) {
  const auto bucket = aws::text(call, "Bucket");
  const auto key = aws::text(call, "Key");
  CO_TRY_DO(check_key(key));
  CO_TRY(const auto asked, asked_algorithm(call));
  CO_TRY(const auto own, co_await load_bucket(s3, call));
  CO_TRY(const auto source, co_await load_source(s3, call));
  const auto size = size_in(source.object);
  if (size > put_bytes_max) {
    co_return refuse(Code::invalid, "InvalidRequest",
                     "The specified copy source is larger than the maximum allowable size for a "
                     "copy source: 5368709120");
  }
  if (source.bucket == bucket && source.key == key && !replaces(call, "MetadataDirective") &&
      !replaces(call, "TaggingDirective") && !asked && !aws::text_if(call, "StorageClass")) {
    co_return refuse(Code::invalid, "InvalidRequest",
                     "This copy request is illegal because it is trying to copy an object to "
                     "itself without changing the object's metadata, storage class, website "
                     "redirect location or encryption attributes.");
  }
  CO_TRY(auto row, row_of_copy(call, source));
  CO_TRY(auto blob, co_await link_or_copy(s3, source, asked, row));
  row["size"] = whole(size);
  row["modified"] = timestamp(call.now);
  const Json written(row);
  JsonObject result{{"ETag", etag_in(written)}, {"LastModified", time_in(written, "modified")}};
  add_checksums(written, result);
  CO_TRY_DO(co_await write_object(s3, call,
                                  {.bucket = bucket,
                                   .key = key,
                                   .row = std::move(row),
                                   .segments = {{.blob = std::move(blob), .size = size}},
                                   .also = {}},
                                  OnFailure::drop_blobs));
  co_return aws::Answer{.output = JsonObject{{"CopyObjectResult", std::move(result)}}, .body = {}};
}

}  // namespace

Task<Result<Source>> load_source(S3& s3, const aws::Call& call) {
  CO_TRY(const auto name, source_name(aws::text(call, "CopySource")));
  CO_TRY_DO(co_await check_source_bucket(s3, call, name.bucket));
  for (int i = 0; i < 20; ++i) {
    CO_TRY(auto object, co_await load_object(s3, name.bucket, name.key));
    if (!object) co_return no_such_key(name.key);
    CO_TRY(const auto verdict, check_conditions(call, object->body, copy_source_conditions));
    if (verdict == Verdict::not_modified) {
      co_return precondition_failed("x-amz-copy-source-If-None-Match");
    }
    auto segments = co_await segments_of(s3, object->body);
    if (!segments && segments.error().code == Code::not_found) continue;
    if (!segments) co_return std::unexpected(segments.error());
    auto hold = co_await s3.blobs.offload().run([&] { return s3.blobs.hold(blobs_of(*segments)); });
    if (!hold && hold.error().code == Code::not_found) continue;
    if (!hold) co_return std::unexpected(hold.error());
    co_return Source{.object = std::move(object->body),
                     .segments = std::move(*segments),
                     .hold = std::move(*hold),
                     .bucket = name.bucket,
                     .key = name.key};
  }
  co_return busy();
}

void add_copy_operations(S3& s3, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(s3, "CopyObject", copy_object));
}

}  // namespace toolgate::services::s3
