#include "targets/openapi/answers.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "targets/http_result.h"
#include "targets/openapi/flat_object.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::size_t output_schema_bytes_max = 32 * 1024;
constexpr std::size_t accepted_types_count_max = 6;

// The content of each answer of success: null for one without.
std::vector<const JsonObject*> contents_of(const Json& operation, const References& references) {
  std::vector<const JsonObject*> contents;
  const Json* responses = json::find(operation, "responses");
  if (responses == nullptr || !responses->is_object()) return contents;
  for (const auto& member : responses->get_object()) {
    if (!member.key().starts_with('2')) continue;
    const auto place = references.resolve({.value = &member.value(), .pointer = {}});
    const Json* content = place ? json::find(*place->value, "content") : nullptr;
    const bool some = content != nullptr && content->is_object() && !content->get_object().empty();
    contents.push_back(some ? &content->get_object() : nullptr);
  }
  return contents;
}

bool is_sendable(std::string_view type) {
  return !type.empty() && std::ranges::all_of(type, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::string accept_of(const Json& operation, const References& references) {
  std::vector<std::string> types;
  for (const JsonObject* content : contents_of(operation, references)) {
    if (content == nullptr) continue;
    for (const auto& media : *content) {
      std::string type = media_type_of(media.key());
      if (!is_sendable(type) || std::ranges::find(types, type) != types.end()) continue;
      types.push_back(std::move(type));
    }
  }
  if (types.empty()) return "application/json, */*;q=0.5";
  std::vector<std::string> ordered;
  for (const bool json_first : {true, false}) {
    for (const auto& type : types) {
      if (is_json_type(type) == json_first) ordered.push_back(type);
    }
  }
  if (ordered.size() > accepted_types_count_max) ordered.resize(accepted_types_count_max);
  return join(ordered, ", ");
}

Output output_of(const Json& operation, const References& references, Schemas& schemas) {
  const auto contents = contents_of(operation, references);
  if (contents.size() != 1 || contents.front() == nullptr) return {};
  const JsonObject& content = *contents.front();
  const bool only_json = std::ranges::all_of(
      content, [](const auto& media) { return is_json_type(media_type_of(media.key())); });
  if (!only_json) return {};
  const Json* schema = json::find(content.begin()->value(), "schema");
  if (schema == nullptr || !is_object_schema(*schema, references)) return {};
  const auto place = references.resolve({.value = schema, .pointer = {}});
  if (!place) return {};

  Uses uses;
  const Json documented = schemas.convert(*place->value, uses);
  // APIs answer with more, less and other things than their documents say, and MCP clients drop a
  // result that does not fit: the document describes it, any object fits.
  Output output{.schema = R"({"type":"object","anyOf":[)" + json::print(documented) + ",{}]",
                .too_large = false};
  bool cut = false;
  output.schema += schemas.definitions(uses, output_schema_bytes_max, cut) + '}';
  if (!uses.problem.empty()) return {};
  if (cut || output.schema.size() > output_schema_bytes_max)
    return {.schema = {}, .too_large = true};
  return output;
}

}  // namespace toolgate::targets::openapi
