#include "gateway/request_ids.h"

#include <cstring>

#include "crypto/hash.h"

namespace toolgate::gateway {
namespace {

// "00", "01", … "ff"
constexpr auto hex_pairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = digits[i % 2 == 0 ? i / 32 : i / 2 % 16];
  }
  return pairs;
}();

}  // namespace

RequestId RequestIds::next() {
  if (used_ == bytes_.size()) {
    const auto fresh = crypto::random_bytes(bytes_.size());
    std::memcpy(bytes_.data(), fresh.data(), bytes_.size());
    used_ = 0;
  }
  std::array<unsigned char, id_bytes> raw{};
  std::memcpy(raw.data(), &bytes_[used_], raw.size());
  used_ += raw.size();
  raw[6] = static_cast<unsigned char>((raw[6] & 0x0F) | 0x40);
  raw[8] = static_cast<unsigned char>((raw[8] & 0x3F) | 0x80);
  RequestId id;
  char* to = id.text_.data();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    std::memcpy(to, hex_pairs.data() + 2 * std::size_t{raw[i]}, 2);
    to += 2;
  }
  return id;
}

}  // namespace toolgate::gateway
