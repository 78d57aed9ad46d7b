#include "aws/router.h"

#include <gtest/gtest.h>

#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::scope_of;
using testing::Sent;

// "service Operation", "service -" or "-".
std::string routed(Sent sent) {
  const auto request = sent.request();
  const auto uri = RequestUri::parse(request.path, request.query);
  const auto route = find_route(request, *uri);
  if (route.contract == nullptr) return "-";
  return std::string{route.contract->service} + " " +
         (route.operation == nullptr ? "-" : std::string{route.operation->name});
}

bool taken(Sent sent) { return is_aws_request(sent.request()); }

const std::pair<std::string, std::string> form{"content-type",
                                               "application/x-www-form-urlencoded; charset=utf-8"};

TEST(FindRoute, GoesByTheHostName) {
  struct Case {
    std::string_view host, service;
  };
  for (const auto& [host, service] : {
           Case{"iam.amazonaws.com", "iam"},
           Case{"iam.amazonaws.com:443", "iam"},
           Case{"iam.us-east-1.amazonaws.com", "iam"},
           Case{"sts.eu-west-1.amazonaws.com", "sts"},
           Case{"sts-fips.us-east-1.amazonaws.com", "sts"},
           Case{"bedrock-agentcore-control.us-west-2.amazonaws.com", "bedrock-agentcore-control"},
           Case{"bedrock-agentcore.us-west-2.amazonaws.com", "bedrock-agentcore"},
           Case{"bedrock-agentcore.us-west-2.api.aws", "bedrock-agentcore"},
           Case{"api.ecr.us-east-1.amazonaws.com", "ecr"},
           Case{"cognito-idp.us-east-1.amazonaws.com", "cognito-idp"},
       }) {
    EXPECT_EQ(routed({.target = "/", .host = std::string{host}}), std::string{service} + " -")
        << host;
  }
  for (const std::string_view host :
       {"iam.amazonaws.com.evil.example", "iam.example.com", "xiam.amazonaws.com",
        "gw.gateway.bedrock-agentcore.us-east-1.amazonaws.com", "127.0.0.1"}) {
    EXPECT_EQ(routed({.target = "/", .host = std::string{host}}), "-") << host;
  }
}

TEST(FindRoute, GoesByTheTargetHeader) {
  EXPECT_EQ(
      routed({.headers = {{"X-Amz-Target", "AWSCognitoIdentityProviderService.CreateUserPool"}}}),
      "cognito-idp CreateUserPool");
  EXPECT_EQ(routed({.headers = {{"X-Amz-Target", "AWSCognitoIdentityProviderService.Nope"}}}),
            "cognito-idp -");
  EXPECT_EQ(
      routed({.method = "GET",
              .headers = {{"X-Amz-Target", "AWSCognitoIdentityProviderService.CreateUserPool"}}}),
      "cognito-idp -");
  EXPECT_EQ(routed({.headers = {{"X-Amz-Target", "Nobody.CreateUserPool"}}}), "-");
}

TEST(FindRoute, TellsControlAndDataPlaneApartByMethodAndPath) {
  const auto signed_by = [](std::string method, std::string target) {
    return routed({.method = std::move(method),
                   .target = std::move(target),
                   .headers = {scope_of("bedrock-agentcore")}});
  };
  EXPECT_EQ(signed_by("POST", "/gateways/"), "bedrock-agentcore-control CreateGateway");
  EXPECT_EQ(signed_by("GET", "/gateways"), "bedrock-agentcore-control ListGateways");
  EXPECT_EQ(signed_by("GET", "/gateways/g-1/targets/"),
            "bedrock-agentcore-control ListGatewayTargets");
  EXPECT_EQ(signed_by("PUT", "/gateways/g-1/synchronizeTargets"),
            "bedrock-agentcore-control SynchronizeGatewayTargets");
  EXPECT_EQ(signed_by("PUT", "/runtimes/"), "bedrock-agentcore-control CreateAgentRuntime");
  EXPECT_EQ(signed_by("POST", "/runtimes/arn%3Aaws%3Ax%2Fr/invocations"),
            "bedrock-agentcore InvokeAgentRuntime");
  EXPECT_EQ(signed_by("POST", "/identities/CreateWorkloadIdentity"),
            "bedrock-agentcore-control CreateWorkloadIdentity");
  EXPECT_EQ(signed_by("DELETE", "/nothing/here"), "bedrock-agentcore-control -");
  EXPECT_EQ(signed_by("OPTIONS", "/gateways/"), "bedrock-agentcore-control -");
}

