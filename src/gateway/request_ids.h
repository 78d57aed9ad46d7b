// An identifier for every HTTP request: of the answer's x-amzn-requestid, of the log's records, and
// of what targets are told.
#pragma once

#include <array>
#include <string_view>

namespace toolgate::gateway {

class RequestId {
 public:
  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  friend class RequestIds;
  std::array<char, 36> text_{};
};

// A thread's source of them (Worker::local): random UUIDs, version 4 (RFC 9562), of bytes that are
// asked of the system for many at once.
class RequestIds {
 public:
  RequestId next();

 private:
  static constexpr std::size_t id_bytes = 16;
  std::array<unsigned char, id_bytes * 128> bytes_{};
  std::size_t used_ = sizeof(bytes_);
};

}  // namespace toolgate::gateway
