#include <gtest/gtest.h>

#include "net/server.h"

namespace toolgate::net {
namespace {

TEST(ParseAddress, KnowsBothFamiliesAndAllInterfaces) {
  EXPECT_EQ(parse_address("127.0.0.1:7878")->host, "127.0.0.1");
  EXPECT_EQ(parse_address("127.0.0.1:7878")->port, 7878);
  EXPECT_EQ(parse_address("[::1]:0")->host, "::1");
  EXPECT_EQ(parse_address(":80")->host, "0.0.0.0");
  EXPECT_EQ(parse_address("localhost:80")->host, "127.0.0.1");
}

TEST(ParseAddress, RefusesNamesAndBadPorts) {
  for (const auto* text : {"", "127.0.0.1", "example.com:80", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:x", "127.0.0.1:-1", "::1:80", "[127.0.0.1]:80", "[::1]",
                           "[]:80", "1.2.3:80", "127.0.0.1:80 "}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, Code::invalid) << text;
  }
}

TEST(IsLoopback, KnowsTheWholeBlockAndMappedForms) {
  for (const auto* ip : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(ip)) << ip;
  }
  for (const auto* ip : {"128.0.0.1", "0.0.0.0", "::", "::2", "localhost", "", "10.0.0.1"}) {
    EXPECT_FALSE(is_loopback(ip)) << ip;
  }
}

}  // namespace
}  // namespace toolgate::net
