// tools/list results of a server, read page by page. Definitions stay the bytes they were.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::mcp {

// One tool as its server defined it.
struct ToolDefinition {
  std::string name;          // unescaped
  std::string description;   // unescaped, may be empty
  std::string input_schema;  // raw JSON object
  // The whole definition, raw, without its name: what stands between "name" and the closing brace,
  // so that a new name can be put in front: {"name":<new>,<rest>}. Titles, annotations, icons,
  // output schema, _meta and unknown members are kept as they were.
  std::string rest;
  // How its target calls it: JSON of the adapter that made it, empty for an MCP server's own tools.
  // Kept with the catalogue, never shown.
  std::string recipe;
};

struct ToolPage {
  std::vector<ToolDefinition> tools;
  std::vector<std::string> skipped;        // why a definition was left out: "tool 3 has no name"
  std::optional<std::string> next_cursor;  // unescaped
};

// `result` is the raw result of tools/list, padded. Fails with Code::upstream when it is none, with
// Code::quota when it has more than limits::catalogue_tools_count_max definitions.
[[nodiscard]] Result<ToolPage> parse_tool_page(std::string_view result);

}  // namespace toolgate::mcp
