// What an operation answers with: the types that are asked for, and the tool's outputSchema.
#pragma once

#include <string>

#include "json/json.h"
#include "targets/openapi/references.h"
#include "targets/openapi/schemas.h"

namespace toolgate::targets::openapi {

// The Accept field: the types of the answers of success, JSON first.
[[nodiscard]] std::string accept_of(const Json& operation, const References& references);

struct Output {
  std::string schema;  // JSON Schema of an object, or empty
  bool too_large = false;
};

// Only where success has one form, an object in JSON: a tool with an outputSchema must answer with
// such an object each time (MCP 2025-11-25, Tools, Output Schema). It is
// {"type":"object","anyOf":[<what the document says>,{}]}.
[[nodiscard]] Output output_of(const Json& operation, const References& references,
                               Schemas& schemas);

}  // namespace toolgate::targets::openapi
