// PutObject, GetObject, HeadObject, GetObjectAttributes.
#include <fmt/format.h>

#include "crypto/hash.h"
#include "json/members.h"
#include "services/s3/conditions.h"
#include "services/s3/object_answer.h"
#include "services/s3/sample.h"
#include "services/s3/write_object.h"

namespace toolgate::services::s3 {
namespace {

Task<Result<aws::Answer>> put_object(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY_DO(check_key(aws::text(call, "Key")));
  CO_TRY(auto row, described(call));
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto declared, declared_checksum(call));
  const auto algorithm = declared ? declared->algorithm : default_algorithm;
  CO_TRY(auto received, co_await receive(s3, call, {algorithm}));
  row["etag"] = crypto::hex(received.md5);
  row["size"] = whole(received.size);
  row["modified"] = timestamp(call.now);
  row["checks"] = JsonObject{{name_of(algorithm), received.checks.at(algorithm)}};
  row["check_type"] = "FULL_OBJECT";
  aws::Answer answer;
  auto& output = answer.output.get_object();
  const Json written(row);
  output["ETag"] = etag_in(written);
  output["Size"] = whole(received.size);
  add_checksums(written, output);
  CO_TRY_DO(co_await write_object(
      s3, call,
      {.bucket = aws::text(call, "Bucket"),
       .key = aws::text(call, "Key"),
       .row = std::move(row),
       .segments = {{.blob = std::move(received.blob), .size = received.size}},
       .also = {}},
      OnFailure::drop_blobs));
  co_return answer;
}

Task<Result<aws::Answer>> get_object(S3& s3, aws::Call& call, net::Worker&) {
  if (is_sample_bucket(aws::text(call, "Bucket"))) co_return sample_answer(call);
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  // An object that is replaced between its row and its bytes is read again.
  for (int i = 0; i < 20; ++i) {
    CO_TRY(const auto object, co_await load_named_object(s3, call));
    auto segments = co_await segments_of(s3, object.body);
    if (!segments && segments.error().code == Code::not_found) continue;
    if (!segments) co_return std::unexpected(segments.error());
    auto hold = co_await s3.blobs.offload().run([&] { return s3.blobs.hold(blobs_of(*segments)); });
    if (!hold && hold.error().code == Code::not_found) continue;
    if (!hold) co_return std::unexpected(hold.error());
    CO_TRY(auto answer, read_answer(call, object.body, *segments));
    if (answer.answer.status != 304) {
      answer.answer.body = stream_of(s3, std::move(*hold), std::move(*segments), answer.extent);
    }
    co_return std::move(answer.answer);
  }
  co_return busy();
}

Task<Result<aws::Answer>> head_object(S3& s3, aws::Call& call, net::Worker&) {
  if (is_sample_bucket(aws::text(call, "Bucket"))) co_return sample_answer(call);
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto object, co_await load_named_object(s3, call));
  std::vector<Segment> segments;
  if (json::find(call.input, "PartNumber") != nullptr) {
    CO_TRY(segments, co_await segments_of(s3, object.body));
  }
  CO_TRY(auto answer, read_answer(call, object.body, segments));
  if (answer.answer.status != 304) answer.answer.body = no_bytes();
  co_return std::move(answer.answer);
}

bool asks_for(const aws::Call& call, std::string_view attribute) {
  const auto* list = json::find_array(call.input, "ObjectAttributes");
  return list != nullptr && std::ranges::any_of(*list, [&](const Json& each) {
           return each.is_string() && each.get_string() == attribute;
         });
}

Task<Result<aws::Answer>> get_object_attributes(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(const auto object, co_await load_named_object(s3, call));
  aws::Answer answer;
  auto& output = answer.output.get_object();
  output["LastModified"] = time_in(object.body, "modified");
  if (asks_for(call, "ETag")) output["ETag"] = json::member(object.body, "etag");
  if (asks_for(call, "ObjectSize")) output["ObjectSize"] = whole(size_in(object.body));
  if (asks_for(call, "StorageClass")) output["StorageClass"] = storage_class(object.body);
  if (asks_for(call, "Checksum")) {
    JsonObject checks;
    add_checksums(object.body, checks);
    output["Checksum"] = std::move(checks);
  }
  if (const auto parts = json::find_int(object.body, "parts");
      parts && asks_for(call, "ObjectParts")) {
    output["ObjectParts"] = JsonObject{{"TotalPartsCount", *parts}};
  }
  co_return answer;
}

}  // namespace

void add_object_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  rows.push_back(row(s3, "PutObject", put_object));
  rows.push_back(row(s3, "GetObject", get_object));
  rows.push_back(row(s3, "HeadObject", head_object));
  rows.push_back(row(s3, "GetObjectAttributes", get_object_attributes));
}

}  // namespace toolgate::services::s3
