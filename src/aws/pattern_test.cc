#include "aws/pattern.h"

#include <gtest/gtest.h>

namespace toolgate::aws {
namespace {

TEST(Pattern, IsMatchedAgainstTheWholeText) {
  const Pattern pattern{"[a-z]+|x-[0-9]"};
  EXPECT_TRUE(pattern.matches("abc"));
  EXPECT_TRUE(pattern.matches("x-1"));
  EXPECT_FALSE(pattern.matches("abc1"));
  EXPECT_FALSE(pattern.matches("x-12"));
  EXPECT_FALSE(pattern.matches(""));
}

TEST(Pattern, ReadsEscapesOfCodeUnits) {
  EXPECT_EQ(to_re2(R"([\u0009\u0020-\u00FF]+)"), R"([\x{0009}\x{0020}-\x{00FF}]+)");
  const Pattern pattern{R"([\u0020-\u00FF]*)"};
  EXPECT_TRUE(pattern.matches("ÿ é"));
  EXPECT_FALSE(pattern.matches("€"));
}

TEST(Pattern, LeavesBoundsAboveRe2sToTheLength) {
  EXPECT_EQ(to_re2("a{1,1000}"), "a{1,1000}");
  EXPECT_EQ(to_re2("a{1,1001}"), "a{1,}");
  EXPECT_EQ(to_re2("s3://.{1,2043}"), "s3://.{1,}");
  EXPECT_EQ(to_re2("a{2000}"), "a*");
  EXPECT_EQ(to_re2("[{1,2000}]"), "[{1,2000}]");
  EXPECT_EQ(to_re2(R"(\{1,2000})"), R"(\{1,2000})");
}

TEST(Pattern, ThatDoesNotCompileSaysSoAndMatchesEverything) {
  const Pattern pattern{"(?<=a)b"};
  EXPECT_FALSE(pattern.compiles());
  EXPECT_TRUE(pattern.matches("anything"));
}

}  // namespace
}  // namespace toolgate::aws
