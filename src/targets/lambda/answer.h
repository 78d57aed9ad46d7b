// What a function answered, as MCP sees it. Pure functions.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "json/schema.h"
#include "targets/target.h"

namespace toolgate::targets::lambda {

// True for an object of MCP's CallToolResult (2025-11-25, schema): a `content` array of well-formed
// blocks and no member that such a result does not have.
[[nodiscard]] bool is_tool_result(std::string_view payload);

// The payload as a tool's result: a payload that is one already, as it is; else one text block with
// the payload's bytes. With `output` (the tool's outputSchema, may be null), an object that fits it
// is the structured content too. `payload` is padded and lies in `buffer`.
[[nodiscard]] Outcome outcome_of(std::string_view payload,
                                 std::shared_ptr<const std::string> buffer,
                                 const json::Schema* output);

}  // namespace toolgate::targets::lambda
