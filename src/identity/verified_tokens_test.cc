#include "identity/verified_tokens.h"

#include <gtest/gtest.h>

namespace toolgate::identity {
namespace {

using namespace std::chrono_literals;

const Time now{std::chrono::seconds{1'800'000'000}};
constexpr AuthorizerId one{1, 2};
constexpr AuthorizerId other{1, 3};

TEST(TokenTable, FindsATokenUntilItEnds) {
  TokenTable<int> table{8};
  table.keep({.authorizer = one, .token = "abc"}, 7, now + 1s);
  ASSERT_NE(table.find({.authorizer = one, .token = "abc"}, now), nullptr);
  EXPECT_EQ(*table.find({.authorizer = one, .token = "abc"}, now), 7);
  EXPECT_EQ(table.find({.authorizer = one, .token = "abc"}, now + 1s), nullptr);
}

TEST(TokenTable, ComparesTheWholeTokenAndTheAuthorizer) {
  TokenTable<int> table{4};  // one row: nothing but the comparison tells entries apart
  const std::string end(32, 'x');
  table.keep({.authorizer = one, .token = "a" + end}, 7, now + 1s);
  EXPECT_EQ(table.find({.authorizer = one, .token = "b" + end}, now), nullptr);
  EXPECT_EQ(table.find({.authorizer = one, .token = end}, now), nullptr);
  EXPECT_EQ(table.find({.authorizer = other, .token = "a" + end}, now), nullptr);
  EXPECT_NE(table.find({.authorizer = one, .token = "a" + end}, now), nullptr);
}

TEST(TokenTable, ReplacesAnEntryInItsPlace) {
  TokenTable<int> table{4};
  for (int i = 0; i < 10; ++i) table.keep({.authorizer = one, .token = "t"}, i, now + 1s);
  for (int i = 0; i < 3; ++i) {
    table.keep({.authorizer = one, .token = std::to_string(i)}, i, now + 1s);
  }
  EXPECT_EQ(*table.find({.authorizer = one, .token = "t"}, now), 9);
}

TEST(TokenTable, GivesUpWhatEndsFirst) {
  TokenTable<int> table{4};
  for (int i = 0; i < 5; ++i) {
    table.keep({.authorizer = one, .token = std::to_string(i)}, i, now + 10s + i * 1s);
  }
  EXPECT_EQ(table.find({.authorizer = one, .token = "0"}, now), nullptr);
  for (int i = 1; i < 5; ++i) {
    EXPECT_NE(table.find({.authorizer = one, .token = std::to_string(i)}, now), nullptr) << i;
  }
}

TEST(TokenTable, DoesNotKeepEmptyOrHugeTokens) {
  TokenTable<int> table{8};
  table.keep({.authorizer = {}, .token = ""}, 1, now + 1s);
  EXPECT_EQ(table.find({.authorizer = {}, .token = ""}, now), nullptr);
  const std::string huge(5000, 'x');
  table.keep({.authorizer = one, .token = huge}, 1, now + 1s);
  EXPECT_EQ(table.find({.authorizer = one, .token = huge}, now), nullptr);
}

TEST(TokenTable, KeepsNearlyAsManyAsItHasPlaces) {
  TokenTable<int> table{4'000};
  const auto token = [](int i) { return "header.payload." + std::to_string(i * 7919); };
  for (int i = 0; i < 2'000; ++i) {
    table.keep({.authorizer = one, .token = token(i)}, i, now + 1s);
  }
  int found = 0;
  for (int i = 0; i < 2'000; ++i) {
    found += table.find({.authorizer = one, .token = token(i)}, now) != nullptr ? 1 : 0;
  }
  EXPECT_GT(found, 1'800);
}

}  // namespace
}  // namespace toolgate::identity
