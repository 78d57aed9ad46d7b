#include "targets/smithy/tools.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/limits.h"
#include "mcp/protocol.h"
#include "targets/smithy/plain_text.h"
#include "targets/smithy/recipe.h"
#include "targets/smithy/schema.h"

namespace toolgate::targets::smithy {
namespace {

constexpr std::size_t description_bytes_max = 4'000;
constexpr std::size_t tool_name_bytes_max = 256;  // AWS quota, prefix included

// Why an operation's input or output can not be one JSON value.
std::optional<std::string> streams(const Shape* part, std::string_view side) {
  if (part == nullptr) return std::nullopt;
  for (const auto& member : part->members) {
    if (!member.target->streaming) continue;
    return member.target->type == Type::union_of
               ? fmt::format("its {} is an event stream (member {})", side, member.name)
               : fmt::format("its {} streams bytes (member {})", side, member.name);
  }
  return std::nullopt;
}

std::optional<std::string> why_not(const Shape* part, std::string_view side) {
  if (auto why = streams(part, side)) return why;
  if (part != nullptr && reach(*part, shapes_per_tool_max).size() > shapes_per_tool_max) {
    return fmt::format("its {} holds more than {} shapes", side, shapes_per_tool_max);
  }
  return std::nullopt;
}

JsonObject annotations_of(const Shape& operation) {
  JsonObject out;
  if (trait(operation.traits, "smithy.api#readonly") != nullptr) out["readOnlyHint"] = true;
  if (trait(operation.traits, "smithy.api#idempotent") != nullptr) out["idempotentHint"] = true;
  return out;
}

mcp::ToolDefinition definition_of(const Model& model, const Shape& operation) {
  mcp::ToolDefinition tool{.name = std::string{operation.name()}};
  tool.description =
      plain_text(text_trait(operation.traits, "smithy.api#documentation"), description_bytes_max);
  tool.input_schema = json::print(input_schema(part_of(model, operation, "input")));
  if (!tool.description.empty()) {
    tool.rest = R"("description":)" + json::quote(tool.description) + ',';
  }
  tool.rest += R"("inputSchema":)" + tool.input_schema;
  tool.rest +=
      R"(,"outputSchema":)" + json::print(output_schema(part_of(model, operation, "output")));
  if (auto annotations = annotations_of(operation); !annotations.empty()) {
    tool.rest += R"(,"annotations":)" + json::print(annotations);
  }
  return tool;
}

class ToolMaker {
 public:
  ToolMaker(const Model& model, const Service& service, const ToolSettings& settings)
      : model_{model}, service_{service}, settings_{settings} {}

  Result<Catalogue> all() {
    for (const Shape* operation : service_.operations) {
      auto tool = one(*operation);
      if (!tool) {
        out_.skipped.push_back(
            {.what = std::string{operation->name()}, .why = std::move(tool.error().message)});
        continue;
      }
      bytes_ += tool->rest.size() + tool->input_schema.size() + tool->recipe.size();
      if (bytes_ > tools_bytes_max || out_.tools.size() == limits::catalogue_tools_count_max) {
        return fail(Code::quota,
                    fmt::format("Smithy model: its tools come to more than {} MB or "
                                "{} tools, the limits of one target",
                                tools_bytes_max / 1024 / 1024, limits::catalogue_tools_count_max));
      }
      out_.tools.push_back(*std::move(tool));
    }
    if (out_.tools.empty()) {
      return fail(
          Code::invalid,
          out_.skipped.empty()
              ? fmt::format("Smithy model: service {} has no operations", service_.shape->id)
              : fmt::format("Smithy model: no operation can be a tool: {}: {}",
                            out_.skipped[0].what, out_.skipped[0].why));
    }
    return std::move(out_);
  }

 private:
  Result<mcp::ToolDefinition> one(const Shape& operation) {
    const auto full =
        settings_.target_name.size() + mcp::name_separator.size() + operation.name().size();
    if (full > tool_name_bytes_max) {
      return fail(Code::invalid, "the name with its prefix is longer than 256 characters");
    }
    for (const std::string_view side : {"input", "output"}) {
      if (auto why = why_not(part_of(model_, operation, side), side)) {
        return fail(Code::invalid, *std::move(why));
      }
    }
    TRY(std::string recipe, make_recipe({.model = model_,
                                         .service = service_,
                                         .operation = operation,
                                         .region = settings_.region,
                                         .budget = budget_}));
    // The data plane reads it again, and must not be the one to find a fault.
    if (auto ready = Operation::parse(recipe); !ready) {
      return std::unexpected(std::move(ready).error());
    }
    mcp::ToolDefinition tool = definition_of(model_, operation);
    if (std::max(tool.rest.size(), recipe.size()) > limits::tool_definition_bytes_max) {
      return fail(Code::invalid, "its definition is longer than 1 MB");
    }
    tool.recipe = std::move(recipe);
    return tool;
  }

  const Model& model_;
  const Service& service_;
  const ToolSettings& settings_;
  RuleBudget budget_ = conditions_per_model_max;
  std::size_t bytes_ = 0;
  Catalogue out_;
};

}  // namespace

Result<Catalogue> tools_of(std::string_view model, const ToolSettings& settings) {
  TRY(const auto read, Model::parse(model));
  TRY(const Service service, read_service(*read));
  return ToolMaker{*read, service, settings}.all();
}

}  // namespace toolgate::targets::smithy
