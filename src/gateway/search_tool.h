// The search tool that a gateway offers beside its targets' tools
// (AgentCore Gateway developer guide, "Search for tools").
#pragma once

#include <string>
#include <string_view>

#include "base/task.h"
#include "gateway/snapshot.h"
#include "net/worker.h"

namespace toolgate::gateway {

// Its definition as tools/list shows it.
[[nodiscard]] std::string_view search_tool_definition();

// Fills snapshot.finder from snapshot.tables and routes; takes that of `previous` (may be null)
// when its tables are the same.
void build_index(Snapshot& snapshot, const store::Key& gateway, const Snapshot* previous);

// Runs it: the raw tool result, with the found tools as text and as structured content. The first
// form goes by words alone, the second asks the snapshot's engine if there is one.
[[nodiscard]] std::string search_tools(const Snapshot& snapshot, std::string_view raw_arguments);
Task<std::string> search_tools(const Snapshot& snapshot, std::string_view raw_arguments,
                               net::Worker& worker);

}  // namespace toolgate::gateway
