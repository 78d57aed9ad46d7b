#include "targets/lambda/tool_schema.h"

#include <unordered_set>

#include <fmt/format.h>

#include "base/limits.h"
#include "json/schema.h"
#include "mcp/protocol.h"

namespace toolgate::targets::lambda {
namespace {

// AWS quota "tool name character limit", prefix included.
constexpr std::size_t tool_name_bytes_max = 256;

std::unexpected<Error> wrong(std::string_view path, std::string_view what) {
  return fail(Code::invalid, fmt::format("{}: {}", path, what));
}

Result<std::string> read_schema(const Json& schema, std::string_view path) {
  if (!schema.is_object()) return wrong(path, "expected an object");
  if (json::find_string(schema, "type") != "object") {
    return wrong(path, "its type must be object: the arguments of a tool are one");
  }
  std::string text = json::print(schema);
  if (auto compiled = json::Schema::compile(text); !compiled) {
    return wrong(path, compiled.error().message);
  }
  return text;
}

Result<mcp::ToolDefinition> read_tool(const Json& tool, std::string_view path,
                                      std::string_view target_name) {
  if (!tool.is_object()) return wrong(path, "expected an object");
  mcp::ToolDefinition out;
  const auto name = json::find_string(tool, "name");
  if (!name || name->empty()) return wrong(fmt::format("{}.name", path), "is missing");
  if (target_name.size() + mcp::name_separator.size() + name->size() > tool_name_bytes_max) {
    return wrong(fmt::format("{}.name", path),
                 "with the target's name in front it is longer than 256 characters");
  }
  out.name = *name;
  const auto description = json::find_string(tool, "description");
  if (!description) return wrong(fmt::format("{}.description", path), "is missing");
  out.description = *description;
  const Json* input = json::find(tool, "inputSchema");
  if (input == nullptr) return wrong(fmt::format("{}.inputSchema", path), "is missing");
  TRY(out.input_schema, read_schema(*input, fmt::format("{}.inputSchema", path)));
  out.rest = R"("description":)";
  json::quote_to(out.rest, out.description);
  out.rest += R"(,"inputSchema":)" + out.input_schema;
  if (const Json* output = json::find(tool, "outputSchema"); output && !output->is_null()) {
    TRY(const std::string text, read_schema(*output, fmt::format("{}.outputSchema", path)));
    out.rest += R"(,"outputSchema":)" + text;
    out.recipe = text;
  }
  if (out.rest.size() > limits::tool_definition_bytes_max) {
    return wrong(path, fmt::format("is larger than {} bytes", limits::tool_definition_bytes_max));
  }
  return out;
}

}  // namespace

Result<Catalogue> read_tools(const JsonArray& list, std::string_view path,
                             std::string_view target_name) {
  if (list.size() > limits::catalogue_tools_count_max) {
    return wrong(path, fmt::format("holds more than {} tools", limits::catalogue_tools_count_max));
  }
  Catalogue catalogue;
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    TRY(auto tool, read_tool(list[i], at, target_name));
    if (!names.insert(tool.name).second) {
      return wrong(at + ".name", fmt::format("'{}' is the name of an earlier tool", tool.name));
    }
    catalogue.tools.push_back(std::move(tool));
  }
  return catalogue;
}

Result<Catalogue> read_tools(std::string_view document, std::string_view path,
                             std::string_view target_name) {
  const auto parsed = json::parse(document);
  if (!parsed) return wrong(path, "is no JSON: " + parsed.error().message);
  if (!parsed->is_array()) return wrong(path, "expected a JSON array of tools");
  return read_tools(parsed->get_array(), path, target_name);
}

}  // namespace toolgate::targets::lambda
