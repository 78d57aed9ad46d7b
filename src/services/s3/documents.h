// S3's documents in the store: where they stand and what they hold.
//
//   s3_bucket            id: name               {"owner","region","created", settings}
//   s3_object:BUCKET     id: key                an object: members of the contract, and "blob" or
//                                               "segments", which say where its bytes are
//   s3_segments          id: random             [{"blob","size"}, …] of an object made of parts
//   s3_upload            id: BUCKET/uploadId    an upload in progress, as an object without bytes
//   s3_part              id: uploadId/00001     {"blob","size","md5","modified","checks"}
//
// Buckets share one space of names, whatever account and region they are in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "aws/refuse.h"
#include "base/result.h"
#include "json/json.h"
#include "services/s3/checksums.h"
#include "services/s3/service.h"
#include "store/documents.h"

namespace toolgate::services::s3 {

// "Amazon S3 multipart upload limits", "Uploading objects", S3 User Guide.
inline constexpr std::uint64_t part_bytes_min = 5ULL * 1024 * 1024;
inline constexpr std::int64_t part_number_max = 10'000;
inline constexpr std::int64_t page_size_max = 1'000;

[[nodiscard]] store::Key bucket_key(std::string_view bucket);
[[nodiscard]] store::Key object_key(std::string_view bucket, std::string_view key);
[[nodiscard]] store::Key segments_key(std::string_view id);
[[nodiscard]] store::Key upload_key(std::string_view bucket, std::string_view upload_id);
[[nodiscard]] store::Key part_key(std::string_view upload_id, std::int64_t number);

// S3's errors, by the codes that are on the wire.
using aws::refuse;
[[nodiscard]] std::unexpected<Error> no_such_bucket(std::string_view bucket);
[[nodiscard]] std::unexpected<Error> no_such_key(std::string_view key);
[[nodiscard]] std::unexpected<Error> no_such_upload(std::string_view upload_id);
[[nodiscard]] std::unexpected<Error> bad_digest(std::string_view what);
[[nodiscard]] std::unexpected<Error> not_implemented(std::string message);
[[nodiscard]] std::unexpected<Error> precondition_failed(std::string_view condition);
[[nodiscard]] std::unexpected<Error> busy();

// The bucket that the input names. Fails with NoSuchBucket, and with AccessDenied when it is
// another account's or not the expected owner's.
Task<Result<store::JsonDocument>> load_bucket(S3& s3, const aws::Call& call);
// The object of that key, if there is one. Fails with KeyTooLongError and the like.
Task<Result<std::optional<store::JsonDocument>>> load_object(S3& s3, std::string bucket,
                                                             std::string key);
// Fails with NoSuchKey, and with NoSuchVersion for a version that is not "null".
Task<Result<store::JsonDocument>> load_named_object(S3& s3, const aws::Call& call);
[[nodiscard]] Result<void> check_key(std::string_view key);

// Where an object's bytes are, in order.
struct Segment {
  store::BlobId blob;
  std::uint64_t size = 0;
};
Task<Result<std::vector<Segment>>> segments_of(S3& s3, const Json& object);
[[nodiscard]] std::vector<store::BlobId> blobs_of(const std::vector<Segment>& segments);

// Members of bodies that this room wrote itself.
[[nodiscard]] std::uint64_t size_in(const Json& body);
[[nodiscard]] inline Json whole(std::uint64_t number) { return static_cast<std::int64_t>(number); }
[[nodiscard]] double time_in(const Json& body, std::string_view member);
[[nodiscard]] std::string etag_in(const Json& body);  // in quotes
// S3's times are whole seconds.
[[nodiscard]] double timestamp(Time time);
// A number of the input, or `otherwise`.
[[nodiscard]] std::int64_t number_or(const aws::Call& call, std::string_view member,
                                     std::int64_t otherwise);
// "arn…" of owners is their account; S3's own ids of owners are made of it.
[[nodiscard]] Json owner_of(std::string_view account);

// The object's checksums as members of an output.
void add_checksums(const Json& object, JsonObject& output);

}  // namespace toolgate::services::s3
