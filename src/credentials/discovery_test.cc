#include "credentials/discovery.h"

#include <gtest/gtest.h>

namespace toolgate::credentials {
namespace {

TEST(ReadDiscovery, TakesTheTokenEndpointAndItsMethods) {
  const auto url = net::Url::parse("https://idp.example/.well-known/openid-configuration");
  const auto found = read_discovery(
      R"({"token_endpoint":"https://idp.example/token",
          "token_endpoint_auth_methods_supported":["client_secret_basic",7]})",
      *url);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->token_endpoint.text(), "https://idp.example/token");
  EXPECT_EQ(found->auth_methods, std::vector<std::string>{"client_secret_basic"});
}

TEST(ReadDiscovery, RefusesWhatCannotBeUsed) {
  const auto tls = net::Url::parse("https://idp.example/x");
  for (const std::string_view text :
       {"", "[]", "{}", R"({"token_endpoint":7})", R"({"token_endpoint":"/token"})"}) {
    const auto found = read_discovery(text, *tls);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, Code::upstream);
  }
}

TEST(ReadDiscovery, RefusesToSendTheSecretInClear) {
  const auto tls = net::Url::parse("https://idp.example/x");
  const auto plain = net::Url::parse("http://idp.example/x");
  constexpr std::string_view elsewhere = R"({"token_endpoint":"http://idp.example/token"})";
  constexpr std::string_view here = R"({"token_endpoint":"http://127.0.0.1:7878/token"})";
  EXPECT_FALSE(read_discovery(elsewhere, *tls));
  EXPECT_TRUE(read_discovery(elsewhere, *plain));
  EXPECT_TRUE(read_discovery(here, *tls));
}

}  // namespace
}  // namespace toolgate::credentials
