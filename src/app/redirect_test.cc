#include "app/redirect.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "app/aws_names.h"
#include "net/tunnels.h"

namespace toolgate::app {
namespace {

class Redirect : public ::testing::Test {
 protected:
  Redirect() {
    server.url = server.listen = "http://127.0.0.1:7878";
    server.tls = "https://127.0.0.1:7879";
    server.region = "us-east-1";
    server.data_dir = "/data";
    pass.session.access_key_id = "ASIA";
    pass.connect_secret = "s3cret";
  }
  // The environment as a program finds it.
  Environment outcome(Shim shim, Environment environment) {
    const auto changes = redirect(server, pass, shim, files, environment);
    EXPECT_TRUE(changes) << changes.error().message;
    if (!changes) return {};
    for (const auto& name : changes->unset) environment.erase(name);
    for (const auto& [name, value] : changes->set) environment[name] = value;
    return environment;
  }
  std::string one(const std::string& name, Environment environment, Shim shim = Shim::token) {
    const auto all = outcome(shim, std::move(environment));
    const auto found = all.find(name);
    return found == all.end() ? "-" : found->second;
  }

  Running server;
  Pass pass;
  RedirectFiles files{.bundle = "/data/ca-bundle.pem",
                      .extra_roots = "/data/ca.pem",
                      .shim = "/data/shim",
                      .constraints = {}};
};

TEST_F(Redirect, EndpointVariablesStandBesideTheTokenShimAndNotBesideTheOtherOne) {
  EXPECT_EQ(one("AWS_ENDPOINT_URL", {}), "http://127.0.0.1:7878");
  EXPECT_EQ(one("TOOLGATE_SHIM_DOMAINS", {}), "amazoncognito.com");
  EXPECT_EQ(one("TOOLGATE_SHIM_TLS", {}), "127.0.0.1:7879");
  EXPECT_EQ(one("AWS_ENDPOINT_URL", {{"AWS_ENDPOINT_URL", "x"}}, Shim::all), "-");
  EXPECT_EQ(
      one("BEDROCK_AGENTCORE_CP_ENDPOINT", {{"BEDROCK_AGENTCORE_CP_ENDPOINT", "x"}}, Shim::all),
      "-");
  EXPECT_EQ(one("TOOLGATE_SHIM_DOMAINS", {}, Shim::all), "amazonaws.com,amazoncognito.com,api.aws");
  EXPECT_EQ(one("TOOLGATE_SHIM_DOMAINS", {{"TOOLGATE_SHIM_DOMAINS", "x"}}, Shim::off), "-");
  EXPECT_EQ(one("PYTHONPATH", {{"PYTHONPATH", "/a::/data/shim"}}), "/data/shim:/a");
  EXPECT_EQ(one("NODE_OPTIONS", {}), "--require=/data/shim/node.cjs");
  EXPECT_EQ(one("NODE_OPTIONS", {{"NODE_OPTIONS", "--inspect"}}, Shim::all),
            "--require=/data/shim/node.cjs --inspect");
  EXPECT_EQ(one("NODE_OPTIONS", {{"NODE_OPTIONS", "--inspect"}}, Shim::off), "--inspect");
  files.shim = R"(/my "data\shim)";
  EXPECT_EQ(one("NODE_OPTIONS", {}), R"(--require="/my \"data\\shim/node.cjs")");
}

TEST_F(Redirect, TheAwsApiMayHaveAnAddressOfItsOwn) {
  server.admin = "http://127.0.0.1:9000";
  EXPECT_EQ(one("AWS_ENDPOINT_URL", {}), "http://127.0.0.1:9000");
  EXPECT_EQ(one("BEDROCK_AGENTCORE_DP_ENDPOINT", {}), "http://127.0.0.1:7878");
}

TEST_F(Redirect, DoneAgainOnItsOutcomeItGivesTheSame) {
  files.constraints = "/data/constraints-1.txt";
  for (const auto shim : {Shim::all, Shim::token, Shim::off}) {
    const auto first = outcome(shim, {{"https_proxy", "http://me:pw@proxy:3128"},
                                      {"NO_PROXY", "intern"},
                                      {"PYTHONPATH", "/own"},
                                      {"NODE_OPTIONS", "--inspect"},
                                      {"PIP_CONSTRAINT", "/own.txt"},
                                      {"REQUESTS_CA_BUNDLE", "/own.pem"},
                                      {"NODE_EXTRA_CA_CERTS", "/own2.pem"}});
    EXPECT_EQ(outcome(shim, first), first);
    EXPECT_EQ(own_roots(first, "/data"), std::vector<std::string>{"/own.pem"});
    EXPECT_EQ(own_extra_roots(first, "/data"), std::vector<std::string>{"/own2.pem"});
  }
}

TEST_F(Redirect, TheUsersProxyIsGoneThrough) {
  const auto user = net::proxy_user("http://me:pw@proxy:3128");
  const auto expected = "http://" + user + ":s3cret@127.0.0.1:7878";
  for (const auto* name : {"https_proxy", "HTTPS_PROXY", "ALL_PROXY"}) {
    EXPECT_EQ(one("HTTPS_PROXY", {{name, "http://me:pw@proxy:3128"}}), expected) << name;
  }
  EXPECT_EQ(one("https_proxy", {{"HTTPS_PROXY", "proxy:3128"}}),
            "http://" + net::proxy_user("http://proxy:3128") + ":s3cret@127.0.0.1:7878");
  EXPECT_FALSE(redirect(server, pass, Shim::off, files, {{"ALL_PROXY", "socks5://proxy"}}));
}

TEST_F(Redirect, NoProxyNeverSparesAwsShapedNames) {
  EXPECT_EQ(one("NO_PROXY", {{"no_proxy",
                              "a.example, *.corp ,,*,.com,com,aws,api.aws,"
                              "*.amazonaws.com,sts.amazonaws.com:443,xcom"}}),
            "127.0.0.1,localhost,::1,a.example,*.corp,xcom");
}

TEST_F(Redirect, BeyondLoopbackTheProxyIsLeftAloneAndTheShimTakesTheNames) {
  server.url = server.listen = "http://10.0.0.5:7878";
  EXPECT_EQ(one("HTTPS_PROXY", {{"HTTPS_PROXY", "http://proxy"}}), "http://proxy");
  EXPECT_EQ(one("NO_PROXY", {}),
            "127.0.0.1,localhost,::1,10.0.0.5,.amazonaws.com,.amazoncognito.com,.api.aws");
}

TEST_F(Redirect, WithoutATlsPortTheShimHasNowhereToLead) {
  server.tls.clear();
  EXPECT_EQ(one("TOOLGATE_SHIM_TLS", {}), "-");
  EXPECT_FALSE(redirect(server, pass, Shim::all, files, {}));
}

TEST_F(Redirect, WhatLeadsElsewhereIsTakenAway) {
  for (const auto* name :
       {"AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK", "AWS_SECURITY_TOKEN", "AWS_ENDPOINT_URL_STS",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ROLE_ARN"}) {
    EXPECT_EQ(one(name, {{name, "x"}}), "-") << name;
  }
  EXPECT_EQ(one("AWS_RETRY_MODE", {{"AWS_RETRY_MODE", "standard"}}), "standard");
}

TEST(AwsShaped, MeansBelowTheDomainsWhateverCaseAndDots) {
  for (const auto* name :
       {"sts.amazonaws.com", "A.B.AmazonCognito.com", "x.api.aws.", "x.api.aws.."}) {
    EXPECT_TRUE(is_aws_shaped(name)) << name;
  }
  for (const auto* name : {"amazonaws.com", "xamazonaws.com", "amazonaws.com.example", "", "aws"}) {
    EXPECT_FALSE(is_aws_shaped(name)) << name;
  }
}

}  // namespace
}  // namespace toolgate::app
