#include "targets/smithy/schema.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "targets/smithy/plain_text.h"

namespace toolgate::targets::smithy {
namespace {

constexpr std::size_t member_text_bytes_max = 1'200;
// Deeper than this a shape that is used once stands in $defs too: documents have 64 levels at most.
constexpr int inline_depth_max = 6;

enum class Side : std::uint8_t { input, output };

// The range that a type's name promises.
struct IntegerRange {
  std::string_view simple;
  std::int64_t min, max;
};
constexpr std::array integer_ranges{
    IntegerRange{"byte", -128, 127},
    IntegerRange{"short", -32'768, 32'767},
    IntegerRange{"integer", -2'147'483'648, 2'147'483'647},
};

void copy_bounds(const Json* from, JsonObject& to, std::string_view min, std::string_view max) {
  if (from == nullptr) return;
  if (const Json* value = json::find(*from, "min"); value && value->is_number()) to[min] = *value;
  if (const Json* value = json::find(*from, "max"); value && value->is_number()) to[max] = *value;
}

class SchemaMaker {
 public:
  explicit SchemaMaker(Side side) : side_{side} {}

  JsonObject whole(const Shape& root) {
    for (const auto& each : reach(root, shapes_per_tool_max)) {
      if (each.times > 1) shared_.insert(each.shape);
    }
    JsonObject schema = structure(root, 0);
    JsonObject definitions;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {  // grows while it is worked off
      definitions[names_[wanted_[i]]] = aggregate(*wanted_[i], 1);
    }
    if (!definitions.empty()) schema["$defs"] = std::move(definitions);
    return schema;
  }

 private:
  JsonObject member(const Member& each, int depth) {
    const Shape& shape = *each.target;
    JsonObject out;
    const bool shared =
        shape.is_aggregate() && (shared_.contains(&shape) || depth > inline_depth_max);
    if (shared) {
      out["$ref"] = "#/$defs/" + name_of_definition(shape);
    } else if (shape.is_aggregate()) {
      out = aggregate(shape, depth);
    } else {
      out = simple(each);
    }
    if (side_ == Side::input) {
      describe(each, out);
      constrain(each.traits, shape, out);  // a member's own constraints win over its target's
    }
    return out;
  }

  void describe(const Member& each, JsonObject& out) {
    auto text = text_trait(each.traits, "smithy.api#documentation");
    if (text.empty() && !shared_.contains(each.target)) {
      text = text_trait(each.target->traits, "smithy.api#documentation");
    }
    std::string plain = plain_text(text, member_text_bytes_max);
    if (each.idempotency_token) {
      if (!plain.empty()) plain += ' ';
      plain += "Made when left out.";
    }
    if (!plain.empty()) out["description"] = plain;
    if (trait(each.traits, "smithy.api#deprecated") != nullptr) out["deprecated"] = true;
  }

  // Of an answer, every value may be null.
  JsonObject aggregate(const Shape& shape, int depth) {
    JsonObject out = shape.type == Type::list  ? list(shape, depth)
                     : shape.type == Type::map ? map(shape, depth)
                                               : structure(shape, depth);
    if (side_ == Side::output) out["type"] = JsonArray{out["type"], "null"};
    return out;
  }

  JsonObject structure(const Shape& shape, int depth) {
    JsonObject out{{"type", "object"}};
    JsonObject properties;
    JsonArray required;
    for (const auto& each : shape.members) {
      if (each.target->type == Type::union_of && each.target->streaming) continue;
      properties[each.name] = member(each, depth + 1);
      if (each.required && !each.idempotency_token) required.emplace_back(each.name);
    }
    out["properties"] = std::move(properties);
    if (side_ == Side::output) return out;
    if (shape.type == Type::union_of) {
      out["minProperties"] = 1;
      out["maxProperties"] = 1;
    } else if (!required.empty()) {
      out["required"] = std::move(required);
    }
    out["additionalProperties"] = false;
    return out;
  }

  JsonObject list(const Shape& shape, int depth) {
    JsonObject out{{"type", "array"},
                   {"items", nullable(shape, member(shape.members[0], depth + 1))}};
    if (side_ == Side::input) constrain(shape.traits, shape, out);
    return out;
  }

  JsonObject map(const Shape& shape, int depth) {
    JsonObject out{{"type", "object"},
                   {"additionalProperties", nullable(shape, member(shape.members[1], depth + 1))}};
    if (side_ == Side::output) return out;
    const Member& key = shape.members[0];
    JsonObject names = simple(key);
    constrain(key.traits, *key.target, names);
    names.erase("type");
    if (!names.empty()) out["propertyNames"] = std::move(names);
    constrain(shape.traits, shape, out);
    return out;
  }

  // Items of a sparse list or map may be null.
  Json nullable(const Shape& owner, JsonObject item) const {
    if (!owner.sparse || side_ == Side::output) return item;
    if (const Json* type = item.if_contains("type"); type && type->is_string()) {
      item["type"] = JsonArray{*type, "null"};
      if (Json* values = item.if_contains("enum"); values && values->is_array()) {
        values->get_array().emplace_back(nullptr);
      }
      return item;
    }
    if (item.empty()) return item;
    return JsonObject{{"anyOf", JsonArray{std::move(item), JsonObject{{"type", "null"}}}}};
  }

  JsonObject simple(const Member& each) {
    const Shape& shape = *each.target;
    JsonObject out = side_ == Side::input ? simple_input(each) : simple_output(shape);
    if (side_ == Side::input) constrain(shape.traits, shape, out);
    return out;
  }

