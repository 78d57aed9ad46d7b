// An MCP server behind a URL, spoken to over Streamable HTTP (2025-11-25 and before).
#pragma once

#include <memory>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets::mcp_server {

// Reads `targetConfiguration.mcp.mcpServer`: endpoint, mcpToolSchema. Fails with Code::invalid for
// a URL that is none, and for listingMode DYNAMIC, which is not served yet.
[[nodiscard]] Result<std::unique_ptr<const Target>> open(const TargetSpec& spec);

}  // namespace toolgate::targets::mcp_server
