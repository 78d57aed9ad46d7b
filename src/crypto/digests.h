// Hashes of bytes that come piece by piece.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace toolgate::crypto {

class RunningDigest {
 public:
  // md5 is for ETag and Content-MD5 of S3, which are no protection; sha1 for its checksums.
  enum class Kind : std::uint8_t { md5, sha1, sha256 };
  explicit RunningDigest(Kind kind);
  ~RunningDigest();
  RunningDigest(RunningDigest&& other) noexcept;
  RunningDigest& operator=(RunningDigest&& other) noexcept;

  void add(std::string_view bytes);
  // The hash's bytes; what is added from then on belongs to a new one.
  [[nodiscard]] std::string take();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// For signatures of version 2 (aws/presigned_v2.h); 20 bytes.
[[nodiscard]] std::string hmac_sha1(std::string_view key, std::string_view bytes);

}  // namespace toolgate::crypto
