#include "services/s3/checksums.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "services/s3/documents.h"

namespace toolgate::services::s3 {
namespace {

struct Row {
  Algorithm algorithm;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array rows{Row{Algorithm::crc32, "CRC32", 4}, Row{Algorithm::crc32c, "CRC32C", 4},
                          Row{Algorithm::crc64nvme, "CRC64NVME", 8},
                          Row{Algorithm::sha1, "SHA1", 20}, Row{Algorithm::sha256, "SHA256", 32}};
// The contract knows them, we do not have them.
constexpr std::array<std::string_view, 5> foreign{"SHA512", "MD5", "XXHASH64", "XXHASH3",
                                                  "XXHASH128"};
constexpr std::string_view header_prefix = "x-amz-checksum-";

const Row& row_of(Algorithm algorithm) { return rows.at(static_cast<std::size_t>(algorithm)); }

crypto::Crc crc_kind(Algorithm algorithm) {
  if (algorithm == Algorithm::crc32) return crypto::Crc::crc32;
  return algorithm == Algorithm::crc32c ? crypto::Crc::crc32c : crypto::Crc::crc64nvme;
}

crypto::RunningDigest digest_of(Algorithm algorithm) {
  return crypto::RunningDigest{algorithm == Algorithm::sha1 ? crypto::RunningDigest::Kind::sha1
                                                            : crypto::RunningDigest::Kind::sha256};
}

// A CRC as it is written: its bytes, the highest first.
std::string crc_text(Algorithm algorithm, std::uint64_t check) {
  std::string bytes;
  for (std::size_t left = row_of(algorithm).bytes; left > 0; --left) {
    bytes += static_cast<char>(check >> (8 * (left - 1)));
  }
  return crypto::base64(bytes);
}

Result<std::string> bytes_of_check(Algorithm algorithm, std::string_view text) {
  auto bytes = crypto::from_base64(text);
  if (bytes && bytes->size() == row_of(algorithm).bytes) return bytes;
  return refuse(
      Code::invalid, "InvalidRequest",
      fmt::format("Value for {}{} header is invalid.", header_prefix, lower(name_of(algorithm))));
}

std::unexpected<Error> not_supported(std::string_view name) {
  return refuse(Code::invalid, "NotImplemented",
                fmt::format("Checksum algorithm {} is not served by toolgate; CRC32, CRC32C, "
                            "CRC64NVME, SHA1 and SHA256 are.",
                            name));
}

Result<std::optional<Algorithm>> named_by(const aws::Call& call, std::string_view member) {
  const auto name = aws::text_if(call, member);
  if (!name || name->empty()) return std::nullopt;
  if (const auto algorithm = algorithm_named(*name)) return algorithm;
  if (std::ranges::find(foreign, *name) != foreign.end()) return not_supported(*name);
  return refuse(Code::invalid, "InvalidRequest",
                "Checksum algorithm provided is unsupported. Please try again with any of the "
                "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

}  // namespace

std::string_view name_of(Algorithm algorithm) { return row_of(algorithm).name; }
std::string member_of(Algorithm algorithm) {
  return fmt::format("Checksum{}", row_of(algorithm).name);
}
std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (const auto& row : rows) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}
bool is_crc(Algorithm algorithm) {
  return algorithm != Algorithm::sha1 && algorithm != Algorithm::sha256;
}

Result<std::optional<Algorithm>> asked_algorithm(const aws::Call& call) {
  return named_by(call, "ChecksumAlgorithm");
}

Result<std::optional<DeclaredChecksum>> declared_checksum(const aws::Call& call) {
  std::optional<DeclaredChecksum> found;
  std::size_t count = 0;
  const auto find = [&](std::string_view name) {
    return call.request->headers.find(fmt::format("{}{}", header_prefix, lower(name)));
  };
  for (const auto name : foreign) {
    if (find(name)) return not_supported(name);
  }
  const auto trailer = lower(call.request->headers.find("x-amz-trailer").value_or(""));
  for (const auto& row : rows) {
    auto value = aws::text_if(call, member_of(row.algorithm));  // a presigned URL's parameter too
    if (!value) {
      if (const auto header = find(row.name)) value = std::string{*header};
    }
    const auto header = fmt::format("{}{}", header_prefix, lower(row.name));
    if (!value && trim(trailer) != header) continue;
    ++count;
    found = {
        .algorithm = row.algorithm, .value = value.value_or(""), .trailer = value ? "" : header};
    if (value) {
      TRY_DO(bytes_of_check(row.algorithm, *value));
    }
  }
  if (count > 1) {
    return refuse(Code::invalid, "InvalidRequest",
                  "Expecting a single x-amz-checksum- header. Multiple checksum Types are not "
                  "allowed.");
  }
  if (!found) {
    TRY(const auto asked, asked_algorithm(call));
    if (asked) found = {.algorithm = *asked, .value = {}, .trailer = {}};
  }
  return found;
}

RunningChecks::RunningChecks(const std::set<Algorithm>& algorithms) {
  for (const auto algorithm : algorithms) {
    if (is_crc(algorithm)) {
      crcs_.emplace(algorithm, 0);
    } else {
      digests_.emplace(algorithm, digest_of(algorithm));
    }
  }
}

void RunningChecks::add(std::string_view bytes) {
  for (auto& [algorithm, check] : crcs_) check = crypto::crc_of(crc_kind(algorithm), bytes, check);
  for (auto& [algorithm, digest] : digests_) digest.add(bytes);
  md5_.add(bytes);
}

Checks RunningChecks::take() {
  Checks out;
  for (const auto& [algorithm, check] : crcs_) out[algorithm] = crc_text(algorithm, check);
  for (auto& [algorithm, digest] : digests_) out[algorithm] = crypto::base64(digest.take());
  return out;
}

std::string RunningChecks::take_md5() { return md5_.take(); }

Result<std::string> joined_check(Algorithm algorithm, const std::vector<PartCheck>& parts) {
  ASSERT(is_crc(algorithm));
  std::uint64_t check = 0;
  for (const auto& part : parts) {
    TRY(const auto bytes, bytes_of_check(algorithm, part.value));
    std::uint64_t own = 0;
    for (const char c : bytes) own = (own << 8) | static_cast<unsigned char>(c);
    check = crypto::crc_joined(crc_kind(algorithm), check, {.check = own, .bytes = part.bytes});
  }
  return crc_text(algorithm, check);
}

Result<std::string> composite_check(Algorithm algorithm, const std::vector<PartCheck>& parts) {
  RunningChecks checks{{algorithm}};
  for (const auto& part : parts) {
    TRY(const auto bytes, bytes_of_check(algorithm, part.value));
    checks.add(bytes);
  }
  return checks.take().at(algorithm);
}

Result<std::optional<std::string>> declared_md5(const aws::Call& call) {
  const auto text = call.request->headers.find("content-md5");
  if (!text) return std::nullopt;
  auto bytes = crypto::from_base64(*text);
  if (bytes && bytes->size() == 16) return *std::move(bytes);
  return refuse(Code::invalid, "InvalidDigest", "The Content-MD5 you specified was invalid.");
}

Result<void> check_document(const aws::Call& call) {
  TRY(const auto md5, declared_md5(call));
  TRY(const auto declared, declared_checksum(call));
  if (!md5 && (!declared || declared->value.empty())) {
    return refuse(Code::invalid, "InvalidRequest",
                  "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  }
  std::set<Algorithm> algorithms;
  if (declared) algorithms.insert(declared->algorithm);
  RunningChecks checks{algorithms};
  checks.add(call.request->body);
  if (md5 && checks.take_md5() != *md5) return bad_digest("Content-MD5");
  if (declared && !declared->value.empty() &&
      checks.take().at(declared->algorithm) != declared->value) {
    return bad_digest(name_of(declared->algorithm));
  }
  return {};
}

}  // namespace toolgate::services::s3
