#include "gateway/tool_table.h"

#include <algorithm>

#include "mcp/protocol.h"
#include "targets/kinds.h"

namespace toolgate::gateway {
namespace {

// A schema's properties within properties; what stands deeper is not looked for.
constexpr int schema_depth_max = 8;

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

// Most schemas mark nothing: those are not parsed.
void add_secret_members(std::string_view schema, std::set<std::string>& names) {
  if (schema.find("writeOnly") == std::string_view::npos &&
      schema.find("\"password\"") == std::string_view::npos) {
    return;
  }
  if (const auto parsed = json::parse(schema)) add_secret_members(*parsed, names, 0);
}

}  // namespace

std::size_t ToolTable::after(std::string_view name) const {
  const auto place = std::ranges::upper_bound(
      tools, name, {}, [](const Tool& t) { return std::string_view{t.name}; });
  return static_cast<std::size_t>(place - tools.begin());
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
  table->tools.reserve(tools.size());
  for (const auto& definition : tools) {
    Tool& tool = table->tools.emplace_back();
    tool.name = table->prefix + definition.name;
    if (!table->definitions.empty()) table->definitions += ',';
    tool.begin = table->definitions.size();
    table->definitions += R"({"name":)";
    json::quote_to(table->definitions, tool.name);
    if (!definition.rest.empty()) {
      table->definitions += ',';
      table->definitions += definition.rest;
    }
    table->definitions += '}';
    tool.end = table->definitions.size();
    add_secret_members(definition.input_schema, table->secret_members);
    if (auto schema = json::Schema::compile(definition.input_schema)) tool.schema = *schema;
    TRY(tool.recipe, table->adapter->prepare(definition));
  }
  // Only now: the views point into strings that do not move any more.
  for (auto& tool : table->tools) {
    tool.own_name = std::string_view{tool.name}.substr(table->prefix.size());
  }
  table->source = std::move(tools);
  return table;
}

}  // namespace toolgate::gateway
