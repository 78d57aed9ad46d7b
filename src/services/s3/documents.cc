#include "services/s3/documents.h"

#include <fmt/format.h>

#include "crypto/hash.h"
#include "json/members.h"
#include "services/s3/sample.h"

namespace toolgate::services::s3 {
namespace {

store::Key key_of(std::string kind, std::string id) {
  return {.account = {}, .region = {}, .kind = std::move(kind), .id = std::move(id)};
}

std::unexpected<Error> with_field(std::unexpected<Error> error, std::string_view name,
                                  std::string_view value) {
  error.error().fields.push_back({std::string{name}, std::string{value}});
  return error;
}

constexpr std::size_t key_bytes_max = 1'024;  // "Creating object key names", S3 User Guide

}  // namespace

store::Key bucket_key(std::string_view bucket) { return key_of("s3_bucket", std::string{bucket}); }
store::Key object_key(std::string_view bucket, std::string_view key) {
  return key_of(fmt::format("s3_object:{}", bucket), std::string{key});
}
store::Key segments_key(std::string_view id) { return key_of("s3_segments", std::string{id}); }
store::Key upload_key(std::string_view bucket, std::string_view upload_id) {
  return key_of("s3_upload", fmt::format("{}/{}", bucket, upload_id));
}
store::Key part_key(std::string_view upload_id, std::int64_t number) {
  return key_of("s3_part", fmt::format("{}/{:05}", upload_id, number));
}

std::unexpected<Error> no_such_bucket(std::string_view bucket) {
  return with_field(refuse(Code::not_found, "NoSuchBucket", "The specified bucket does not exist"),
                    "BucketName", bucket);
}
std::unexpected<Error> no_such_key(std::string_view key) {
  return with_field(refuse(Code::not_found, "NoSuchKey", "The specified key does not exist."),
                    "Key", key);
}
std::unexpected<Error> no_such_upload(std::string_view upload_id) {
  return with_field(
      refuse(Code::not_found, "NoSuchUpload",
             "The specified upload does not exist. The upload ID may be invalid, or the upload may "
             "have been aborted or completed."),
      "UploadId", upload_id);
}
std::unexpected<Error> bad_digest(std::string_view what) {
  return refuse(Code::invalid, "BadDigest",
                fmt::format("The {} you specified did not match what we received.", what));
}
std::unexpected<Error> not_implemented(std::string message) {
  return refuse(Code::invalid, "NotImplemented", std::move(message));
}
std::unexpected<Error> precondition_failed(std::string_view condition) {
  return with_field(refuse(Code::invalid, "PreconditionFailed",
                           "At least one of the pre-conditions you specified did not hold"),
                    "Condition", condition);
}
std::unexpected<Error> busy() {
  return refuse(Code::conflict, "OperationAborted",
                "A conflicting conditional operation is currently in progress against this "
                "resource. Please try again.");
}

Task<Result<store::JsonDocument>> load_bucket(S3& s3, const aws::Call& call) {
  const auto name = aws::text(call, "Bucket");
  CO_TRY(auto found, co_await store::get_document(s3.store, bucket_key(name)));
  if (!found) co_return no_such_bucket(name);
  const auto owner = json::member(found->body, "owner");
  const auto expected = aws::text_if(call, "ExpectedBucketOwner");
  if (owner != call.account || (expected && *expected != owner)) {
    co_return refuse(Code::denied, "AccessDenied", "Access Denied");
  }
  co_return *std::move(found);
}

Result<void> check_key(std::string_view key) {
  if (key.size() > key_bytes_max) {
    return refuse(Code::invalid, "KeyTooLongError", "Your key is too long");
  }
  if (key.find('\0') != std::string_view::npos) {
    return refuse(Code::invalid, "InvalidArgument", "Key: must not hold a NUL character.");
  }
  return {};
}

Task<Result<std::optional<store::JsonDocument>>> load_object(S3& s3, std::string bucket,
                                                             std::string key) {
  CO_TRY_DO(check_key(key));
  co_return co_await store::get_document(s3.store, object_key(bucket, key));
}

Task<Result<store::JsonDocument>> load_named_object(S3& s3, const aws::Call& call) {
  const auto key = aws::text(call, "Key");
  const auto version = aws::text_if(call, "VersionId");
  if (version && *version != "null") {
    co_return refuse(Code::not_found, "NoSuchVersion", "The specified version does not exist.");
  }
  CO_TRY(auto found, co_await load_object(s3, aws::text(call, "Bucket"), key));
  if (!found) co_return no_such_key(key);
  co_return *std::move(found);
}

Task<Result<std::vector<Segment>>> segments_of(S3& s3, const Json& object) {
  std::vector<Segment> out;
  if (const auto blob = json::find_string(object, "blob")) {
    out.push_back({.blob = std::string{*blob}, .size = size_in(object)});
    co_return out;
  }
  CO_TRY(const auto list,
         co_await store::get_json(s3.store, segments_key(json::member(object, "segments"))));
  // Gone together with its object: the object is to be read again.
  if (!list) co_return fail(Code::not_found, "the object's segments are gone");
  for (const auto& entry : list->get_array()) {
    out.push_back({.blob = json::member(entry, "blob"), .size = size_in(entry)});
  }
  co_return out;
}

std::vector<store::BlobId> blobs_of(const std::vector<Segment>& segments) {
  std::vector<store::BlobId> out;
  out.reserve(segments.size());
  for (const auto& segment : segments) out.push_back(segment.blob);
  return out;
}

std::uint64_t size_in(const Json& body) {
  return static_cast<std::uint64_t>(json::find_int(body, "size").value_or(0));
}
double time_in(const Json& body, std::string_view member) {
  const Json* found = json::find(body, member);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}
std::string etag_in(const Json& body) { return fmt::format("\"{}\"", json::member(body, "etag")); }
double timestamp(Time time) { return static_cast<double>(seconds_of(time)); }

std::int64_t number_or(const aws::Call& call, std::string_view member, std::int64_t otherwise) {
  return json::find_int(call.input, member).value_or(otherwise);
}

Json owner_of(std::string_view account) {
  return JsonObject{{"ID", crypto::sha256_hex(account)}, {"DisplayName", account}};
}

void add_checksums(const Json& object, JsonObject& output) {
  const Json* checks = json::find(object, "checks");
  if (checks == nullptr || !checks->is_object()) return;
  for (const auto& [name, value] : checks->get_object()) {
    output[fmt::format("Checksum{}", std::string_view{name})] = value;
  }
  const auto type = json::member(object, "check_type");
  if (!type.empty()) output["ChecksumType"] = type;
}

}  // namespace toolgate::services::s3
