// CreateMultipartUpload, AbortMultipartUpload, ListMultipartUploads, ListParts.
#include "services/s3/uploads.h"

#include <algorithm>
#include <charconv>

#include "base/ids.h"
#include "base/text.h"
#include "json/members.h"
#include "services/s3/object_answer.h"
#include "services/s3/write_object.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

Result<UploadChecksum> wanted_checksum(const aws::Call& call) {
  TRY(const auto algorithm, asked_algorithm(call));
  const auto type = aws::text_if(call, "ChecksumType");
  UploadChecksum out{.algorithm = algorithm.value_or(default_algorithm), .composite = false};
  // CRC-64 is whole by itself, the hashes cannot be; the other two go either way.
  const bool whole_only = out.algorithm == Algorithm::crc64nvme;
  out.composite = type ? *type == "COMPOSITE" : !whole_only;
  if ((out.composite && whole_only) || (!out.composite && !is_crc(out.algorithm))) {
    return refuse(Code::invalid, "InvalidRequest",
                  std::string{"The "} + (out.composite ? "COMPOSITE" : "FULL_OBJECT") +
                      " checksum type cannot be used with the " +
                      std::string{name_of(out.algorithm)} + " checksum algorithm.");
  }
  return out;
}

Task<Result<aws::Answer>> create_upload(S3& s3, aws::Call& call, net::Worker&) {
  const auto key = aws::text(call, "Key");
  CO_TRY_DO(check_key(key));
  CO_TRY(auto row, described(call));
  CO_TRY(const auto checksum, wanted_checksum(call));
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const auto name = aws::text(call, "Bucket");
  const auto id = random_text(64, mixed_alphanumeric);
  row["key"] = key;
  row["initiated"] = timestamp(call.now);
  row["check_algorithm"] = name_of(checksum.algorithm);
  row["check_type"] = checksum.composite ? "COMPOSITE" : "FULL_OBJECT";
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = bucket_key(name),
                                 .version = 0,
                                 .otherwise = "bucket"});
  batch.puts.push_back(store::put_json(upload_key(name, id), row));
  const auto done = co_await s3.store.commit(std::move(batch));
  if (!done && store::lost_race(done.error())) co_return no_such_bucket(name);
  if (!done) co_return std::unexpected(done.error());
  co_return aws::Answer{.output = JsonObject{{"Bucket", name},
                                             {"Key", key},
                                             {"UploadId", id},
                                             {"ChecksumAlgorithm", row["check_algorithm"]},
                                             {"ChecksumType", row["check_type"]}},
                        .body = {}};
}

Task<Result<aws::Answer>> abort_upload(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto upload, co_await load_upload(s3, call));
  store::Batch batch;
  batch.preconditions.push_back({.holds = store::Precondition::Holds::present,
                                 .key = upload.key,
                                 .version = 0,
                                 .otherwise = "upload"});
  batch.deletes.push_back(upload.key);
  const auto id = aws::text(call, "UploadId");
  const auto done = co_await s3.store.commit(std::move(batch));
  if (!done && store::lost_race(done.error())) co_return no_such_upload(id);
  if (!done) co_return std::unexpected(done.error());
  CO_TRY_DO(co_await drop_parts(s3, id));
  co_return aws::Answer{};
}

JsonObject upload_entry(const aws::Call& call, const store::JsonDocument& upload) {
  const auto id = upload.key.id.substr(upload.key.id.find('/') + 1);
  const bool url = aws::text_if(call, "EncodingType") == "url";
  const auto key = json::member(upload.body, "key");
  return {{"UploadId", id},
          {"Key", url ? percent_encode(key, "/") : key},
          {"Initiated", time_in(upload.body, "initiated")},
          {"StorageClass", storage_class(upload.body)},
          {"Owner", owner_of(call.account)},
          {"Initiator", owner_of(call.account)},
          {"ChecksumAlgorithm", json::member(upload.body, "check_algorithm")},
          {"ChecksumType", json::member(upload.body, "check_type")}};
}

// By key, then by when they began; a page behind the markers.
Task<Result<aws::Answer>> list_uploads(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const auto name = aws::text(call, "Bucket");
  const auto prefix = aws::text_if(call, "Prefix").value_or("");
  const auto delimiter = aws::text_if(call, "Delimiter").value_or("");
  const auto key_marker = aws::text_if(call, "KeyMarker").value_or("");
  const auto id_marker = aws::text_if(call, "UploadIdMarker").value_or("");
  const auto size = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number_or(call, "MaxUploads", page_size_max), 0, page_size_max));
  CO_TRY(auto all, co_await store::list_all_json(s3.store, upload_key(name, "")));
  using Place = std::pair<std::string, std::string>;
  const auto place = [](const store::JsonDocument& upload) {
    return Place{json::member(upload.body, "key"),
                 upload.key.id.substr(upload.key.id.find('/') + 1)};
  };
  std::ranges::sort(all, {}, place);
  JsonArray uploads;
  std::vector<std::string> prefixes;
  JsonObject output{{"Bucket", name},
                    {"KeyMarker", key_marker},
                    {"UploadIdMarker", id_marker},
                    {"MaxUploads", whole(size)},
                    {"IsTruncated", false},
                    {"Prefix", prefix}};
  if (!delimiter.empty()) output["Delimiter"] = delimiter;
  if (const auto type = aws::text_if(call, "EncodingType")) output["EncodingType"] = *type;
  Place last;
  for (const auto& upload : all) {
    const auto at = place(upload);
    const bool behind =
        id_marker.empty() ? at.first > key_marker : at > Place{key_marker, id_marker};
    if (!at.first.starts_with(prefix) || (!key_marker.empty() && !behind)) continue;
    const auto cut =
        delimiter.empty() ? std::string::npos : at.first.find(delimiter, prefix.size());
    const auto rolled =
        cut == std::string::npos ? std::string{} : at.first.substr(0, cut + delimiter.size());
    if (!rolled.empty() && !prefixes.empty() && prefixes.back() == rolled) {
      last = at;
      continue;
    }
    if (uploads.size() + prefixes.size() == size) {
      output["IsTruncated"] = size > 0;
      output["NextKeyMarker"] = last.first;
      output["NextUploadIdMarker"] = last.second;
      break;
    }
    last = at;
    if (rolled.empty()) {
      uploads.push_back(upload_entry(call, upload));
    } else {
      prefixes.push_back(rolled);
    }
  }
  JsonArray common;
  for (const auto& rolled : prefixes) common.push_back(JsonObject{{"Prefix", rolled}});
  output["Uploads"] = std::move(uploads);
  output["CommonPrefixes"] = std::move(common);
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

