#include "gateway/search_rate.h"

#include <gtest/gtest.h>

namespace toolgate::gateway {
namespace {

using std::chrono::seconds;
using Now = std::chrono::steady_clock::time_point;

TEST(SearchRate, IsNoneUnlessSet) {
  SearchRate rate{0};
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(rate.take("a", Now{}));
}

TEST(SearchRate, LetsAMinutesWorthPassAndThenOneAtATime) {
  SearchRate rate{3};
  const Now start{};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rate.take("a", start));
  EXPECT_EQ(rate.take("a", start), seconds{20});
  EXPECT_EQ(rate.take("a", start + seconds{15}), seconds{5});
  EXPECT_FALSE(rate.take("a", start + seconds{20}));
  EXPECT_EQ(rate.take("a", start + seconds{20}), seconds{20});
}

TEST(SearchRate, NeverSavesMoreThanAMinutesWorth) {
  SearchRate rate{2};
  EXPECT_FALSE(rate.take("a", Now{}));
  const Now later = Now{} + seconds{3'600};
  EXPECT_FALSE(rate.take("a", later));
  EXPECT_FALSE(rate.take("a", later));
  EXPECT_TRUE(rate.take("a", later));
}

TEST(SearchRate, IsEachGatewaysOwn) {
  SearchRate rate{1};
  EXPECT_FALSE(rate.take("a", Now{}));
  EXPECT_TRUE(rate.take("a", Now{}));
  EXPECT_FALSE(rate.take("b", Now{}));
}

}  // namespace
}  // namespace toolgate::gateway
