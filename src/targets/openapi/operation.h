// One operation of a document as a tool.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "mcp/tools.h"
#include "net/credential.h"
#include "targets/openapi/references.h"
#include "targets/openapi/schemas.h"

namespace toolgate::targets::openapi {

struct Operation {
  std::string path;    // "/pets/{id}"
  std::string method;  // "GET"
  const Json* item = nullptr;
  const Json* operation = nullptr;

  [[nodiscard]] std::string label() const { return method + ' ' + path; }
};

// What the operations of one document share.
struct Workshop {
  const References& references;
  Schemas& requests;
  Schemas& answers;
  // Parameters that the credential stands in for are not asked of the caller.
  const net::Credential& credential;
};

struct MadeTool {
  mcp::ToolDefinition tool;
  bool schema_cut = false;       // Schemas::definitions had to leave some out
  bool output_left_out = false;  // its outputSchema would be too large
};

// Fails with Code::invalid: why it cannot become a tool.
[[nodiscard]] Result<MadeTool> make_tool(Workshop& workshop, const Operation& operation,
                                         std::string name, std::string_view description);

}  // namespace toolgate::targets::openapi
