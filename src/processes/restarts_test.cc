#include "processes/restarts.h"

#include <gtest/gtest.h>

#include "processes/output.h"

namespace toolgate::processes {
namespace {

using namespace std::chrono_literals;

Exit crash() {
  Exit exit;
  exit.why = Exit::Why::exited;
  exit.code = 3;
  exit.text = "exited with code 3";
  exit.last_lines = {"ImportError: no module named x"};
  return exit;
}

TEST(Restarts, PausesLongerEachTimeAndThenGivesUpWithTheReason) {
  Restarts restarts{
      {.first_pause = 1s, .longest_pause = 3s, .healthy_after = 60s, .crashes_count_max = 4}};
  EXPECT_EQ(restarts.ended(crash(), 0s).pause, 1s);
  EXPECT_EQ(restarts.ended(crash(), 1s).pause, 2s);
  EXPECT_EQ(restarts.ended(crash(), 1s).pause, 3s);
  const auto verdict = restarts.ended(crash(), 1s);
  EXPECT_FALSE(verdict.pause);
  EXPECT_NE(verdict.reason.find("4 times in a row"), std::string::npos) << verdict.reason;
  EXPECT_NE(verdict.reason.find("exited with code 3; last output: ImportError"), std::string::npos);
}

TEST(Restarts, ForgetsCrashesOnceOneLived) {
  Restarts restarts{
      {.first_pause = 1s, .longest_pause = 30s, .healthy_after = 60s, .crashes_count_max = 3}};
  EXPECT_EQ(restarts.ended(crash(), 0s).pause, 1s);
  EXPECT_EQ(restarts.ended(crash(), 0s).pause, 2s);
  EXPECT_EQ(restarts.ended(crash(), 61s).pause, 1s);
  EXPECT_EQ(restarts.ended(crash(), 0s).pause, 2s);
}

TEST(Restarts, LeavesTheStoppedAlone) {
  Exit exit = crash();
  exit.why = Exit::Why::stopped;
  EXPECT_FALSE(Restarts{}.ended(exit, 0s).pause);
}

std::vector<std::string> lines_of(std::vector<std::string> pieces, std::size_t bytes_max) {
  Lines lines{bytes_max};
  std::vector<std::string> all;
  const auto take = [&](std::string_view line) { all.emplace_back(line); };
  for (const auto& piece : pieces) lines.feed(piece, take);
  lines.finish(take);
  return all;
}

TEST(Lines, ComeWholeHoweverTheyArrive) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(lines_of({"a\nb", "c\r\n", "\n", "d"}, 100), (Texts{"a", "bc", "", "d"}));
  EXPECT_EQ(lines_of({"abcdefg\nh\n"}, 3), (Texts{"abc", "def", "g", "h"}));
  EXPECT_EQ(lines_of({"abc\ndef\n"}, 3), (Texts{"abc", "def"}));
  EXPECT_EQ(lines_of({"abc", "\n", "\n"}, 3), (Texts{"abc", ""}));
}

TEST(Rate, AllowsOneSecondsWorthAndThenItsPace) {
  const Rate::Instant start{};
  Rate rate{1000, start};
  rate.spend(1000, start);
  EXPECT_FALSE(rate.may_read(start));
  rate.spend(500, start);
  EXPECT_FALSE(rate.may_read(start + 400ms));
  EXPECT_TRUE(rate.may_read(start + 600ms));
}

}  // namespace
}  // namespace toolgate::processes
