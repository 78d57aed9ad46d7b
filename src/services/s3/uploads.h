// Uploads in parts, while they are in progress.
#pragma once

#include "services/s3/receive.h"

namespace toolgate::services::s3 {

// The upload that the input names by bucket, UploadId and key. Fails with NoSuchUpload.
Task<Result<store::JsonDocument>> load_upload(S3& s3, const aws::Call& call);

// What an upload's checksum will be ("Checking object integrity", S3 User Guide).
struct UploadChecksum {
  Algorithm algorithm = default_algorithm;
  bool composite = false;  // the checksum of the parts' checksums
};
[[nodiscard]] UploadChecksum checksum_of_upload(const Json& upload);

// The parts in order of their numbers, which their ids end in.
Task<Result<std::vector<store::JsonDocument>>> load_parts(S3& s3, std::string upload_id);
[[nodiscard]] std::int64_t number_of(const store::JsonDocument& part);

// Deletes the parts of an upload that is gone, and their blobs.
Task<Result<void>> drop_parts(S3& s3, std::string upload_id);

// The bytes of an object that a copy names (x-amz-copy-source), held.
struct Source {
  Json object;
  std::vector<Segment> segments;
  std::shared_ptr<const store::Blobs::Hold> hold;
  std::string bucket;
  std::string key;
};
// Its own conditions are checked. Fails with NoSuchKey, PreconditionFailed, AccessDenied.
Task<Result<Source>> load_source(S3& s3, const aws::Call& call);

}  // namespace toolgate::services::s3
