// How an object is answered: its members as headers, the part of it that was asked for, its bytes.
#pragma once

#include "services/s3/receive.h"

namespace toolgate::services::s3 {

// Without the bytes: status 200, 206 or 304, and which bytes they are.
struct ReadAnswer {
  aws::Answer answer;
  Extent extent;
};
// `segments` are needed for a PartNumber only. Fails with PreconditionFailed, InvalidRange,
// InvalidPartNumber.
[[nodiscard]] Result<ReadAnswer> read_answer(const aws::Call& call, const Json& object,
                                             const std::vector<Segment>& segments);

// The bytes, read as they are sent. `hold` keeps them there meanwhile.
[[nodiscard]] net::Response::Body stream_of(S3& s3, std::shared_ptr<const store::Blobs::Hold> hold,
                                            std::vector<Segment> segments, Extent extent);
// For HEAD: the head tells the length, no byte follows.
[[nodiscard]] net::Response::Body no_bytes();

[[nodiscard]] std::string storage_class(const Json& object);  // "STANDARD" unless named

}  // namespace toolgate::services::s3
