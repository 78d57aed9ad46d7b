// Checksums of request bodies: traits httpChecksumRequired and aws.protocols#httpChecksum. What no
// argument chooses is CRC32, as the AWS SDKs do since 2025.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/crc.h"
#include "crypto/digests.h"
#include "crypto/hash.h"
#include "targets/smithy/node.h"
#include "targets/smithy/request.h"
#include "targets/smithy/write.h"

namespace toolgate::targets::smithy {
namespace {

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

template <crypto::Crc kind, int bytes>
std::string crc(std::string_view body) {
  return big_endian(crypto::crc_of(kind, body), bytes);
}
std::string sha1(std::string_view body) {
  crypto::RunningDigest digest{crypto::RunningDigest::Kind::sha1};
  digest.add(body);
  return digest.take();
}

struct Algorithm {
  std::string_view name;
  std::string (*of)(std::string_view body);
};
constexpr std::array algorithms{
    Algorithm{"crc32", crc<crypto::Crc::crc32, 4>},
    Algorithm{"crc32c", crc<crypto::Crc::crc32c, 4>},
    Algorithm{"crc64nvme", crc<crypto::Crc::crc64nvme, 8>},
    Algorithm{"sha1", sha1},
    Algorithm{"sha256", crypto::sha256},
};

bool has_checksum(const net::Headers& headers) {
  return std::ranges::any_of(headers, [](const auto& field) {
    const std::string name = lower(field.name);
    return name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-algorithm" &&
           name != "x-amz-checksum-type" && name != "x-amz-checksum-mode";
  });
}

}  // namespace

Result<void> add_checksum(const Operation& operation, const json::Tape& arguments,
                          Request& request) {
  if (!operation.checksum_required && !operation.checksum_supported) return {};
  if (has_checksum(request.headers)) return {};
  const auto chosen = Node{arguments, 0}.find(operation.checksum_member);
  const std::string name = chosen ? lower(chosen->text()) : "crc32";
  const auto* const algorithm = std::ranges::find(algorithms, name, &Algorithm::name);
  if (algorithm == algorithms.end()) {
    return bad_argument(operation.checksum_member, "CRC32, CRC32C, CRC64NVME, SHA1 or SHA256");
  }
  if (!chosen && operation.input != nullptr) {
    const Member* member = operation.input->find(operation.checksum_member);
    if (member != nullptr && member->place == Place::header) {
      request.headers.push_back({std::string{member->place_name}, "CRC32"});
    }
  }
  request.headers.push_back(
      {"x-amz-checksum-" + name, crypto::base64(algorithm->of(request.body))});
  return {};
}

}  // namespace toolgate::targets::smithy
