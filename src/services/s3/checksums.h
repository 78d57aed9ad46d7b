// The checksums that a client may ask S3 to check and to keep ("Checking object integrity", S3 User
// Guide): CRC-32, CRC-32C, CRC-64/NVME, SHA-1, SHA-256.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "base/result.h"
#include "crypto/crc.h"
#include "crypto/digests.h"
#include "json/json.h"

namespace toolgate::services::s3 {

enum class Algorithm : std::uint8_t { crc32, crc32c, crc64nvme, sha1, sha256 };

// What an object gets that came with no checksum of its own.
inline constexpr Algorithm default_algorithm = Algorithm::crc64nvme;

[[nodiscard]] std::string_view name_of(Algorithm algorithm);  // "CRC32"
[[nodiscard]] std::string member_of(Algorithm algorithm);     // "ChecksumCRC32"
[[nodiscard]] std::optional<Algorithm> algorithm_named(std::string_view name);
[[nodiscard]] bool is_crc(Algorithm algorithm);

// What a request says its payload has. Fails with InvalidRequest for more than one, and with
// NotImplemented for one that we do not have.
struct DeclaredChecksum {
  Algorithm algorithm = default_algorithm;
  std::string value;    // base64; empty: it comes in a trailer, or is ours to make
  std::string trailer;  // the trailer's name, where it comes in one
};
[[nodiscard]] Result<std::optional<DeclaredChecksum>> declared_checksum(const aws::Call& call);
// The upload's or copy's: by the member ChecksumAlgorithm. Fails with InvalidRequest.
[[nodiscard]] Result<std::optional<Algorithm>> asked_algorithm(const aws::Call& call);

using Checks = std::map<Algorithm, std::string>;  // base64

// Several at once, over bytes that come piece by piece, and the MD5 that is the ETag.
class RunningChecks {
 public:
  explicit RunningChecks(const std::set<Algorithm>& algorithms);
  void add(std::string_view bytes);
  [[nodiscard]] Checks take();
  [[nodiscard]] std::string take_md5();  // 16 bytes

 private:
  std::map<Algorithm, std::uint64_t> crcs_;
  std::map<Algorithm, crypto::RunningDigest> digests_;
  crypto::RunningDigest md5_{crypto::RunningDigest::Kind::md5};
};

// Of a whole object, of its parts': joined (FULL_OBJECT), or the checksum of checksums (COMPOSITE),
// without the "-N" behind it.
struct PartCheck {
  std::string value;  // base64
  std::uint64_t bytes = 0;
};
[[nodiscard]] Result<std::string> joined_check(Algorithm algorithm,
                                               const std::vector<PartCheck>& parts);
[[nodiscard]] Result<std::string> composite_check(Algorithm algorithm,
                                                  const std::vector<PartCheck>& parts);

// A document in the body (DeleteObjects, PutBucketTagging) against Content-MD5 or its checksum, one
// of which it must have. Fails with InvalidRequest, InvalidDigest, BadDigest.
[[nodiscard]] Result<void> check_document(const aws::Call& call);

// Content-MD5 as bytes, if the request has one. Fails with InvalidDigest.
[[nodiscard]] Result<std::optional<std::string>> declared_md5(const aws::Call& call);

}  // namespace toolgate::services::s3
