#include "gateway/tool_table.h"

#include <algorithm>

#include "mcp/protocol.h"
#include "targets/kinds.h"

namespace toolgate::gateway {

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
