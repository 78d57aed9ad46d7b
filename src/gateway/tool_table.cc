#include "gateway/tool_table.h"

#include <algorithm>

#include "json/scan.h"
#include "mcp/protocol.h"
#include "targets/kinds.h"

namespace toolgate::gateway {
namespace {

// A schema's properties within properties; what stands deeper is not looked for.
constexpr int schema_depth_max = 8;
// Larger schemas are compiled at once: at a call they would hold up the thread's other calls.
constexpr std::size_t lazy_schema_bytes_max = 16 * 1024;

void add_secret_members(const Json& schema, std::set<std::string>& names, int depth) {
  if (depth > schema_depth_max || !schema.is_object()) return;
  for (const char* below : {"items", "additionalProperties"}) {
    if (const Json* inner = json::find(schema, below)) add_secret_members(*inner, names, depth + 1);
  }
  const Json* properties = json::find(schema, "properties");
  if (properties == nullptr || !properties->is_object()) return;
  for (const auto& [name, property] : properties->get_object()) {
    if (!property.is_object()) continue;
    const bool marked = json::find_bool(property, "writeOnly") == true ||
                        json::find_string(property, "format") == "password";
    if (marked) names.emplace(name);
    add_secret_members(property, names, depth + 1);
  }
}

std::optional<json::Schema> compiled(std::string_view schema) {
  auto made = json::Schema::compile(schema);
  if (!made) return std::nullopt;
  return *std::move(made);
}

// Most schemas mark nothing: those are not parsed.
void add_secret_members(std::string_view schema, std::set<std::string>& names) {
  if (schema.find("writeOnly") == std::string_view::npos &&
      schema.find("\"password\"") == std::string_view::npos) {
    return;
  }
  if (const auto parsed = json::parse(schema)) add_secret_members(*parsed, names, 0);
}

// The names do not move any more when tools refer to them.
Result<void> reserve(ToolTable& table, const std::vector<mcp::ToolDefinition>& tools) {
  // What a name may become when it is printed, and what stands around it.
  constexpr std::size_t printed_most = 6;
  constexpr std::string_view around = R"({"name":"",},)";
  std::size_t names = 0;
  std::size_t definitions = 0;
  for (const auto& tool : tools) {
    const std::size_t name = table.prefix.size() + tool.name.size();
    names += name;
    definitions += around.size() + printed_most * name + tool.rest.size();
  }
  if (definitions > Definitions::bytes_max) {
    return fail(Code::too_large, "the tools' definitions: expected at most 4 GiB together");
  }
  table.tools.reserve(tools.size());
  table.names.reserve(names);
  return {};
}

std::string_view add_name(ToolTable& table, std::string_view own_name) {
  const std::size_t begin = table.names.size();
  table.names += table.prefix;
  table.names += own_name;
  return std::string_view{table.names}.substr(begin);
}

}  // namespace

std::size_t ToolTable::after(std::string_view name) const {
  const auto place =
      std::ranges::upper_bound(tools, name, {}, [](const Tool& t) { return t.name; });
  return static_cast<std::size_t>(place - tools.begin());
}

Said ToolTable::said_of(const Tool& tool, Definitions::Reader& reader) const {
  Said said;
  std::string definition;
  reader.append_to(definition, definitions, tool.definition);
  json::Scanner scan{definition};
  json::Text key;
  json::Text text;
  std::string_view raw;
  scan.enter('{');
  while (scan.next_member(key)) {
    if (scan.peek() == '"' && json::equals(key, "description")) {
      if (scan.string(text)) said.description = *unescape(text, json::Surrogates::replace);
    } else if (scan.skip(raw) && json::equals(key, "inputSchema")) {
      said.input_schema = raw;
    }
  }
  return said;
}

const std::optional<json::Schema>& ToolTable::schema_of(const Tool& tool) const {
  if (const auto* made = tool.schema.get()) return *made;
  Definitions::Reader reader;
  return tool.schema.keep(compiled(said_of(tool, reader).input_schema));
}

Result<std::shared_ptr<const ToolTable>> make_tool_table(const store::Key& target,
                                                         const credentials::Owner& owner,
                                                         const Json& document,
                                                         std::vector<mcp::ToolDefinition> tools) {
  const Json* configuration = json::find(document, "targetConfiguration");
  const auto name = json::find_string(document, "name");
  if (configuration == nullptr || !name) return fail(Code::internal, "a target without members");
  auto table = std::make_shared<ToolTable>();
  table->target_id = target.id;
  table->prefix = std::string{*name} + std::string{mcp::name_separator};
  const model::Place place{.account = target.account, .region = target.region};
  TRY(table->need, credentials::Credentials::compile(
                       owner, json::find(document, "credentialProviderConfigurations")));
  TRY(const auto* kind, targets::kind_of(*configuration));
  table->kind = static_cast<std::size_t>(kind - targets::kinds().data());
  TRY(auto adapter, targets::open({.id = target.id,
                                   .name = std::string{*name},
                                   .configuration = *configuration,
                                   .place = place}));
  table->adapter = std::move(adapter);
  table->propagation = targets::read_propagation(json::find(document, "metadataConfiguration"));
  table->owner = owner;
  for (auto& permission : table->adapter->permissions()) {
    if (permission.needed_for != targets::Permission::For::calls) continue;
    table->permissions.push_back(std::move(permission));
  }

  std::ranges::sort(tools, {}, &mcp::ToolDefinition::name);
  TRY_DO(reserve(*table, tools));
  std::string printed;
  for (const auto& definition : tools) {
    Tool& tool = table->tools.emplace_back();
    tool.name = add_name(*table, definition.name);
    printed = R"({"name":)";
    json::quote_to(printed, tool.name);
    if (!definition.rest.empty()) {
      printed += ',';
      printed += definition.rest;
    }
    printed += '}';
    tool.definition = table->definitions.add(printed);
    add_secret_members(definition.input_schema, table->secret_members);
    if (definition.input_schema.size() > lazy_schema_bytes_max) {
      tool.schema.keep(compiled(definition.input_schema));
    }
    TRY(tool.recipe, table->adapter->prepare(definition));
  }
  table->definitions.close();
  return table;
}

}  // namespace toolgate::gateway
