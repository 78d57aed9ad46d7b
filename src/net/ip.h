// An IP address as bytes, with what the address guard and the listeners ask about it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolgate::net {

class Ip {
 public:
  // Nothing for anything but a plain IPv4 or IPv6 address (no brackets, no zone).
  static std::optional<Ip> parse(std::string_view text);

  [[nodiscard]] bool v6() const { return v6_; }
  // 4 or 16 bytes in network order.
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), v6_ ? bytes_.size() : 4};
  }
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool loopback() const;
  // True when the first `bits` bits are those of `prefix`, an address of the same family.
  [[nodiscard]] bool within(const Ip& prefix, int bits) const;
  // The IPv4 address that an IPv6 address stands for (mapped, compatible, 6to4, NAT64, ISATAP).
  [[nodiscard]] std::optional<Ip> embedded_v4() const;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool v6_ = false;
};

// True when the first `bits` bits of both are equal; both are at least that long.
[[nodiscard]] bool same_prefix(std::string_view a, std::string_view b, int bits);

}  // namespace toolgate::net
