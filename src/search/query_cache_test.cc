#include "search/query_cache.h"

#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

std::vector<Vector> vectors(float scale) { return {{.values = {1}, .scale = scale}}; }

TEST(QueryCache, ForgetsWhatWasAskedLongestAgo) {
  QueryCache cache{2};
  cache.add("a", vectors(1));
  cache.add("b", vectors(2));
  ASSERT_TRUE(cache.find("a"));  // now b is the older one
  cache.add("c", vectors(3));
  EXPECT_FALSE(cache.find("b"));
  ASSERT_TRUE(cache.find("a"));
  ASSERT_TRUE(cache.find("c"));
  EXPECT_EQ(cache.find("a")->front().scale, 1);
  EXPECT_EQ(cache.find("c")->front().scale, 3);
}

TEST(QueryCache, KeepsTheFirstOfTwoAnswers) {
  QueryCache cache{2};
  cache.add("a", vectors(1));
  cache.add("a", vectors(2));
  EXPECT_EQ(cache.find("a")->front().scale, 1);
  cache.add("b", vectors(3));
  EXPECT_TRUE(cache.find("a") && cache.find("b"));
}

}  // namespace
}  // namespace toolgate::search
