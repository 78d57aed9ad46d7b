// Cyclic redundancy checks of S3's checksums: CRC-32 (ISO-HDLC), CRC-32C (iSCSI) and CRC-64/NVME.
// Pure functions; not a protection against anybody.
#pragma once

#include <cstdint>
#include <string_view>

namespace toolgate::crypto {

enum class Crc : std::uint8_t { crc32, crc32c, crc64nvme };

// The check of what `so_far` is the check of, followed by `bytes`. Of nothing it is 0.
[[nodiscard]] std::uint64_t crc_of(Crc kind, std::string_view bytes, std::uint64_t so_far = 0);

// The check of two texts in a row, of their own checks and the second one's length.
struct CrcPart {
  std::uint64_t check = 0;
  std::uint64_t bytes = 0;
};
[[nodiscard]] std::uint64_t crc_joined(Crc kind, std::uint64_t first, CrcPart second);

}  // namespace toolgate::crypto
