#include "targets/openapi/operation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "targets/openapi/answers.h"
#include "targets/openapi/arguments.h"
#include "targets/openapi/parameters.h"
#include "targets/openapi/recipe.h"
#include "targets/openapi/request_body.h"
#include "targets/openapi/servers.h"

namespace toolgate::targets::openapi {
namespace {

// A tool's schema goes into a model's context: beyond this its definitions are cut.
constexpr std::size_t input_schema_bytes_max = 128 * 1024;
// With what definitions cannot save.
constexpr std::size_t input_bytes_max = 512 * 1024;

// OpenAPI 3.0: requestBody is ignored where HTTP gives it no meaning.
bool may_have_body(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

// MCP 2025-11-25, ToolAnnotations: hints by what HTTP says of the method (RFC 9110, 9.2).
JsonObject annotations_of(std::string_view method) {
  const bool reads = !may_have_body(method);
  JsonObject out{{"readOnlyHint", reads}};
  if (reads) return out;
  out["destructiveHint"] = method != "POST";
  out["idempotentHint"] = method == "PUT" || method == "DELETE";
  return out;
}

std::string description_of(const Operation& operation, std::string_view given) {
  const Json& what = *operation.operation;
  std::string text{given};
  for (const std::string_view word : {"description", "summary"}) {
    if (trim(text).empty()) text = json::find_string(what, word).value_or("");
  }
  for (const std::string_view word : {"description", "summary"}) {
    if (trim(text).empty()) text = json::find_string(*operation.item, word).value_or("");
  }
  if (trim(text).empty()) text = operation.label();
  if (json::find_bool(what, "deprecated") == true) text += " (deprecated)";
  return text;
}

std::string printed_rest(const Operation& operation, const mcp::ToolDefinition& tool,
                         std::string_view output) {
  std::string rest;
  if (const auto title = json::find_string(*operation.operation, "summary")) {
    if (!trim(*title).empty()) rest += R"("title":)" + json::quote(*title) + ',';
  }
  rest += R"("description":)" + json::quote(tool.description);
  rest += R"(,"inputSchema":)" + tool.input_schema;
  if (!output.empty()) {
    rest += R"(,"outputSchema":)";
    rest += output;
  }
  rest += R"(,"annotations":)" + json::print(annotations_of(operation.method));
  return rest;
}

}  // namespace

Result<MadeTool> make_tool(Workshop& workshop, const Operation& operation, std::string name,
                           std::string_view description) {
  TRY(const std::string server,
      server_url(workshop.references.root(), *operation.item, *operation.operation));
  Arguments arguments;
  RecipeDraft draft{.method = operation.method,
                    .url = server + path_template(operation.path),
                    .accept = accept_of(*operation.operation, workshop.references),
                    .parameters = {},
                    .body = {}};
  TRY(draft.parameters, take_parameters(operation, workshop, arguments));
  const Json* body = json::find(*operation.operation, "requestBody");
  if (body != nullptr && may_have_body(operation.method)) {
    TRY(draft.body, take_body(*body, workshop.references, workshop.requests, arguments));
  }
  MadeTool made;
  made.tool.name = std::move(name);
  made.tool.description = description_of(operation, description);
  made.tool.input_schema =
      arguments.text(workshop.requests, input_schema_bytes_max, made.schema_cut);
  if (!arguments.uses.problem.empty()) {
    return fail(Code::invalid, "its parameters or its body: " + arguments.uses.problem);
  }
  if (made.tool.input_schema.size() > input_bytes_max) {
    return fail(Code::invalid, fmt::format("its input schema would have {} bytes; at most {} are "
                                           "taken",
                                           made.tool.input_schema.size(), input_bytes_max));
  }
  const Output output = output_of(*operation.operation, workshop.references, workshop.answers);
  made.output_left_out = output.too_large;
  made.tool.rest = printed_rest(operation, made.tool, output.schema);
  made.tool.recipe = recipe_text(draft);
  // One that cannot be read would take the whole target with it, and later.
  if (const auto read = read_recipe(made.tool.recipe); !read) {
    return fail(Code::invalid, "its path or its server cannot be called: " + read.error().message);
  }
  return made;
}

}  // namespace toolgate::targets::openapi
