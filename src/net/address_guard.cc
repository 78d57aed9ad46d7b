#include "net/address_guard.h"

#include <ifaddrs.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <span>

#include <fmt/format.h>
#include <netinet/in.h>

#include "net/ip.h"
#include "net/server.h"

namespace toolgate::net {
namespace {

struct Range {
  std::string_view first;
  int bits;
  std::string_view what;
};

// Refused whatever the settings say. Metadata services give credentials to whoever can reach them.
constexpr Range never[] = {
    {"0.0.0.0", 8, "unspecified addresses"},
    {"169.254.0.0", 16, "link-local addresses and metadata services"},
    {"224.0.0.0", 4, "multicast addresses"},
    {"240.0.0.0", 4, "reserved and broadcast addresses"},
    {"100.100.100.200", 32, "metadata services"},
    {"168.63.129.16", 32, "metadata services"},
    {"192.0.0.192", 32, "metadata services"},
    {"::", 128, "unspecified addresses"},
    {"fe80::", 10, "link-local addresses"},
    {"ff00::", 8, "multicast addresses"},
    {"fd00:ec2::254", 128, "metadata services"},
    {"fd20:ce::254", 128, "metadata services"},
    {"2001::", 32, "Teredo addresses"},
};

// Refused unless --allow-private holds them.
constexpr Range private_ranges[] = {
    {"10.0.0.0", 8, ""},    {"172.16.0.0", 12, ""}, {"192.168.0.0", 16, ""},
    {"100.64.0.0", 10, ""}, {"192.0.0.0", 24, ""},  {"198.18.0.0", 15, ""},
    {"fc00::", 7, ""},      {"fec0::", 10, ""},     {"64:ff9b:1::", 48, ""},
};

const Range* find_range(std::span<const Range> ranges, const Ip& ip) {
  for (const auto& range : ranges) {
    const auto first = Ip::parse(range.first);
    if (first && ip.within(*first, range.bits)) return &range;
  }
  return nullptr;
}

// Is it an address of one of this machine's interfaces?
bool is_local(const Ip& ip) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return true;  // the safe answer
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner{list, &freeifaddrs};
  for (const auto* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    const void* bytes = nullptr;
    if (!ip.v6() && at->ifa_addr->sa_family == AF_INET) {
      bytes = &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr;
    } else if (ip.v6() && at->ifa_addr->sa_family == AF_INET6) {
      bytes = &reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr;
    }
    const auto own = ip.bytes();
    if (bytes != nullptr && own == std::string_view{static_cast<const char*>(bytes), own.size()}) {
      return true;
    }
  }
  return false;
}

std::string override_key(std::string_view host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string_view::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace

Result<AddressGuard> AddressGuard::make(Options options) {
  AddressGuard guard;
  for (const auto& text : options.allow_private) {
    const auto slash = text.find('/');
    const auto ip = Ip::parse(std::string_view{text}.substr(0, slash));
    const int bits_max = ip && ip->v6() ? 128 : 32;
    int bits = bits_max;
    bool good = ip.has_value();
    if (good && slash != std::string::npos) {
      const auto* end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
      good = parsed.ec == std::errc{} && parsed.ptr == end && bits >= 0 && bits <= bits_max;
    }
    if (!good) {
      return fail(
          Code::invalid,
          fmt::format("--allow-private: \"{}\" is not a CIDR block such as 10.0.0.0/8.", text));
    }
    guard.allowed_.push_back({std::string{ip->bytes()}, bits});
  }
  for (const auto& [from, to] : options.resolve) {
    const auto address = parse_address(to);
    if (!address || address->port == 0 || to.starts_with(':')) {
      return fail(Code::invalid,
                  fmt::format("--resolve {}={}: expected HOST:PORT=ADDRESS:PORT", from, to));
    }
  }
  guard.options_ = std::move(options);
  return guard;
}

std::string_view AddressGuard::override_of(std::string_view host, std::uint16_t port) const {
  if (options_.resolve.empty()) return {};
  const auto found = options_.resolve.find(override_key(host, port));
  return found == options_.resolve.end() ? std::string_view{} : std::string_view{found->second};
}

Result<void> AddressGuard::check(std::string_view text, std::uint16_t port) const {
  auto ip = Ip::parse(text);
  if (!ip) return fail(Code::denied, fmt::format("\"{}\" is not an IP address.", text));
  if (const auto* range = find_range(never, *ip)) {
    return fail(Code::denied, fmt::format("The address {} must not be reached: {} are refused.",
                                          text, range->what));
  }
  if (const auto v4 = ip->embedded_v4()) {
    ip = v4;
    if (const auto* range = find_range(never, *ip)) {
      return fail(Code::denied, fmt::format("The address {} must not be reached: {} are refused.",
                                            text, range->what));
    }
  }
  if (std::ranges::find(own_ports_, port) != own_ports_.end() &&
      (ip->loopback() || is_local(*ip))) {
    return fail(
        Code::denied,
        fmt::format("The address {}:{} must not be reached: it is this server.", text, port));
  }
  if (ip->loopback()) {
    if (options_.allow_loopback) return {};
    return fail(Code::denied,
                fmt::format("The loopback address {} must not be reached: it is allowed only while "
                            "every listener is on loopback and there is no --public-url.",
                            text));
  }
  const auto allows = [&](const Block& block) {
    return block.first_bytes.size() == ip->bytes().size() &&
           same_prefix(ip->bytes(), block.first_bytes, block.prefix_bits);
  };
  if (find_range(private_ranges, *ip) != nullptr && std::ranges::none_of(allowed_, allows)) {
    return fail(Code::denied,
                fmt::format("The private address {} must not be reached: --allow-private {} would "
                            "allow it.",
                            text, ip->text() + (ip->v6() ? "/128" : "/32")));
  }
  return {};
}

}  // namespace toolgate::net