TEST(FindRoute, GoesByTheScopeOfAPresignedUrl) {
  EXPECT_EQ(routed({.method = "GET",
                    .target = "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential="
                              "AKID%2F20261121%2Fus-east-1%2Fsts%2Faws4_request"}),
            "sts GetCallerIdentity");
}

TEST(FindRoute, GoesByTheActionOfAForm) {
  EXPECT_EQ(routed({.headers = {form}, .body = "Action=GetUser&Version=2010-05-08"}),
            "iam GetUser");
  EXPECT_EQ(routed({.headers = {form}, .body = "Action=GetCallerIdentity"}),
            "sts GetCallerIdentity");
  EXPECT_EQ(routed({.headers = {form}, .body = "Action=GetUser&Version=2011-06-15"}), "-");
  EXPECT_EQ(routed({.headers = {scope_of("iam"), form}, .body = "Action=Nope"}), "iam -");
  EXPECT_EQ(routed({.target = "/oauth2/token", .headers = {form}, .body = "Action=GetUser"}), "-");
  EXPECT_EQ(routed({.headers = {form}, .body = "grant_type=client_credentials"}), "-");
}

TEST(FindRoute, KnowsThePathsOfServedOperationsWithoutASignature) {
  EXPECT_EQ(routed({.method = "GET", .target = "/gateways/"}),
            "bedrock-agentcore-control ListGateways");
  EXPECT_EQ(routed({.method = "GET", .target = "/console"}), "-");
  EXPECT_EQ(routed({.method = "POST", .target = "/gateways/g-1/mcp"}), "-");
}

TEST(FindRoute, EveryServedRestOperationIsFoundByItsOwnTemplate) {
  for (const auto service : contract_names()) {
    const Contract* contract = contract_of(service);
    if (contract->protocol != ProtocolName::rest_json) continue;
    for (const auto& operation : contract->operations()) {
      if (!operation.served) continue;
      std::string target;
      for (const auto& segment : operation.uri.segments) {
        target += '/';
        target += segment.kind == UriSegment::Kind::literal ? segment.text : "a-1";
      }
      const std::string method{operation.method};
      const std::string found = std::string{service} + " " + std::string{operation.name};
      const auto scope = scope_of(contract->signing_name);
      EXPECT_EQ(routed({.method = method, .target = target, .headers = {scope}}), found);
      EXPECT_EQ(routed({.method = method, .target = target}), found);  // unsigned
    }
  }
}

TEST(IsAwsRequest, JudgesByTheHeadAlone) {
  EXPECT_TRUE(taken({.headers = {form}}));
  EXPECT_TRUE(taken({.method = "GET", .target = "/x", .headers = {scope_of("bedrock-agentcore")}}));
  EXPECT_TRUE(taken({.host = "iam.amazonaws.com"}));
  EXPECT_TRUE(taken({.headers = {{"x-amz-target", "AWSCognitoIdentityProviderService.X"}}}));
  EXPECT_TRUE(taken({.method = "GET", .target = "/gateways/"}));
  EXPECT_FALSE(taken({.method = "GET", .target = "/"}));
  EXPECT_FALSE(taken({.target = "/oauth2/token", .headers = {form}}));
  EXPECT_FALSE(taken({.method = "GET",
                      .target = "/us-east-1_a/.well-known/jwks.json",
                      .host = "cognito-idp.us-east-1.amazonaws.com"}));
  EXPECT_FALSE(taken({.target = "/gateways/g/mcp", .headers = {{"authorization", "Bearer x"}}}));
}

TEST(CredentialScope, IsReadFromHeaderAndQuery) {
  Sent header{.headers = {scope_of("iam")}};
  EXPECT_EQ(credential_scope(header.request()).region, "us-east-1");
  EXPECT_EQ(credential_scope(header.request()).signing_name, "iam");
  for (const std::string_view value :
       {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c", "Bearer Credential=a/b/c/d/e",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e"}) {
    Sent sent{.headers = {{"authorization", std::string{value}}}};
    EXPECT_EQ(credential_scope(sent.request()).signing_name, "") << value;
  }
}

}  // namespace
}  // namespace toolgate::aws
