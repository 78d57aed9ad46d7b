// A stage of an Amazon API Gateway REST API: its OpenAPI export, asked for with the gateway's role,
// becomes tools as any OpenAPI document does.
#pragma once

#include <memory>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets::api_gateway {

// Reads `targetConfiguration.mcp.apiGateway`: restApiId, stage, and which operations become tools
// under which names. Fails with Code::invalid.
[[nodiscard]] Result<std::unique_ptr<const Target>> open(const TargetSpec& spec);

}  // namespace toolgate::targets::api_gateway
