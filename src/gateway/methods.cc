// The MCP methods that a gateway answers, and their table.
#include <algorithm>
#include <array>

#include "gateway/search_tool.h"
#include "gateway/turn.h"
#include "mcp/protocol.h"

namespace toolgate::gateway {
namespace {

// The search tool is no target's: it is answered here, on its own way off the I/O threads.
Task<Reply> search(const Turn& turn) {
  constexpr std::string_view no_arguments = "{}";
  turn.services.metrics.add(turn.worker.index(), Count::searches);
  if (turn.kind != nullptr) *turn.kind = Metrics::search_kind();
  auto* const rate = turn.services.search_rate;
  const auto wait = rate != nullptr ? rate->take(turn.snapshot.id, std::chrono::steady_clock::now())
                                    : std::nullopt;
  if (wait) {
    turn.services.metrics.add(turn.worker.index(), Count::searches_throttled);
    co_return Reply{.message = mcp::error_message(turn.message.id, mcp::throttled,
                                                  "ThrottlingException - Rate exceeded"),
                    .status = 429,
                    .outcome = "throttled",
                    .headers = {{"retry-after", std::to_string(wait->count())}}};
  }
  const std::string_view arguments = turn.message.arguments;
  const std::string found = co_await search_tools(
      turn.snapshot, arguments.empty() ? no_arguments : arguments, turn.worker);
  co_return Reply{.message = mcp::result_message(turn.message.id, found), .outcome = "search"};
}

// No coroutine of its own: a call pays a comparison.
Task<Reply> search_or_call(const Turn& turn) {
  const bool is_search = turn.snapshot.searchable && turn.message.name == mcp::search_tool;
  return is_search ? search(turn) : call_tool(turn);
}

// Every method that is served. Notifications are accepted before this table is asked.
constexpr std::array methods{
    Method{"tools/call", search_or_call},
    Method{"tools/list", list_tools},
    Method{"initialize", initialize},
    Method{"ping", ping},
};

}  // namespace

const Method* find_method(std::string_view name) {
  for (const auto& method : methods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

// MCP 2025-11-25, Lifecycle: the same version if it is supported, else the newest that is.
Task<Reply> initialize(const Turn& turn) {
  const auto& versions = turn.snapshot.versions;
  if (!turn.message.protocol_version) {
    co_return Reply{.message = mcp::error_message(turn.message.id, mcp::invalid_params,
                                                  "params.protocolVersion is missing"),
                    .outcome = "invalid"};
  }
  const bool known = std::ranges::find(versions, *turn.message.protocol_version) != versions.end();
  const std::string_view chosen = known              ? *turn.message.protocol_version
                                  : versions.empty() ? mcp::client_version
                                                     : std::string_view{versions.back()};
  std::string result = R"({"protocolVersion":)" + json::quote(chosen);
  result += R"(,"capabilities":{"tools":{"listChanged":false}},)";
  result += R"("serverInfo":{"name":"agentcore-gateway","version":"1.0.0"})";
  if (!turn.snapshot.instructions.empty()) {
    result += R"(,"instructions":)" + json::quote(turn.snapshot.instructions);
  }
  result += '}';
  co_return Reply{.message = mcp::result_message(turn.message.id, result)};
}

Task<Reply> ping(const Turn& turn) {
  co_return Reply{.message = mcp::result_message(turn.message.id, "{}")};
}

Task<Reply> list_tools(const Turn& turn) {
  turn.services.metrics.add(turn.worker.index(), Count::lists);
  if (!turn.message.cursor) {
    co_return Reply{.message = mcp::result_message(turn.message.id, *turn.snapshot.first_page)};
  }
  const auto page = list_page(turn.snapshot, *turn.message.cursor);
  if (!page) {
    co_return Reply{
        .message = mcp::error_message(turn.message.id, mcp::invalid_params, page.error().message),
        .outcome = "invalid"};
  }
  co_return Reply{.message = mcp::result_message(turn.message.id, *page)};
}

}  // namespace toolgate::gateway
