// What MCP asks of a tool's definition. The TypeScript SDKs (1.x and 2.x) check every definition of
// a tools/list and refuse the whole list for one that does not fit, so one careless server behind a
// gateway would hide the tools of all others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mcp/tools.h"
#include "targets/target.h"

namespace toolgate::catalogue {

// Mends what can be mended without a change of meaning: an inputSchema without "type" gets "object"
// (arguments are always one); an optional member of the wrong JSON type, often null, goes; so does
// an outputSchema that is not of type object. All other bytes stay. Gives the reason when the tool
// must be left out.
[[nodiscard]] std::optional<std::string_view> conform(mcp::ToolDefinition& tool);

// The same for a whole catalogue: what cannot be mended moves to `skipped`.
void conform(targets::Catalogue& catalogue);

}  // namespace toolgate::catalogue
