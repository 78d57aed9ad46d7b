// How an object becomes visible: one commit that puts its row, keeps its blobs and forgets those of
// the object that was there.
#pragma once

#include "services/s3/receive.h"

namespace toolgate::services::s3 {

// An object that is to be written. `row` has everything but where the bytes are.
struct Draft {
  std::string bucket;
  std::string key;
  JsonObject row;
  std::vector<Segment> segments;
  // What goes in the same commit (an upload that is complete).
  store::Batch also;
};

// IfMatch and IfNoneMatch of the call hold for the object that is replaced. Fails with
// PreconditionFailed, NoSuchKey, NoSuchBucket, OperationAborted; the draft's blobs are dropped then
// unless `blobs_stay`.
enum class OnFailure : unsigned char { drop_blobs, blobs_stay };
Task<Result<void>> write_object(S3& s3, const aws::Call& call, Draft draft, OnFailure on_failure);

// The members that a client gives an object (Content-Type, metadata, tags …), of a PutObject,
// CreateMultipartUpload or CopyObject. Fails with MetadataTooLarge, InvalidTag, NotImplemented.
[[nodiscard]] Result<JsonObject> described(const aws::Call& call);
// Refuses what toolgate does not have: ACLs beyond private, encryption with own keys, locks.
[[nodiscard]] Result<void> check_supported(const aws::Call& call);

// "a=1&b=2" of x-amz-tagging, and a set of tags: at most 10 on an object. Fails with InvalidTag.
[[nodiscard]] Result<JsonArray> tags_of_header(std::string_view header);
[[nodiscard]] Result<void> check_tags(const JsonArray& tags, std::size_t count_max);

// What is forgotten when an object goes: added to `batch`; the blobs are to be dropped after it.
Task<Result<std::vector<store::BlobId>>> forget_bytes(S3& s3, const Json& object,
                                                      store::Batch& batch);

}  // namespace toolgate::services::s3