  // XML has texts only: a number that is none stays a text. JSON has "NaN".
  static JsonObject simple_output(const Shape& shape) {
    switch (shape.type) {
      case Type::boolean:
        return {{"type", JsonArray{"boolean", "string", "null"}}};
      case Type::integer:
      case Type::int_enumeration:
      case Type::floating:
        return {{"type", JsonArray{"number", "string", "null"}}};
      case Type::timestamp:
        return {{"type", JsonArray{"string", "number", "null"}}};
      case Type::document:
        return {};
      default:
        return {{"type", JsonArray{"string", "null"}}};
    }
  }

  static JsonObject simple_input(const Member& each) {
    const Shape& shape = *each.target;
    switch (shape.type) {
      case Type::boolean:
        return {{"type", "boolean"}};
      case Type::floating:
        return {{"type", "number"}};
      case Type::document:
        return {};
      case Type::blob:
        return {{"type", "string"}, {"contentEncoding", "base64"}};
      case Type::timestamp:
        return {{"type", JsonArray{"string", "number"}}};
      case Type::integer:
      case Type::int_enumeration:
        return integer(shape);
      case Type::enumeration:
        return enumeration(shape);
      default:
        return string(shape);
    }
  }

  static JsonObject integer(const Shape& shape) {
    JsonObject out{{"type", "integer"}};
    const auto* const range =
        std::ranges::find(integer_ranges, shape.simple, &IntegerRange::simple);
    if (range != integer_ranges.end()) {
      if (range->max < 2'147'483'647) out["minimum"] = range->min;
      if (range->max < 2'147'483'647) out["maximum"] = range->max;
    }
    if (shape.type == Type::int_enumeration) out["enum"] = enum_values(shape);
    return out;
  }

  static JsonArray enum_values(const Shape& shape) {
    JsonArray values;
    for (const auto& each : shape.members) {
      const Json* value = trait(each.traits, "smithy.api#enumValue");
      values.push_back(value == nullptr ? Json(each.name) : *value);
    }
    return values;
  }

  static JsonObject enumeration(const Shape& shape) {
    JsonObject out{{"type", "string"}};
    if (JsonArray values = enum_values(shape); !values.empty()) out["enum"] = std::move(values);
    return out;
  }

  // Smithy 1.0 kept an enum in a trait of a string.
  static JsonObject string(const Shape& shape) {
    JsonObject out{{"type", "string"}};
    const Json* old = trait(shape.traits, "smithy.api#enum");
    if (old == nullptr || !old->is_array()) return out;
    JsonArray values;
    for (const auto& each : old->get_array()) {
      if (const auto value = json::find_string(each, "value")) values.emplace_back(*value);
    }
    if (!values.empty()) out["enum"] = std::move(values);
    return out;
  }

  static void constrain(const JsonObject* traits, const Shape& shape, JsonObject& out) {
    if (traits == nullptr) return;
    if (const Json* length = traits->if_contains("smithy.api#length")) {
      if (shape.type == Type::list) {
        copy_bounds(length, out, "minItems", "maxItems");
      } else if (shape.type == Type::map) {
        copy_bounds(length, out, "minProperties", "maxProperties");
      } else if (shape.type == Type::blob) {
        blob_bounds(*length, out);
      } else {
        copy_bounds(length, out, "minLength", "maxLength");
      }
    }
    copy_bounds(traits->if_contains("smithy.api#range"), out, "minimum", "maximum");
    const auto pattern = text_trait(traits, "smithy.api#pattern");
    if (!pattern.empty()) out["pattern"] = pattern;
    if (traits->contains("smithy.api#uniqueItems")) out["uniqueItems"] = true;
  }

  // The model counts bytes, the argument is their base64.
  static void blob_bounds(const Json& length, JsonObject& out) {
    if (const auto min = json::find_int(length, "min"); min && *min > 0 && *min < (1LL << 40)) {
      out["minLength"] = (*min * 4 + 2) / 3;
    }
    if (const auto max = json::find_int(length, "max"); max && *max >= 0 && *max < (1LL << 40)) {
      out["maxLength"] = (*max + 2) / 3 * 4;
    }
  }

  const std::string& name_of_definition(const Shape& shape) {
    const auto found = names_.find(&shape);
    if (found != names_.end()) return found->second;
    std::string name{shape.name()};
    while (!taken_.insert(name).second) name += '_';  // two namespaces may share a name
    wanted_.push_back(&shape);
    return names_.emplace(&shape, std::move(name)).first->second;
  }

  Side side_;
  std::unordered_set<const Shape*> shared_;
  std::unordered_map<const Shape*, std::string> names_;
  std::unordered_set<std::string> taken_;
  std::vector<const Shape*> wanted_;
};

JsonObject empty_object() { return {{"type", "object"}, {"properties", JsonObject{}}}; }

}  // namespace

std::vector<Reached> reach(const Shape& from, std::size_t count_max) {
  std::vector<Reached> out{{&from, 1}};
  std::unordered_map<const Shape*, std::size_t> places{{&from, 0}};
  for (std::size_t i = 0; i < out.size() && out.size() <= count_max; ++i) {
    for (const auto& member : out[i].shape->members) {
      if (!member.target->is_aggregate()) continue;
      const auto [place, is_new] = places.try_emplace(member.target, out.size());
      if (is_new) {
        out.push_back({member.target, 1});
      } else {
        ++out[place->second].times;
      }
    }
  }
  return out;
}

JsonObject input_schema(const Shape* input) {
  if (input == nullptr) {
    auto schema = empty_object();
    schema["additionalProperties"] = false;
    return schema;
  }
  return SchemaMaker{Side::input}.whole(*input);
}

JsonObject output_schema(const Shape* output) {
  if (output == nullptr) return empty_object();
  return SchemaMaker{Side::output}.whole(*output);
}

}  // namespace toolgate::targets::smithy
