// A service of AWS behind its Smithy model: an operation is a tool, a call a signed request in the
// service's own protocol.
#pragma once

#include <memory>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets::smithy {

// Reads `targetConfiguration.mcp.smithyModel`: inlinePayload, the text of a Smithy 2.0 model in its
// JSON AST, or s3.uri, where it lies. Fails with Code::invalid.
[[nodiscard]] Result<std::unique_ptr<const Target>> open(const TargetSpec& spec);

}  // namespace toolgate::targets::smithy
