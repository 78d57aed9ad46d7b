// Which kinds of target there are.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets {

struct TargetKind {
  std::string_view member;  // of targetConfiguration.mcp: "mcpServer"
  std::string_view type;    // in summaries: "MCP_SERVER"
  Result<std::unique_ptr<const Target>> (*open)(const TargetSpec&);
};

// The kind that a `targetConfiguration` names. Fails with Code::invalid, naming the member, when it
// is one that is not served.
[[nodiscard]] Result<const TargetKind*> kind_of(const Json& configuration);

// Makes the adapter. Fails with Code::invalid when the configuration does not fit.
[[nodiscard]] Result<std::unique_ptr<const Target>> open(const TargetSpec& spec);

}  // namespace toolgate::targets
