#include "base/latencies.h"

#include <gtest/gtest.h>

namespace toolgate {
namespace {

using namespace std::chrono_literals;

class TwoKindsOnTwoThreads : public testing::Test {
 protected:
  Latencies latencies{{.name = "calls_seconds",
                       .help = "Calls",
                       .label = "kind",
                       .values = {"LAMBDA", "MCP_SERVER"},
                       .threads = 2}};

  // What stands behind the sample's name and labels.
  std::string sample(std::string_view name) const {
    const std::string text = '\n' + latencies.exposition();
    const std::string before = '\n' + std::string{name} + ' ';
    const auto at = text.find(before);
    if (at == std::string::npos) return "absent";
    const auto begin = at + before.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }
};

TEST_F(TwoKindsOnTwoThreads, CountAsOne) {
  latencies.add(0, 1, 300us);
  latencies.add(1, 1, 2ms);
  EXPECT_EQ(sample(R"(calls_seconds_count{kind="MCP_SERVER"})"), "2");
  EXPECT_EQ(sample(R"(calls_seconds_sum{kind="MCP_SERVER"})"), "0.0023");
  EXPECT_EQ(sample(R"(calls_seconds_count{kind="LAMBDA"})"), "0");
}

TEST_F(TwoKindsOnTwoThreads, BucketsHoldWhatTookAtMostTheirBound) {
  latencies.add(0, 0, 100us);
  latencies.add(0, 0, 100'001ns);
  latencies.add(0, 0, 61s);
  EXPECT_EQ(sample(R"(calls_seconds_bucket{kind="LAMBDA",le="0.0001"})"), "1");
  EXPECT_EQ(sample(R"(calls_seconds_bucket{kind="LAMBDA",le="0.00025"})"), "2");
  EXPECT_EQ(sample(R"(calls_seconds_bucket{kind="LAMBDA",le="60"})"), "2");
  EXPECT_EQ(sample(R"(calls_seconds_bucket{kind="LAMBDA",le="+Inf"})"), "3");
}

}  // namespace
}  // namespace toolgate
