// Calls of tools that a document's operations have become; for every kind of target that is
// described by OpenAPI.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "net/worker.h"
#include "targets/target.h"

namespace toolgate::targets::openapi {

// Compiles the recipe that convert() left with the tool, and its outputSchema.
[[nodiscard]] Result<std::shared_ptr<const Recipe>> prepare_call(const mcp::ToolDefinition& tool);

// Makes the request of the arguments, sends it, and gives the answer as a tool result.
Task<Result<Outcome>> call_operation(Invocation invocation, net::Worker& worker);

}  // namespace toolgate::targets::openapi
