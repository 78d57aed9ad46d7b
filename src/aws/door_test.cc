#include "aws/door.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "aws/testing.h"
#include "crypto/sigv4.h"

namespace toolgate::aws {
namespace {

using testing::parsed;
using testing::Sent;
using namespace std::chrono_literals;

class OneKey final : public identity::AccessKeys {
 public:
  std::optional<identity::AccessKey> find(std::string_view id) const override {
    if (id != "AKIDEXAMPLE") return std::nullopt;
    return identity::AccessKey{.id = "AKIDEXAMPLE",
                               .secret = "not-a-secret",
                               .active = true,
                               .principal = {.kind = identity::Principal::Kind::root,
                                             .account = "111122223333",
                                             .arn = "arn:aws:iam::111122223333:root"}};
  }
};

// What the operations of these tests have seen and give back.
struct Script {
  std::optional<Call> seen;
  Result<Answer> answer = Answer{};
};

Task<Result<Answer>> play(Script& script, Call& call, net::Worker&) {
  script.seen = call;
  co_return script.answer;
}

class DoorTest : public ::testing::Test {
 protected:
  Door::Options options() {
    return {.account = "111122223333",
            .default_region = "us-east-1",
            .keys = &keys_,
            .sessions = &sessions_,
            .clock = &clock_,
            .allow = allow_};
  }
  net::Response ask(Sent sent) {
    Door door{options(),
              {Service{"bedrock-agentcore-control",
                       {row(script_, "CreateGateway", play), row(script_, "GetGateway", play),
                        row(script_, "ListGateways", play), row(script_, "UntagResource", play)}},
               Service{"cognito-idp", {row(script_, "CreateUserPool", play)}},
               Service{"iam", {row(script_, "CreateUser", play)}}}};
    auto request = sent.request();
    net::Response response;
    boost::asio::io_context io;
    net::Worker worker{0, io};
    boost::asio::co_spawn(io, door.handle(request, worker),
                          [&](std::exception_ptr error, net::Response answer) {
                            ASSERT_FALSE(error);
                            response = std::move(answer);
                          });
    io.run();
    return response;
  }
  Sent signed_for(std::string service, Sent sent) {
    const crypto::SigningKey key{.access_key_id = "AKIDEXAMPLE",
                                 .secret_access_key = "not-a-secret",
                                 .session_token = {},
                                 .region = "eu-west-1",
                                 .service = std::move(service)};
    const auto request = sent.request();
    crypto::SignedRequest parts{.method = request.method,
                                .path = request.path,
                                .query = request.query,
                                .headers = {},
                                .body = request.body};
    for (const auto& field : request.headers) parts.headers.emplace_back(field.name, field.value);
    for (auto& header : crypto::sign(parts, key, clock_.now())) sent.headers.push_back(header);
    return sent;
  }
  static Json body_of(const net::Response& response) { return parsed(net::buffered(response)); }
  static std::string error_of(const net::Response& response) {
    return std::to_string(response.status) + " " +
           std::string{net::find_header(response.headers, "x-amzn-errortype").value_or("")};
  }

