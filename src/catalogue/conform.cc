#include "catalogue/conform.h"

#include <array>
#include <vector>

#include "json/scan.h"

namespace toolgate::catalogue {
namespace {

using json::Scanner;
using json::Text;

// The optional members whose JSON type MCP fixes (2025-11-25, schema, Tool), and how each begins.
struct Optional {
  std::string_view name;
  char begins;
};
constexpr std::array<Optional, 6> optional_members{{{"title", '"'},
                                                    {"description", '"'},
                                                    {"icons", '['},
                                                    {"annotations", '{'},
                                                    {"execution", '{'},
                                                    {"_meta", '{'}}};

enum class RootType : unsigned char { missing, object, other };

// The "type" at the root of a schema, an object that has been checked to be JSON. Of two, readers
// take the last.
RootType root_type(std::string_view schema) {
  auto found = RootType::missing;
  Scanner scan{schema};
  Text key;
  std::string_view value;
  scan.enter('{');
  while (scan.next_member(key) && scan.skip(value)) {
    if (!json::equals(key, "type")) continue;
    const auto text = json::as_text(value);
    found = text && json::equals(*text, "object") ? RootType::object : RootType::other;
  }
  return found;
}

std::string with_type(std::string_view schema) {
  const std::string_view members = schema.substr(1);
  const bool empty = members[members.find_first_not_of(" \t\r\n")] == '}';
  std::string out{R"({"type":"object")"};
  if (!empty) out += ',';
  out += members;
  return out;
}

bool must_go(const Text& key, std::string_view value) {
  if (json::equals(key, "outputSchema")) {
    return !value.starts_with('{') || root_type(value) != RootType::object;
  }
  for (const auto& member : optional_members) {
    if (json::equals(key, member.name)) return !value.starts_with(member.begins);
  }
  return false;
}

}  // namespace

std::optional<std::string_view> conform(mcp::ToolDefinition& tool) {
  const auto type = root_type(tool.input_schema);
  if (type == RootType::other) return "its inputSchema is not of type \"object\"";

  const std::string whole = '{' + tool.rest + '}';
  std::string rest;
  bool changed = false;
  Scanner scan{whole};
  Text key;
  std::string_view value;
  scan.enter('{');
  while (scan.next_member(key)) {
    const char* const quote = key.raw.data() - 1;
    if (!scan.skip(value)) return "its definition is no JSON";
    if (must_go(key, value)) {
      changed = true;
      continue;
    }
    if (!rest.empty()) rest += ',';
    rest.append(quote, value.data());
    if (type == RootType::missing && json::equals(key, "inputSchema")) {
      changed = true;
      tool.input_schema = with_type(value);
      rest += tool.input_schema;
    } else {
      rest += value;
    }
  }
  if (changed) tool.rest = std::move(rest);
  return std::nullopt;
}

void conform(targets::Catalogue& catalogue) {
  std::vector<mcp::ToolDefinition> fitting;
  fitting.reserve(catalogue.tools.size());
  for (auto& tool : catalogue.tools) {
    if (const auto why = conform(tool)) {
      catalogue.skipped.push_back({.what = tool.name, .why = std::string{*why}});
    } else {
      fitting.push_back(std::move(tool));
    }
  }
  catalogue.tools = std::move(fitting);
}

}  // namespace toolgate::catalogue
