// UploadPart, UploadPartCopy.
#include "crypto/hash.h"
#include "json/members.h"
#include "services/s3/conditions.h"
#include "services/s3/uploads.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

constexpr int attempts_max = 50;

Result<std::int64_t> part_number(const aws::Call& call) {
  const auto number = number_or(call, "PartNumber", 0);
  if (number >= 1 && number <= part_number_max) return number;
  return refuse(Code::invalid, "InvalidArgument",
                "Part number must be an integer between 1 and 10000, inclusive");
}

std::set<Algorithm> algorithms_of(const store::JsonDocument& upload) {
  return {checksum_of_upload(upload.body).algorithm};
}

JsonObject part_row(const aws::Call& call, const store::JsonDocument& upload,
                    const Received& received) {
  const auto algorithm = checksum_of_upload(upload.body).algorithm;
  return {{"blob", received.blob},
          {"size", whole(received.size)},
          {"etag", crypto::hex(received.md5)},
          {"modified", timestamp(call.now)},
          {"checks", JsonObject{{name_of(algorithm), received.checks.at(algorithm)}}}};
}

// As long as the upload is there; what the number held before is forgotten.
Task<Result<void>> write_part(S3& s3, const store::JsonDocument& upload, store::Key key,
                              JsonObject row) {
  using Holds = store::Precondition::Holds;
  const auto blob = json::member(row, "blob");
  for (int i = 0; i < attempts_max; ++i) {
    CO_TRY(const auto there, co_await store::get_document(s3.store, key));
    store::Batch batch;
    batch.preconditions = {
        {.holds = Holds::present, .key = upload.key, .version = 0, .otherwise = "upload"},
        store::unchanged(key, there ? there->version : 0, "part")};
    batch.puts.push_back(store::put_json(key, row));
    store::Blobs::keep(batch, blob);
    if (there) store::Blobs::forget(batch, json::member(there->body, "blob"));
    const auto done = co_await s3.store.commit(std::move(batch));
    if (done) {
      if (there) s3.blobs.drop({json::member(there->body, "blob")});
      co_return Result<void>{};
    }
    if (!store::lost_race(done.error())) co_return std::unexpected(done.error());
    if (done.error().message == "upload") {
      co_return no_such_upload(upload.key.id.substr(upload.key.id.find('/') + 1));
    }
  }
  co_return busy();
}

// Written, or nothing of it stays.
Task<Result<JsonObject>> keep_part(S3& s3, const aws::Call& call, const store::JsonDocument& upload,
                                   Received received) {
  const auto row = part_row(call, upload, received);
  const auto key = part_key(aws::text(call, "UploadId"), number_or(call, "PartNumber", 0));
  auto done = co_await write_part(s3, upload, key, row);
  if (!done) {
    s3.blobs.drop({received.blob});
    co_return std::unexpected(std::move(done).error());
  }
  JsonObject output{{"ETag", etag_in(row)}};
  add_checksums(row, output);
  co_return output;
}

Task<Result<aws::Answer>> upload_part(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto number, part_number(call));
  static_cast<void>(number);
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto upload, co_await load_upload(s3, call));
  CO_TRY(auto received, co_await receive(s3, call, algorithms_of(upload)));
  CO_TRY(auto output, co_await keep_part(s3, call, upload, std::move(received)));
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

Task<Result<aws::Answer>> upload_part_copy(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto number, part_number(call));
  static_cast<void>(number);
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto upload, co_await load_upload(s3, call));
  CO_TRY(const auto source, co_await load_source(s3, call));
  const auto size = size_in(source.object);
  Extent extent{.first = 0, .size = size};
  if (const auto text = aws::text_if(call, "CopySourceRange")) {
    CO_TRY(const auto range, range_of(*text, size));
    // Unlike a reader's, this one must have both ends, and they must be there.
    if (!range || !text->ends_with("-" + std::to_string(range->first + range->size - 1))) {
      co_return refuse(Code::invalid, "InvalidArgument",
                       "The x-amz-copy-source-range value must be of the form bytes=first-last "
                       "where first and last are the zero-based offsets of the first and last "
                       "bytes to copy");
    }
    extent = *range;
  }
  if (extent.size > put_bytes_max) {
    co_return refuse(Code::invalid, "InvalidRequest",
                     "The specified copy source is larger than the maximum allowable size for a "
                     "copy source: 5368709120");
  }
  CO_TRY(auto received, co_await copy_bytes(s3, source.segments, extent, algorithms_of(upload)));
  CO_TRY(auto result, co_await keep_part(s3, call, upload, std::move(received)));
  result["LastModified"] = timestamp(call.now);
  co_return aws::Answer{.output = JsonObject{{"CopyPartResult", std::move(result)}}, .body = {}};
}

}  // namespace

void add_part_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  rows.push_back(row(s3, "UploadPart", upload_part));
  rows.push_back(row(s3, "UploadPartCopy", upload_part_copy));
}

}  // namespace toolgate::services::s3
