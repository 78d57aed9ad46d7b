#include "mcp/tools.h"

#include <expected>

#include <fmt/format.h>

#include "base/limits.h"
#include "json/scan.h"

namespace toolgate::mcp {
namespace {

using json::Scanner;
using json::Text;

std::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::upstream, fmt::format("the server's tools/list result is wrong: {}", why));
}

// The definition without the member whose bytes begin at `from` (its key's quote) and end at `to`
// (after its value), and without the braces and the comma that this leaves behind.
std::string without(std::string_view definition, const char* from, const char* to) {
  constexpr std::string_view space = " \t\r\n";
  const char* const begin = definition.data() + 1;
  const char* const end = definition.data() + definition.size() - 1;
  std::string_view before{begin, static_cast<std::size_t>(from - begin)};
  std::string_view after{to, static_cast<std::size_t>(end - to)};
  const auto comma = after.find_first_not_of(space);
  const bool more = comma != after.npos;
  if (more) after.remove_prefix(comma + 1);
  if (const auto last = before.find_last_not_of(space); last != before.npos) {
    before = before.substr(0, more ? last + 1 : last);  // keeps its comma when more follows
  }
  std::string rest{before};
  rest += after;
  return rest;
}

struct Members {
  Text name, description;
  std::string_view input_schema;
  const char* name_from = nullptr;
  const char* name_to = nullptr;
  std::string_view twice;
};

void note(std::string_view& twice, bool seen, Text key) {
  if (seen) twice = key.raw;
}

void read_members(std::string_view definition, Members& members) {
  Scanner scan{definition};
  Text key;
  std::string_view value;
  scan.enter('{');
  while (scan.next_member(key)) {
    const bool string = scan.peek() == '"';
    const char* const quote = key.raw.data() - 1;
    if (json::equals(key, "name")) {
      note(members.twice, members.name_from != nullptr, key);
      members.name_from = quote;
      if (!string || !scan.string(members.name)) scan.skip(value);
      members.name_to = scan.passed();
    } else if (json::equals(key, "description") && string) {
      note(members.twice, members.description.raw.data() != nullptr, key);
      scan.string(members.description);
    } else {
      scan.skip(value);
      if (!json::equals(key, "inputSchema")) continue;
      note(members.twice, members.input_schema.data() != nullptr, key);
      members.input_schema = value;
    }
  }
}

// One definition, an object that has been checked to be JSON. Says why when it is left out.
std::expected<ToolDefinition, std::string> read_tool(std::string_view definition) {
  if (definition.size() > limits::tool_definition_bytes_max) {
    return std::unexpected(
        fmt::format("is larger than {} bytes", limits::tool_definition_bytes_max));
  }
  Members members;
  read_members(definition, members);
  if (members.twice.data() != nullptr) {
    return std::unexpected(fmt::format("has the member '{}' twice", members.twice));
  }
  if (members.name.raw.empty()) return std::unexpected(std::string{"has no name"});
  auto name = json::unescape(members.name);
  if (!name) return std::unexpected(std::string{"has half of a surrogate pair in its name"});
  if (!members.input_schema.starts_with('{')) {
    return std::unexpected(fmt::format("('{}') has no inputSchema that is an object", *name));
  }
  return ToolDefinition{
      .name = *std::move(name),
      .description = *json::unescape(members.description, json::Surrogates::replace),
      .input_schema = std::string{members.input_schema},
      .rest = without(definition, members.name_from, members.name_to),
      .recipe = {}};
}

Result<void> read_tools(Scanner& scan, ToolPage& page) {
  std::string_view raw;
  scan.enter('[');
  for (std::size_t number = 1; scan.next_item(); ++number) {
    if (!scan.skip(raw)) break;
    if (number > limits::catalogue_tools_count_max) {
      return fail(Code::quota,
                  fmt::format("tool list: a page has more than {} tools, the limit of one target",
                              limits::catalogue_tools_count_max));
    }
    if (!raw.starts_with('{')) {
      page.skipped.push_back(fmt::format("tool {} is no object", number));
    } else if (auto tool = read_tool(raw)) {
      page.tools.push_back(*std::move(tool));
    } else {
      page.skipped.push_back(fmt::format("tool {} {}", number, tool.error()));
    }
  }
  return {};
}

}  // namespace

Result<ToolPage> parse_tool_page(std::string_view result) {
  if (!json::is_utf8(result)) return refuse("the text is not UTF-8");
  ToolPage page;
  bool tools = false;
  std::string_view cursor;
  Scanner scan{result};
  Text key;
  std::string_view value;
  scan.enter('{');
  while (scan.next_member(key)) {
    if (json::equals(key, "tools")) {
      if (tools) return refuse("'tools' stands there twice");
      tools = true;
      TRY_DO(read_tools(scan, page));
    } else if (scan.skip(value) && json::equals(key, "nextCursor")) {
      if (cursor.data() != nullptr) return refuse("'nextCursor' stands there twice");
      cursor = value;
    }
  }
  if (!scan.finish()) return refuse("invalid JSON at " + scan.problem());
  if (!tools) return refuse("'tools' is missing");
  if (const auto text = json::as_text(cursor)) {
    page.next_cursor = json::unescape(*text);
    if (!page.next_cursor) return refuse("'nextCursor' has half of a surrogate pair");
  } else if (!cursor.empty() && cursor != "null") {
    return refuse("'nextCursor' must be a string");
  }
  return page;
}

}  // namespace toolgate::mcp
