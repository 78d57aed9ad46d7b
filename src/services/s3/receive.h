// A payload on its way into a blob: streamed, counted, checked.
#pragma once

#include <set>

#include "services/s3/documents.h"

namespace toolgate::services::s3 {

// Bytes that are in a blob, which nothing keeps yet.
struct Received {
  store::BlobId blob;
  std::uint64_t size = 0;
  std::string md5;  // 16 bytes
  Checks checks;
};

// The call's payload; `also` are checksums to make beside the declared one. Fails with
// EntityTooLarge, BadDigest and what the payload's own checks say; nothing stays then.
Task<Result<Received>> receive(S3& s3, aws::Call& call, std::set<Algorithm> also);

// A part of an object's bytes once more, as a blob of its own.
struct Extent {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};
Task<Result<Received>> copy_bytes(S3& s3, const std::vector<Segment>& segments, Extent extent,
                                  std::set<Algorithm> algorithms);

// Reads an object's bytes piece by piece.
class ObjectReader {
 public:
  ObjectReader(store::Blobs& blobs, std::vector<Segment> segments, Extent extent);
  ~ObjectReader();
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;
  // Into `buffer`; empty at the end. On the offload pool.
  Result<std::string_view> next(std::string& buffer);

 private:
  Result<void> open_segment();
  store::Blobs& blobs_;
  std::vector<Segment> segments_;
  std::size_t at_ = 0;        // the segment
  std::uint64_t offset_ = 0;  // in it
  std::uint64_t left_ = 0;
  int descriptor_ = -1;
};

inline constexpr std::size_t copy_bytes_once = 256UL * 1024;

}  // namespace toolgate::services::s3
