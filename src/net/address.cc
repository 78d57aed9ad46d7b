// Addresses as users write them: "127.0.0.1:7878", "[::1]:7878".
#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "net/ip.h"
#include "net/server.h"

namespace toolgate::net {

Result<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return fail(Code::invalid, "An address is host:port, such as 127.0.0.1:7878 or [::1]:7878.");
  }
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  Address address;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return fail(Code::invalid, "The port of an address must be a number from 0 to 65535.");
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  const auto ip = Ip::parse(host);
  if (!ip || ip->v6() != bracketed) {
    return fail(Code::invalid,
                "The host of an address must be an IPv4 address or an IPv6 address in brackets.");
  }
  address.host = host;
  return address;
}

bool is_loopback(std::string_view ip) {
  const auto parsed = Ip::parse(ip);
  return parsed && parsed->loopback();
}

}  // namespace toolgate::net
