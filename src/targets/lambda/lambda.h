// The target kind `lambda`: each tool is a call of one function. The event is the tool's arguments;
// what the function answers is the tool's result.
#pragma once

#include <memory>

#include "base/result.h"
#include "targets/target.h"

namespace toolgate::targets::lambda {

// `spec.configuration` is a targetConfiguration with the member mcp.lambda. Fails with
// Code::invalid, naming the member.
[[nodiscard]] Result<std::unique_ptr<const Target>> open(const TargetSpec& spec);

}  // namespace toolgate::targets::lambda
