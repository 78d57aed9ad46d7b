#include "identity/challenge.h"

#include <gtest/gtest.h>

namespace toolgate::identity {
namespace {

constexpr std::string_view url = "https://gw.example/.well-known/oauth-protected-resource";

TEST(ChallengeOf, IsThatOfAgentCore) {
  const Error error{.code = Code::unauthenticated, .message = "Invalid Bearer token"};
  const auto told = challenge(error, {"gw/invoke", "gw/read"}, url);
  EXPECT_EQ(told.status, 401);
  EXPECT_EQ(told.www_authenticate,
            "Bearer error=\"invalid_token\", scope=\"gw/invoke gw/read\", resource_metadata="
            "\"https://gw.example/.well-known/oauth-protected-resource\"");
}

TEST(ChallengeOf, LeavesOutScopesThatAreNotAsked) {
  EXPECT_EQ(challenge({.code = Code::unauthenticated}, {}, url).www_authenticate,
            "Bearer error=\"invalid_token\", resource_metadata="
            "\"https://gw.example/.well-known/oauth-protected-resource\"");
}

TEST(ChallengeOf, NamesTheScopeThatIsMissing) {
  const auto told = challenge({.code = Code::denied, .name = "insufficient_scope"}, {"a"}, url);
  EXPECT_EQ(told.status, 403);
  EXPECT_TRUE(
      told.www_authenticate.starts_with("Bearer error=\"insufficient_scope\", scope=\"a\""));
}

TEST(ChallengeOf, TellsEveryCodeApart) {
  const std::pair<Code, int> statuses[] = {
      {Code::denied, 403},    {Code::invalid, 400}, {Code::not_found, 404},
      {Code::throttled, 429}, {Code::quota, 429},   {Code::unavailable, 503},
      {Code::upstream, 503},  {Code::timeout, 503}, {Code::internal, 500},
      {Code::too_large, 500}, {Code::conflict, 500}};
  for (const auto& [code, status] : statuses) {
    const auto told = challenge({.code = code}, {"a"}, url);
    EXPECT_EQ(told.status, status) << name_of(code);
    EXPECT_EQ(told.www_authenticate.empty(), code != Code::invalid) << name_of(code);
  }
}

TEST(ResourceMetadata, IsThatOfRfc9728) {
  EXPECT_EQ(resource_metadata("https://idp/pool", "https://gw/mcp", {"a", "b"}),
            R"({"authorization_servers":["https://idp/pool"],"resource":"https://gw/mcp",)"
            R"("scopes_supported":["a","b"]})");
  EXPECT_EQ(resource_metadata("i", "r", {}),
            R"({"authorization_servers":["i"],"resource":"r","scopes_supported":[]})");
}

}  // namespace
}  // namespace toolgate::identity
