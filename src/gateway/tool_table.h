// One target's tools as the data plane needs them: routes, printed definitions, compiled schemas.
// Immutable; shared by every snapshot of its gateway until the target's catalogue changes.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "credentials/credentials.h"
#include "gateway/breaker.h"
#include "gateway/definitions.h"
#include "gateway/lazy_schema.h"
#include "mcp/tools.h"
#include "targets/target.h"

namespace toolgate::gateway {

// There may be a hundred thousand of them: what is asked of few is made when it is asked.
struct Tool {
  std::string_view name;                          // with the target's prefix; in ToolTable::names
  Definitions::Place definition;                  // in ToolTable::definitions
  LazySchema schema;                              // ToolTable::schema_of
  std::shared_ptr<const targets::Recipe> recipe;  // null where the adapter needs none
};

// What a definition says of its tool.
struct Said {
  std::string description;   // unescaped, may be empty
  std::string input_schema;  // raw; empty: there is none
};

struct ToolTable {
  std::string target_id;
  std::string prefix;    // "orders___"
  std::size_t kind = 0;  // of the target: its place in targets::kinds()
  std::shared_ptr<const targets::Target> adapter;
  credentials::Need need;
  credentials::Owner owner;
  std::shared_ptr<const targets::Propagation> propagation;  // null: nothing beside the arguments
  // The one thing that changes. A target that is changed or synchronised begins with a new one.
  std::shared_ptr<Breaker> breaker = std::make_shared<Breaker>();
  std::vector<targets::Permission> permissions;  // asked of the gateway's role before each call
  std::vector<Tool> tools;                       // by name
  std::string names;                             // of the tools, one after the other
  Definitions definitions;                       // with their full names, in order of `tools`
  // Members of arguments that a schema marks: "writeOnly": true, or "format": "password" (JSON
  // Schema 2020-12, "Validation" §9.4; OpenAPI 3.1, "Data Type Format"). Not logged.
  std::set<std::string> secret_members;

  // The first tool whose name is greater.
  [[nodiscard]] std::size_t after(std::string_view name) const;
  // The tool's name without the prefix.
  [[nodiscard]] std::string_view own_name(const Tool& tool) const {
    return tool.name.substr(prefix.size());
  }
  [[nodiscard]] Said said_of(const Tool& tool, Definitions::Reader& reader) const;
  // Nothing: it is not a schema, arguments pass unchecked. Compiled at the first call.
  [[nodiscard]] const std::optional<json::Schema>& schema_of(const Tool& tool) const;
};

// `owner` is the gateway, `document` the target's document, `tools` its catalogue. Fails when the
// configuration does not fit any more.
[[nodiscard]] Result<std::shared_ptr<const ToolTable>> make_tool_table(
    const store::Key& target, const credentials::Owner& owner, const Json& document,
    std::vector<mcp::ToolDefinition> tools);

}  // namespace toolgate::gateway