Task<Result<aws::Answer>> list_parts(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto upload, co_await load_upload(s3, call));
  const auto id = aws::text(call, "UploadId");
  std::int64_t marker = 0;
  if (const auto text = aws::text_if(call, "PartNumberMarker")) {
    std::from_chars(text->data(), text->data() + text->size(), marker);
  }
  const auto size = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number_or(call, "MaxParts", page_size_max), 0, page_size_max));
  CO_TRY(const auto all, co_await load_parts(s3, id));
  JsonArray parts;
  bool truncated = false;
  std::int64_t last = marker;
  for (const auto& part : all) {
    if (number_of(part) <= marker) continue;
    if (parts.size() == size) {
      truncated = size > 0;
      break;
    }
    last = number_of(part);
    JsonObject entry{{"PartNumber", last},
                     {"LastModified", time_in(part.body, "modified")},
                     {"ETag", etag_in(part.body)},
                     {"Size", whole(size_in(part.body))}};
    add_checksums(part.body, entry);
    parts.push_back(std::move(entry));
  }
  JsonObject output{{"Bucket", aws::text(call, "Bucket")},
                    {"Key", aws::text(call, "Key")},
                    {"UploadId", id},
                    {"PartNumberMarker", std::to_string(marker)},
                    {"MaxParts", whole(size)},
                    {"IsTruncated", truncated},
                    {"Parts", std::move(parts)},
                    {"StorageClass", storage_class(upload.body)},
                    {"Owner", owner_of(call.account)},
                    {"Initiator", owner_of(call.account)},
                    {"ChecksumAlgorithm", json::member(upload.body, "check_algorithm")},
                    {"ChecksumType", json::member(upload.body, "check_type")}};
  if (truncated) output["NextPartNumberMarker"] = std::to_string(last);
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

}  // namespace

Task<Result<store::JsonDocument>> load_upload(S3& s3, const aws::Call& call) {
  const auto id = aws::text(call, "UploadId");
  const bool possible = !id.empty() && id.size() <= 128 && !id.contains('\0');
  if (!possible) co_return no_such_upload(id);
  CO_TRY(auto found,
         co_await store::get_document(s3.store, upload_key(aws::text(call, "Bucket"), id)));
  if (!found || json::member(found->body, "key") != aws::text(call, "Key")) {
    co_return no_such_upload(id);
  }
  co_return *std::move(found);
}

UploadChecksum checksum_of_upload(const Json& upload) {
  return {.algorithm =
              algorithm_named(json::member(upload, "check_algorithm")).value_or(default_algorithm),
          .composite = json::member(upload, "check_type") == "COMPOSITE"};
}

Task<Result<std::vector<store::JsonDocument>>> load_parts(S3& s3, std::string upload_id) {
  auto prefix = part_key(upload_id, 0);
  prefix.id = upload_id + "/";
  co_return co_await store::list_all_json(s3.store, prefix);
}

std::int64_t number_of(const store::JsonDocument& part) {
  std::int64_t number = 0;
  const auto at = part.key.id.rfind('/') + 1;
  std::from_chars(part.key.id.data() + at, part.key.id.data() + part.key.id.size(), number);
  return number;
}

Task<Result<void>> drop_parts(S3& s3, std::string upload_id) {
  CO_TRY(const auto parts, co_await load_parts(s3, upload_id));
  store::Batch batch;
  std::vector<store::BlobId> blobs;
  for (const auto& part : parts) {
    batch.deletes.push_back(part.key);
    blobs.push_back(json::member(part.body, "blob"));
    store::Blobs::forget(batch, blobs.back());
  }
  if (batch.deletes.empty()) co_return Result<void>{};
  CO_TRY(const auto version, co_await s3.store.commit(std::move(batch)));
  static_cast<void>(version);
  s3.blobs.drop(std::move(blobs));
  co_return Result<void>{};
}

void add_upload_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  rows.push_back(row(s3, "CreateMultipartUpload", create_upload));
  rows.push_back(row(s3, "AbortMultipartUpload", abort_upload));
  rows.push_back(row(s3, "ListMultipartUploads", list_uploads));
  rows.push_back(row(s3, "ListParts", list_parts));
}

}  // namespace toolgate::services::s3
