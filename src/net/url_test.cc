#include <gtest/gtest.h>

#include "net/http.h"

namespace toolgate::net {
namespace {

TEST(ParseUrl, TakesItApart) {
  const auto url = Url::parse("HTTPS://API.Example.com:8443/a/b?c=d#part");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a/b?c=d");
  EXPECT_EQ(url->authority(), "api.example.com:8443");
  EXPECT_EQ(url->text(), "https://api.example.com:8443/a/b?c=d");
}

TEST(ParseUrl, FillsInWhatIsLeftOut) {
  EXPECT_EQ(Url::parse("http://x")->text(), "http://x/");
  EXPECT_EQ(Url::parse("http://x")->port, 80);
  EXPECT_EQ(Url::parse("https://x?q")->target, "/?q");
  EXPECT_EQ(Url::parse("https://x#f")->target, "/");
  EXPECT_EQ(Url::parse("https://x:443/")->authority(), "x");
}

TEST(ParseUrl, KeepsIpv6InBrackets) {
  const auto url = Url::parse("http://[::1]:81/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->authority(), "[::1]:81");
}

TEST(ParseUrl, RefusesUserInformation) {
  for (const auto* text : {"http://a@b/", "http://a:b@c", "https://example.com@169.254.169.254/"}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::invalid);
    EXPECT_NE(url.error().message.find("user"), std::string::npos);
  }
}

TEST(ParseUrl, RefusesWhatIsNoHttpUrl) {
  for (const auto* text : {"",
                           "x",
                           "ftp://x/",
                           "file:///etc/passwd",
                           "//x/",
                           "http:/x",
                           "http://",
                           "http:///x",
                           "http://:80/",
                           "http://x:/",
                           "http://x:0/",
                           "http://x:65536/",
                           "http://x:8o/",
                           "http://x y/",
                           "http://x/\r\nHost: y",
                           "http://x/\t",
                           "http://[::1/",
                           "http://[1.2.3.4]/",
                           "http://[::1]x/",
                           "http://a/\x7f",
                           "http://\xc3\xa4/",
                           "http://a<b/",
                           "http://a:1:2/"}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::invalid) << text;
  }
}

TEST(ParseUrl, RefusesMoreThan2048Bytes) {
  EXPECT_TRUE(Url::parse("http://x/" + std::string(2'048 - 9, 'a')));
  EXPECT_FALSE(Url::parse("http://x/" + std::string(2'049 - 9, 'a')));
}

}  // namespace
}  // namespace toolgate::net
