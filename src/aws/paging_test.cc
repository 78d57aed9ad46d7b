#include "aws/paging.h"

#include <gtest/gtest.h>

#include "aws/idempotency.h"
#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::parsed;

Call call_with(std::string_view input, std::string_view operation = "ListGateways") {
  Call call;
  call.service = "bedrock-agentcore-control";
  call.operation = operation;
  call.account = "123456789012";
  call.region = "us-east-1";
  call.input = parsed(input);
  return call;
}

Call call_with_token(std::string_view token, std::string_view operation = "ListGateways") {
  return call_with(R"({"nextToken":)" + json::quote(token) + "}", operation);
}

TEST(PageRequest, ReadsSizeAndToken) {
  EXPECT_EQ(page_request(call_with("{}"))->size, 100U);
  EXPECT_EQ(page_request(call_with("{}"))->after, "");
  EXPECT_EQ(page_request(call_with(R"({"maxResults":7})"))->size, 7U);
  EXPECT_EQ(page_request(call_with(R"({"MaxItems":3})"), {.size = "MaxItems"})->size, 3U);
  const auto token = next_token(call_with("{}"), "gw-1\n\xff");
  EXPECT_EQ(page_request(call_with_token(token))->after, "gw-1\n\xff");
}

TEST(PageRequest, RefusesForeignTokens) {
  const auto token = next_token(call_with("{}"), "gw-1");
  std::string other = token;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  for (const auto& call : {call_with_token("garbage!"), call_with_token(""),
                           call_with_token(other), call_with_token("Z3ctMQ"),
                           call_with_token(token, "ListGatewayTargets")}) {
    const auto page = page_request(call);
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, Code::invalid);
    EXPECT_EQ(page.error().fields[0].path, "nextToken");
  }
}

TEST(NextToken, OfTheLastPageIsEmpty) { EXPECT_EQ(next_token(call_with("{}"), ""), ""); }

TEST(InputDigest, IsTheSameForTheSameInput) {
  const auto digest = [](std::string_view input) { return input_digest(call_with(input)); };
  const auto one = digest(R"({"a":{"x":1,"y":[1,2]},"b":"z","clientToken":"t1"})");
  EXPECT_EQ(one, digest(R"({"clientToken":"t2","b":"z","a":{"y":[1,2],"x":1}})"));
  EXPECT_EQ(one, digest(R"({"b":"z","a":{"y":[1,2],"x":1}})"));
  EXPECT_NE(one, digest(R"({"b":"z","a":{"y":[2,1],"x":1}})"));
  EXPECT_NE(one, digest(R"({"b":"z"})"));
}

TEST(SameInput, RefusesATokenUsedWithAnotherInput) {
  const auto call = call_with(R"({"a":1,"clientToken":"t"})");
  EXPECT_TRUE(same_input(call, input_digest(call)).has_value());
  const auto other = same_input(call, input_digest(call_with(R"({"a":2})")));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().name, "IdempotentParameterMismatchException");
}

}  // namespace
}  // namespace toolgate::aws
