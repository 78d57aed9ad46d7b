#include "gateway/metrics.h"

#include <gtest/gtest.h>

#include "targets/kinds.h"

namespace toolgate::gateway {
namespace {

using namespace std::chrono_literals;

std::string count_line(std::string_view kind, int count) {
  return "\ntoolgate_gateway_tool_call_duration_seconds_count{target_kind=\"" + std::string{kind} +
         "\"} " + std::to_string(count) + "\n";
}

}  // namespace

TEST(Metrics, CallsAreCountedByKindOfTarget) {
  Metrics metrics{2};
  for (std::size_t kind = 0; kind < targets::kinds().size(); ++kind) {
    metrics.add_call(0, kind, 1ms);
    metrics.add_call(1, kind, 1ms);
  }
  metrics.add_call(0, Metrics::search_kind(), 1ms);
  metrics.add_call(0, Latencies::none, 1ms);
  const std::string page = metrics.exposition();
  for (const auto& kind : targets::kinds()) {
    EXPECT_NE(page.find(count_line(kind.type, 2)), std::string::npos) << kind.type;
  }
  EXPECT_NE(page.find(count_line("SEARCH", 1)), std::string::npos);
}

}  // namespace toolgate::gateway
