// The streamed payload of a request: decoded, and checked against what the request says of it. A
// reader gets bytes that are not yet checked; only the end of the payload says that all were right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/aws_chunks.h"
#include "base/result.h"
#include "base/task.h"
#include "crypto/digests.h"
#include "crypto/sigv4_chunks.h"
#include "net/http.h"

namespace toolgate::aws {

// A body that came whole, read in one piece.
class WholeBody final : public net::BodyReader {
 public:
  explicit WholeBody(std::string_view body) : body_{body} {}
  Task<Result<std::string_view>> read(Deadline deadline) override;

 private:
  std::string_view body_;
};

class Payload final : public net::BodyReader {
 public:
  // `source` and the request outlive the payload. `chunks` are those of the sign-in.
  Payload(const net::Request& request, std::optional<crypto::ChunkSignatures> chunks,
          net::BodyReader& source);

  // Fails as the source does, and with Code::invalid and S3's names: "IncompleteBody",
  // "XAmzContentSHA256Mismatch"; Code::unauthenticated "SignatureDoesNotMatch" for a chunk.
  Task<Result<std::string_view>> read(Deadline deadline) override;

  // Whole once the end was read.
  [[nodiscard]] const net::Headers& trailers() const { return decoder_.trailers(); }

 private:
  Task<Result<std::string_view>> read_chunked(Deadline deadline);
  [[nodiscard]] Result<void> check_chunk();
  [[nodiscard]] Result<void> check_trailers();
  [[nodiscard]] Result<void> check_end();

  net::BodyReader& source_;
  std::optional<crypto::ChunkSignatures> chunks_;
  AwsChunkDecoder decoder_;
  bool chunked_ = false;
  bool ended_ = false;
  std::string_view rest_;                // of the source's last piece
  std::optional<std::uint64_t> length_;  // of the decoded payload, as declared
  std::uint64_t taken_ = 0;
  std::string declared_hash_;  // hex; empty when the payload has none
  std::string promised_trailers_;
  std::optional<crypto::RunningDigest> digest_;  // of the payload, or of the current chunk
};

// True when the body is in aws-chunked coding.
[[nodiscard]] bool is_aws_chunked(const net::Request& request);

}  // namespace toolgate::aws
