// The search tool that a gateway offers beside its targets' tools
// (AgentCore Gateway developer guide, "Search for tools").
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/snapshot.h"

namespace toolgate::gateway {

// Its definition as tools/list shows it.
[[nodiscard]] std::string_view search_tool_definition();

// Fills snapshot.index and snapshot.indexed from snapshot.tables.
void build_index(Snapshot& snapshot);

// Runs it: the raw tool result, with the found tools as text and as structured content.
[[nodiscard]] std::string search_tools(const Snapshot& snapshot, std::string_view raw_arguments);

}  // namespace toolgate::gateway