  OneKey keys_;
  identity::SessionTokens sessions_{crypto::SealKey::random()};
  ManualClock clock_;
  std::function<Task<Result<void>>(const Call&)> allow_;
  Script script_;
};

constexpr std::string_view gateway =
    R"({"name":"my-gateway","roleArn":"arn:aws:iam::111122223333:role/r","authorizerType":"NONE",)"
    R"("protocolType":"MCP"})";

TEST_F(DoorTest, RunsARestOperation) {
  script_.answer =
      Answer{.output = parsed(R"({"gatewayId":"g-1","createdAt":1795233906.789})"), .body = {}};
  const auto response =
      ask(signed_for("bedrock-agentcore", {.target = "/gateways/", .body = std::string{gateway}}));
  EXPECT_EQ(response.status, 202) << net::buffered(response);
  EXPECT_EQ(net::buffered(response),
            R"({"gatewayId":"g-1","createdAt":"2026-11-21T04:05:06.789Z"})");
  ASSERT_TRUE(script_.seen.has_value());
  EXPECT_EQ(script_.seen->operation, "CreateGateway");
  EXPECT_EQ(script_.seen->account, "111122223333");
  EXPECT_EQ(script_.seen->region, "eu-west-1");
  EXPECT_EQ(script_.seen->caller.arn, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(script_.seen->caller.access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(text(*script_.seen, "name"), "my-gateway");
  EXPECT_EQ(net::find_header(response.headers, "x-amzn-requestid"), script_.seen->request_id);
}

TEST_F(DoorTest, RunsAJsonOperation) {
  script_.answer = Answer{
      .output = parsed(R"({"UserPool":{"Id":"p","CreationDate":1795233906.5}})"), .body = {}};
  const auto response = ask(
      signed_for("cognito-idp",
                 {.headers = {{"x-amz-target", "AWSCognitoIdentityProviderService.CreateUserPool"}},
                  .body = R"({"PoolName":"pool"})"}));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(net::buffered(response), R"({"UserPool":{"Id":"p","CreationDate":1795233906.5}})");
}

TEST_F(DoorTest, RunsAQueryOperation) {
  script_.answer = Answer{
      .output = parsed(R"({"User":{"UserName":"ann","CreateDate":1795233906}})"), .body = {}};
  const auto response =
      ask(signed_for("iam", {.headers = {{"content-type", "application/x-www-form-urlencoded"}},
                             .body = "Action=CreateUser&Version=2010-05-08&UserName=ann"}));
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(net::buffered(response).starts_with(
      R"(<CreateUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateUserResult>)"
      "<User><UserName>ann</UserName><CreateDate>2026-11-21T04:05:06Z</CreateDate></User>"
      "</CreateUserResult><ResponseMetadata><RequestId>"))
      << net::buffered(response);
}

TEST_F(DoorTest, RefusesWhoDidNotSign) {
  EXPECT_EQ(error_of(ask({.target = "/gateways/", .body = std::string{gateway}})),
            "403 MissingAuthenticationTokenException");
  auto forged =
      signed_for("bedrock-agentcore", {.target = "/gateways/", .body = std::string{gateway}});
  forged.body += " ";
  EXPECT_EQ(error_of(ask(forged)), "403 InvalidSignatureException");
  EXPECT_FALSE(script_.seen.has_value());
}

TEST_F(DoorTest, RefusesASignatureForAnotherService) {
  const auto response =
      ask(signed_for("iam", {.target = "/gateways/",
                             .host = "bedrock-agentcore-control.us-east-1.amazonaws.com",
                             .body = std::string{gateway}}));
  EXPECT_EQ(error_of(response), "403 InvalidSignatureException");
  EXPECT_TRUE(net::buffered(response).contains("scoped to correct service"));
}

TEST_F(DoorTest, ChecksTheInputBeforeTheOperationRuns) {
  const auto response =
      ask(signed_for("bedrock-agentcore", {.target = "/gateways/", .body = R"({"name":"!"})"}));
  EXPECT_EQ(error_of(response), "400 ValidationException");
  const auto body = body_of(response);
  EXPECT_EQ(json::find_string(body, "reason"), "FieldValidationFailed");
  EXPECT_GE(json::find_array(body, "fieldList")->size(), 3U);
  EXPECT_FALSE(script_.seen.has_value());
  const auto broken = ask(signed_for("bedrock-agentcore", {.target = "/gateways/", .body = "{"}));
  EXPECT_EQ(json::find_string(body_of(broken), "reason"), "CannotParse");
}

TEST_F(DoorTest, SpeaksCognitosWordsForWrongInput) {
  const auto response = ask(
      signed_for("cognito-idp",
                 {.headers = {{"x-amz-target", "AWSCognitoIdentityProviderService.CreateUserPool"}},
                  .body = R"({"PoolName":""})"}));
  EXPECT_EQ(error_of(response), "400 InvalidParameterException");
  EXPECT_TRUE(json::find_string(body_of(response), "message")
                  ->starts_with("2 validation errors detected: Value '' at 'poolName' failed to "
                                "satisfy constraint: Member must have length greater than or "
                                "equal to 1; "));
}

TEST_F(DoorTest, AsksWhetherTheCallerMay) {
  allow_ = [](const Call& call) -> Task<Result<void>> {
    co_return fail(Code::denied, "no " + std::string{call.operation} + " " + text(call, "name"));
  };
  const auto response =
      ask(signed_for("bedrock-agentcore", {.target = "/gateways/", .body = std::string{gateway}}));
  EXPECT_EQ(error_of(response), "403 AccessDeniedException");
  EXPECT_EQ(json::find_string(body_of(response), "message"), "no CreateGateway my-gateway");
  EXPECT_FALSE(script_.seen.has_value());
}

TEST_F(DoorTest, NamesTheOperationThatIsNotServed) {
  const auto known = ask(signed_for("bedrock-agentcore", {.target = "/harnesses", .body = "{}"}));
  EXPECT_EQ(error_of(known), "404 UnknownOperationException");
  EXPECT_EQ(json::find_string(body_of(known), "message"),
            "Operation CreateHarness of bedrock-agentcore-control is not served by toolgate");
  const auto no_row = ask(
      signed_for("bedrock-agentcore", {.method = "DELETE", .target = "/gateways/g-1234567890"}));
  EXPECT_EQ(json::find_string(body_of(no_row), "message"),
            "Operation DeleteGateway of bedrock-agentcore-control is not served by toolgate");
  EXPECT_EQ(error_of(ask(signed_for("bedrock-agentcore", {.target = "/nowhere"}))),
            "404 UnknownOperationException");
  EXPECT_EQ(
      error_of(ask(signed_for("bedrock-agentcore", {.method = "OPTIONS", .target = "/gateways/"}))),
      "404 UnknownOperationException");
  const auto query =
      ask(signed_for("iam", {.headers = {{"content-type", "application/x-www-form-urlencoded"}},
                             .body = "Action=GetAccountSummary&Version=2010-05-08"}));
  EXPECT_EQ(query.status, 404);
  EXPECT_TRUE(
      net::buffered(query).contains("<Code>UnknownOperationException</Code><Message>"
                                    "Operation GetAccountSummary of iam is not served"));
}

TEST_F(DoorTest, NamesTheServiceThatIsNotServed) {
  const std::string said =
      "Service dynamodb is not served by toolgate. Targets reach it elsewhere by --aws-endpoint "
      "dynamodb=URL, programs by an endpoint of their own.";
  const auto json = ask(signed_for(
      "dynamodb", {.headers = {{"x-amz-target", "DynamoDB_20120810.ListTables"}}, .body = "{}"}));
  EXPECT_EQ(json.status, 404);
  EXPECT_EQ(json::find_string(body_of(json), "__type"), "UnknownOperationException");
  EXPECT_EQ(json::find_string(body_of(json), "message"), said);
  const auto rest = ask(signed_for("dynamodb", {.method = "GET", .target = "/any"}));
  EXPECT_EQ(error_of(rest), "404 UnknownOperationException");
  const auto query = ask(
      signed_for("dynamodb", {.headers = {{"content-type", "application/x-www-form-urlencoded"}},
                              .body = "Action=A&Version=1"}));
  EXPECT_TRUE(net::buffered(query).contains("<Message>" + said)) << net::buffered(query);
}

TEST_F(DoorTest, TellsTheCallerWhatTheOperationRefused) {
  script_.answer = fail(Code::conflict, "taken");
  EXPECT_EQ(error_of(ask(signed_for("bedrock-agentcore",
                                    {.target = "/gateways/", .body = std::string{gateway}}))),
            "409 ConflictException");
}

TEST_F(DoorTest, ReadsLabelsAndQueryOfSignedRequests) {
  ask(signed_for("bedrock-agentcore",
                 {.method = "DELETE",
                  .target = "/tags/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A111122223333%3A"
                            "gateway%2Fg-1234567890?tagKeys=a&tagKeys=b%20c"}));
  ASSERT_TRUE(script_.seen.has_value());
  EXPECT_EQ(text(*script_.seen, "resourceArn"),
            "arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/g-1234567890");
  EXPECT_EQ(*json::find(script_.seen->input, "tagKeys"), parsed(R"(["a","b c"])"));
  const auto broken =
      ask(signed_for("bedrock-agentcore", {.method = "GET", .target = "/gateways/%zz"}));
  EXPECT_EQ(error_of(broken), "400 ValidationException");
}

}  // namespace
}  // namespace toolgate::aws
