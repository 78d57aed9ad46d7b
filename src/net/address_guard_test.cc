#include "net/address_guard.h"

#include <gtest/gtest.h>

namespace toolgate::net {
namespace {

AddressGuard guard(AddressGuard::Options options = {}) {
  return *AddressGuard::make(std::move(options));
}
bool allows(const AddressGuard& guard, std::string_view ip, std::uint16_t port = 80) {
  return guard.check(ip, port).has_value();
}

TEST(AddressGuard, AllowsPublicAddresses) {
  for (const auto* ip : {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111",
                         "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(allows(guard(), ip)) << ip;
  }
}

TEST(AddressGuard, RefusesSomeAddressesWhateverTheSettings) {
  const auto open = guard({.allow_loopback = true, .allow_private = {"0.0.0.0/0", "::/0"}});
  for (const auto* ip : {"169.254.169.254",
                         "169.254.0.1",
                         "0.0.0.0",
                         "0.1.2.3",
                         "224.0.0.1",
                         "255.255.255.255",
                         "240.0.0.1",
                         "100.100.100.200",
                         "168.63.129.16",
                         "::",
                         "fe80::1",
                         "febf::1",
                         "ff02::1",
                         "fd00:ec2::254",
                         "fd20:ce::254",
                         "::ffff:169.254.169.254",
                         "::169.254.169.254",
                         "64:ff9b::169.254.169.254",
                         "2002:a9fe:a9fe::1",
                         "2001::1",
                         "fc00::5efe:169.254.169.254",
                         "",
                         "localhost",
                         "1.2.3",
                         "0x7f.1",
                         "fe80::1%eth0"}) {
    const auto checked = open.check(ip, 80);
    ASSERT_FALSE(checked) << ip;
    EXPECT_EQ(checked.error().code, Code::denied);
  }
}

TEST(AddressGuard, RefusesLoopbackUnlessAllowed) {
  for (const auto* ip : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1",
                         "2002:7f00:1::", "64:ff9b::127.0.0.1"}) {
    const auto checked = guard({.allow_private = {"127.0.0.0/8", "::1/128"}}).check(ip, 80);
    ASSERT_FALSE(checked) << ip;
    EXPECT_NE(checked.error().message.find("--public-url"), std::string::npos);
    EXPECT_TRUE(allows(guard({.allow_loopback = true}), ip)) << ip;
  }
}

TEST(AddressGuard, RefusesPrivateRangesUnlessTheirBlockIsAllowed) {
  for (const auto* ip : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
                         "198.18.0.1", "fc00::1", "fd12::1", "fec0::1", "::ffff:10.1.2.3"}) {
    const auto checked = guard({.allow_loopback = true}).check(ip, 80);
    ASSERT_FALSE(checked) << ip;
    EXPECT_NE(checked.error().message.find("--allow-private"), std::string::npos);
  }
  const auto some = guard({.allow_private = {"10.1.0.0/16", "fd12::/16", "192.168.1.7"}});
  EXPECT_TRUE(allows(some, "10.1.255.255"));
  EXPECT_FALSE(allows(some, "10.2.0.0"));
  EXPECT_TRUE(allows(some, "::ffff:10.1.0.1"));
  EXPECT_TRUE(allows(some, "fd12:ffff::1"));
  EXPECT_FALSE(allows(some, "fd13::1"));
  EXPECT_TRUE(allows(some, "192.168.1.7"));
  EXPECT_FALSE(allows(some, "192.168.1.8"));
}

TEST(AddressGuard, RefusesItsOwnListeners) {
  auto own = guard({.allow_loopback = true});
  own.add_own_port(7878);
  EXPECT_FALSE(allows(own, "127.0.0.1", 7878));
  EXPECT_FALSE(allows(own, "::1", 7878));
  EXPECT_TRUE(allows(own, "127.0.0.1", 7879));
  EXPECT_TRUE(allows(own, "8.8.8.8", 7878));
}

TEST(AddressGuard, RefusesBadBlocksAndOverrides) {
  for (const auto* block : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x/8", "::/129"}) {
    const auto made = AddressGuard::make({.allow_private = {block}});
    ASSERT_FALSE(made) << block;
    EXPECT_EQ(made.error().code, Code::invalid);
  }
  EXPECT_FALSE(AddressGuard::make({.resolve = {{"a:1", "b"}}}));
  EXPECT_FALSE(AddressGuard::make({.resolve = {{"a:1", ":80"}}}));
}

TEST(AddressGuard, KnowsWhatToConnectToInstead) {
  const auto some = guard({.resolve = {{"idp.example:443", "10.0.0.7:8443"}}});
  EXPECT_EQ(some.override_of("idp.example", 443), "10.0.0.7:8443");
  EXPECT_EQ(some.override_of("idp.example", 80), "");
}

}  // namespace
}  // namespace toolgate::net
