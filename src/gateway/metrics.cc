#include "gateway/metrics.h"

#include <string_view>

#include <fmt/format.h>

#include "targets/kinds.h"

namespace toolgate::gateway {
namespace {

struct Row {
  Count count;
  std::string_view name;
  std::string_view help;
};
constexpr std::array rows{
    Row{Count::requests, "requests", "POST requests to gateways"},
    Row{Count::sign_in_refused, "sign_in_refused", "Requests answered 401 or 403"},
    Row{Count::tool_calls, "tool_calls",
        "Calls of targets' tools with arguments that fit, sent or not"},
    Row{Count::tool_errors, "tool_errors", "Tool calls that ended with an error"},
    Row{Count::arguments_refused, "arguments_refused", "Tool calls with arguments that do not fit"},
    Row{Count::unknown_tools, "unknown_tools", "Calls of tools that do not exist"},
    Row{Count::target_denied, "target_denied",
        "Tool calls that the target or its authorization server refused"},
    Row{Count::target_unavailable, "target_unavailable",
        "Tool calls whose target could not be reached"},
    Row{Count::target_timeouts, "target_timeouts",
        "Tool calls whose target did not answer in time"},
    Row{Count::circuits_opened, "circuits_opened",
        "Times that a target was left alone after a row of failures"},
    Row{Count::circuit_refusals, "circuit_refusals",
        "Tool calls refused at once, because their target is left alone"},
    Row{Count::calls_abandoned, "calls_abandoned",
        "Tool calls whose client went before the answer"},
    Row{Count::target_broken, "target_broken",
        "Tool calls whose target answered something that is no answer"},
    Row{Count::searches, "searches", "Calls of the search tool"},
    Row{Count::searches_throttled, "searches_throttled",
        "Searches beyond the rate of their gateway"},
    Row{Count::lists, "lists", "Pages of tools/list"},
};
static_assert(rows.size() == static_cast<std::size_t>(Count::last_));

// The targets' kinds, as in summaries, and the search tool.
std::vector<std::string> call_kinds() {
  std::vector<std::string> out;
  for (const auto& kind : targets::kinds()) out.emplace_back(kind.type);
  out.emplace_back("SEARCH");
  return out;
}

}  // namespace

Metrics::Metrics(std::size_t threads)
    : blocks_(threads),
      calls_{{.name = "toolgate_gateway_tool_call_duration_seconds",
              .help = "Tool calls, from their being read to their answer, by kind of target",
              .label = "target_kind",
              .values = call_kinds(),
              .threads = threads}} {}

std::size_t Metrics::search_kind() { return targets::kinds().size(); }

std::uint64_t Metrics::sum(Count count) const {
  std::uint64_t sum = 0;
  for (const auto& block : blocks_) {
    sum += block.cells[static_cast<std::size_t>(count)].load(std::memory_order_relaxed);
  }
  return sum;
}

std::string Metrics::exposition() const {
  std::string out;
  for (const auto& row : rows) {
    fmt::format_to(
        std::back_inserter(out),
        "# HELP toolgate_gateway_{0}_total {1}\n# TYPE toolgate_gateway_{0}_total counter\n"
        "toolgate_gateway_{0}_total {2}\n",
        row.name, row.help, sum(row.count));
  }
  return out + calls_.exposition();
}

}  // namespace toolgate::gateway
