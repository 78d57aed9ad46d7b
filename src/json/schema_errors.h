// The text of what is wrong with an instance, in the wording of AgentCore Gateway.
#pragma once

#include <string>

#include "json/schema.h"

namespace toolgate::json {

// One line: "- Missing required field(s): 'amount'", "- Field '/amount_cents' has invalid type:
// string found, integer expected", or "- Field '/x': …".
[[nodiscard]] std::string describe(const SchemaError& error);

}  // namespace toolgate::json
