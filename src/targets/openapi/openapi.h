// A REST API behind an OpenAPI document: each of its operations is a tool.
#pragma once

#include <memory>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets::openapi {

// Reads `targetConfiguration.mcp.openApiSchema`: inlinePayload or s3. The document itself is read
// by check() and by discover(). Fails with Code::invalid.
[[nodiscard]] Result<std::unique_ptr<const Target>> open(const TargetSpec& spec);

// Whether an inline document can be served. Takes as long as the document is large.
[[nodiscard]] Result<void> check(const TargetSpec& spec);

}  // namespace toolgate::targets::openapi
