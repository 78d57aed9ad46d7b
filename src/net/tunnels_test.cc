#include "net/tunnels.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "net/issued_contexts.h"

namespace toolgate::net {
namespace {

class TunnelsTest : public ::testing::Test {
 protected:
  TunnelsTest()
      : contexts{crypto::CertificateAuthority::make("test", {.domains = {"aws.test"}}, clock.now()),
                 {.clock = &clock, .domains = {"aws.test"}, .own_names = {"localhost"}}},
        tunnels{{.secret = "secret",
                 .ends_here = [](std::string_view host) { return host.ends_with(".aws.test"); },
                 .contexts = &contexts,
                 .count_max = 2}} {}

  Result<Tunnels::Way> ask(const std::string& target, const std::string& authorization) {
    Request request;
    request.method = "CONNECT";
    request.target = target;
    request.peer.loopback = true;
    if (!authorization.empty()) request.headers.add({"Proxy-Authorization", authorization});
    return tunnels.way_of(request);
  }
  static std::string basic(const std::string& user, const std::string& password) {
    return "Basic " + crypto::base64(user + ":" + password);
  }
  Code code_of(const std::string& target, const std::string& authorization) {
    const auto way = ask(target, authorization);
    return way ? Code::internal : way.error().code;
  }

  ManualClock clock;
  IssuedContexts contexts;
  Tunnels tunnels;
};

TEST_F(TunnelsTest, NamesThatEndHereGetTheirCertificateAndNoAddress) {
  for (const auto* target : {"sts.aws.test:443", "STS.AWS.test.:443"}) {
    const auto way = ask(target, basic("toolgate", "secret"));
    ASSERT_TRUE(way) << target;
    EXPECT_EQ(way->tls, contexts.context_for("sts.aws.test"));
  }
}

TEST_F(TunnelsTest, OtherNamesAreReachedDirectlyOrThroughTheUsersProxy) {
  const auto direct = ask("files.example:443", basic("toolgate", "secret"));
  ASSERT_TRUE(direct);
  EXPECT_EQ(direct->tls, nullptr);
  EXPECT_EQ(direct->to.text(), "http://files.example:443/");
  EXPECT_FALSE(direct->through);

  const auto user = proxy_user("http://me:p%3Aw@proxy.example:3128");
  const auto through = ask("[2001:db8::1]:443", basic(user, "secret"));
  ASSERT_TRUE(through);
  EXPECT_EQ(through->to.host, "2001:db8::1");
  ASSERT_TRUE(through->through);
  EXPECT_EQ(through->through->authority(), "proxy.example:3128");
  EXPECT_EQ(through->proxy_credentials, "me:p:w");
  // What ends here does so even if the user has a proxy.
  EXPECT_NE(ask("sts.aws.test:443", basic(user, "secret"))->tls, nullptr);
}

TEST_F(TunnelsTest, RefusesWhoIsNotLetIn) {
  const auto good = basic("toolgate", "secret");
  for (const auto& bad : {std::string{}, basic("toolgate", "Secret"), basic("toolgate", ""),
                          std::string{"Bearer secret"}, std::string{"Basic"},
                          std::string{"Basic !"}, "Basic " + crypto::base64("secret")}) {
    EXPECT_EQ(code_of("sts.aws.test:443", bad), Code::unauthenticated) << bad;
  }
  EXPECT_EQ(code_of("sts.aws.test:443", basic("someone", "secret")), Code::invalid);
  EXPECT_EQ(code_of("sts.aws.test:443", basic("toolgate.", "secret")), Code::invalid);
  EXPECT_EQ(code_of("x.example:443", basic(proxy_user("https://p"), "secret")), Code::invalid);
  EXPECT_EQ(code_of("x.example:443", basic(proxy_user("socks5://p"), "secret")), Code::invalid);
  EXPECT_EQ(code_of("x.example:443", basic(proxy_user("http://%zz@p"), "secret")), Code::invalid);
  EXPECT_EQ(code_of("x.example:80", good), Code::denied);
  EXPECT_EQ(code_of("x.example:0443", good), Code::denied);
  EXPECT_EQ(code_of("a_b..aws.test:443", good), Code::invalid);
  EXPECT_EQ(code_of("..:443", good), Code::invalid);

  Request from_afar;
  from_afar.method = "CONNECT";
  from_afar.target = "sts.aws.test:443";
  from_afar.headers.add({"proxy-authorization", good});
  EXPECT_EQ(tunnels.way_of(from_afar).error().code, Code::denied);
}

TEST_F(TunnelsTest, CountsThoseThatLeadOut) {
  auto first = tunnels.take_place();
  const auto second = tunnels.take_place();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(tunnels.take_place());
  first.reset();
  EXPECT_TRUE(tunnels.take_place());
}

TEST(ProxyUser, IsReadBackAsItWas) {
  for (const auto* url : {"", "http://a:b@c:1", "http://proxy.example"}) {
    const auto user = proxy_user(url);
    EXPECT_EQ(user.find_first_of(":@/?#%"), std::string::npos);
    EXPECT_EQ(proxy_of_user(user), url);
  }
  EXPECT_FALSE(proxy_of_user("toolgatex"));
  EXPECT_FALSE(proxy_of_user("toolgate.!"));
}

}  // namespace
}  // namespace toolgate::net
