// Which addresses an outbound connection may reach (docs/ARCHITECTURE.md). A user's word (a
// target's endpoint, a discovery URL, a redirect) must not reach what the server can and the user
// cannot: link-local and metadata services, private networks, our own listeners.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::net {

class AddressGuard {
 public:
  struct Options {
    bool allow_loopback = false;             // true while every listener is on loopback
    std::vector<std::string> allow_private;  // CIDR blocks of --allow-private
    // Of --resolve: "host:port" → "address:port", before any look-up.
    std::map<std::string, std::string, std::less<>> resolve;
  };
  // Fails with Code::invalid for a bad CIDR block or address.
  static Result<AddressGuard> make(Options options);

  // Our own listeners' ports: refused on loopback and on any local address. Before run().
  void add_own_port(std::uint16_t port) { own_ports_.push_back(port); }

  // What to connect to instead of this name, if the settings say so ("10.0.0.7:8443").
  [[nodiscard]] std::string_view override_of(std::string_view host, std::uint16_t port) const;

  // Fails with Code::denied and a message that says which rule refuses `ip` and which flag would
  // allow it. Always refused: link-local (169.254/16, fe80::/10), metadata addresses, multicast,
  // unspecified, broadcast, own listeners. IPv4 in IPv6 (mapped, 6to4, NAT64) counts as the IPv4.
  [[nodiscard]] Result<void> check(std::string_view ip, std::uint16_t port) const;

  [[nodiscard]] bool loopback_allowed() const { return options_.allow_loopback; }

 private:
  struct Block {
    std::string first_bytes;  // network order
    int prefix_bits = 0;
  };
  Options options_;
  std::vector<Block> allowed_;
  std::vector<std::uint16_t> own_ports_;
};

}  // namespace toolgate::net
