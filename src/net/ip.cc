#include "net/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace toolgate::net {

std::optional<Ip> Ip::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated{text};
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  Ip ip;
  ip.v6_ = text.find(':') != std::string_view::npos;
  if (inet_pton(ip.v6_ ? AF_INET6 : AF_INET, terminated.c_str(), ip.bytes_.data()) != 1) {
    return std::nullopt;
  }
  return ip;
}

std::string Ip::text() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), text, sizeof text);
  return text;
}

bool Ip::loopback() const {
  if (!v6_) return bytes_[0] == 127;
  if (const auto v4 = embedded_v4()) return v4->loopback();
  static constexpr std::array<std::uint8_t, 16> one{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == one;
}

bool same_prefix(std::string_view a, std::string_view b, int bits) {
  const auto whole = static_cast<std::size_t>(bits) / 8;
  if (a.substr(0, whole) != b.substr(0, whole)) return false;
  const int left = bits % 8;
  if (left == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - left));
  return ((a[whole] ^ b[whole]) & mask) == 0;
}

bool Ip::within(const Ip& prefix, int bits) const {
  return v6_ == prefix.v6_ && same_prefix(bytes(), prefix.bytes(), bits);
}

std::optional<Ip> Ip::embedded_v4() const {
  if (!v6_) return std::nullopt;
  const auto v4_at = [this](std::size_t offset) {
    Ip ip;
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), 4, ip.bytes_.begin());
    return ip;
  };
  const auto starts = [this](std::initializer_list<int> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes_.begin());
  };
  if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return v4_at(12);  // mapped, RFC 4291
  if (starts({0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return v4_at(12);  // NAT64, RFC 6052
  if (starts({0x20, 0x02})) return v4_at(2);                                   // 6to4, RFC 3056
  const bool isatap = (bytes_[8] & 0xfd) == 0 && bytes_[9] == 0 && bytes_[10] == 0x5e &&
                      bytes_[11] == 0xfe;  // RFC 5214
  if (isatap) return v4_at(12);
  // "IPv4-compatible" (deprecated), but neither :: nor ::1.
  if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && (bytes_[12] != 0 || bytes_[13] != 0)) {
    return v4_at(12);
  }
  return std::nullopt;
}

}  // namespace toolgate::net
