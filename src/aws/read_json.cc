// JSON of requests as inputs, by the shapes of the contract.
#include <fmt/format.h>

#include "aws/input.h"
#include "aws/scalars.h"

namespace toolgate::aws {
namespace {

std::string step(std::string_view path, std::string_view name) {
  return path.empty() ? std::string{name} : fmt::format("{}.{}", path, name);
}

Result<Json> read_structure(const Shape& shape, const JsonObject& wire, std::string_view path) {
  JsonObject out;
  for (const auto& member : shape.members) {
    if (member.place != Place::body) continue;
    const Json* given = wire.if_contains(member.wire_name);
    if (given == nullptr || given->is_null()) continue;
    TRY(out[member.name], read_value(*member.shape, *given, step(path, member.name)));
  }
  return out;
}

Result<Json> read_list(const Shape& shape, const JsonArray& wire, std::string_view path) {
  JsonArray out;
  out.reserve(wire.size());
  for (std::size_t i = 0; i < wire.size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    if (wire[i].is_null()) return cannot_read(at, "a value, not null");
    TRY(auto item, read_value(*shape.element->shape, wire[i], at));
    out.push_back(std::move(item));
  }
  return out;
}

Result<Json> read_map(const Shape& shape, const JsonObject& wire, std::string_view path) {
  JsonObject out;
  for (const auto& [key, given] : wire) {
    if (given.is_null()) continue;
    TRY(out[key], read_value(*shape.element->shape, given, step(path, key)));
  }
  return out;
}

}  // namespace

Result<Json> read_value(const Shape& shape, const Json& wire, std::string_view path) {
  switch (shape.type) {
    case Type::document: return wire;
    case Type::structure:
      if (const auto* object = wire.if_object()) return read_structure(shape, *object, path);
      return cannot_read(path, "an object");
    case Type::list:
      if (const auto* array = wire.if_array()) return read_list(shape, *array, path);
      return cannot_read(path, "a list");
    case Type::map:
      if (const auto* object = wire.if_object()) return read_map(shape, *object, path);
      return cannot_read(path, "an object");
    default: return scalar_from_json(shape, wire, path);
  }
}

Result<Json> read_json_body(const OperationShape& operation, std::string_view body) {
  Json wire = JsonObject{};
  if (!body.empty()) {
    auto parsed = json::parse(body);
    if (!parsed) {
      parsed.error().name = "SerializationException";
      return parsed;
    }
    wire = std::move(*parsed);
  }
  if (!wire.is_object()) return cannot_read("", "a JSON object");
  if (operation.input == nullptr) return Json(JsonObject{});
  return read_value(*operation.input, wire, "");
}

}  // namespace toolgate::aws
