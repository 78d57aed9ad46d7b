#include "targets/openapi/schemas.h"

#include <algorithm>
#include <array>

#include "json/members.h"
#include "targets/openapi/schema_keywords.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::array<std::string_view, 7> types{"string", "number", "integer", "boolean",
                                                "object", "array",  "null"};
// What a schema costs, beside its values (References::spend), and text that is only copied.
constexpr std::size_t values_a_schema = 3;
constexpr std::size_t copied_bytes_a_value = 512;
// A definition's name; longer ones are cut.
constexpr std::size_t name_bytes_max = 64;

bool is_type(const Json& value) {
  return value.is_string() &&
         std::ranges::find(types, std::string_view{value.get_string()}) != types.end();
}

void add_unique(JsonArray& list, Json item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(std::move(item));
}

// "int" and the like, which validators would refuse, are no types.
void convert_type(const Json& type, JsonObject& out) {
  if (is_type(type)) {
    out["type"] = type;
    return;
  }
  const auto* list = type.if_array();
  if (list == nullptr) return;
  JsonArray known;
  for (const auto& item : *list) {
    if (is_type(item)) add_unique(known, item);
  }
  if (known.size() == 1) {
    out["type"] = known.front();
  } else if (!known.empty()) {
    out["type"] = std::move(known);
  }
}

void admit_null(JsonObject& out) {
  if (Json* type = out.if_contains("type")) {
    JsonArray list = type->is_array() ? type->get_array() : JsonArray{*type};
    add_unique(list, "null");
    *type = std::move(list);
  }
  if (Json* values = out.if_contains("enum")) add_unique(values->get_array(), nullptr);
}

bool is_composed(const JsonObject& schema) {
  return std::ranges::any_of(
      std::array<std::string_view, 6>{"$ref", "allOf", "anyOf", "oneOf", "not", "const"},
      [&](auto word) { return schema.contains(word); });
}

// nullable (OpenAPI 3.0). Beside a composition, which may refuse null, it is one more choice.
void convert_nullable(JsonObject& out) {
  if (!is_composed(out)) return admit_null(out);
  JsonObject wrapped;
  for (const std::string_view word : {"title", "description", "default", "deprecated"}) {
    if (const Json* value = out.if_contains(word)) {
      wrapped[word] = *value;
      out.erase(word);
    }
  }
  wrapped["anyOf"] = JsonArray{out, JsonObject{{"type", "null"}}};
  out = std::move(wrapped);
}

// Which of a discriminator's values lead to a schema, by its reference or its name.
TextMap<JsonArray> values_by_target(const Json* mapping) {
  TextMap<JsonArray> values;
  if (mapping == nullptr || !mapping->is_object()) return values;
  for (const auto& member : mapping->get_object()) {
    if (!member.value().is_string()) continue;
    values[std::string{json::text_of(member.value())}].emplace_back(member.key());
  }
  return values;
}

}  // namespace

bool is_left_out(const Json& schema, const References& references, Side side) {
  const auto word = side == Side::request ? "readOnly" : "writeOnly";
  if (json::find_bool(schema, word) == true) return true;
  if (reference_of(schema) == nullptr) return false;
  const auto place = references.resolve({.value = &schema, .pointer = {}});
  return place && json::find_bool(*place->value, word) == true;
}

Schemas::Schemas(const References& references, Side side) : references_{references}, side_{side} {}

Json Schemas::convert(const Json& schema, Uses& uses) {
  references_.spend(values_a_schema);
  if (schema.is_bool()) return schema;
  const auto* object = schema.if_object();
  JsonObject out;
  if (object == nullptr) return Json(std::move(out));
  if (const Json* reference = reference_of(schema)) {
    const auto index = definition_of(reference->get_string(), uses);
    if (index == definitions_.size()) return Json(std::move(out));
    out["$ref"] = "#/$defs/" + definitions_[index]->name;
  }
  convert_members(*object, out, uses);
  return Json(std::move(out));
}

void Schemas::convert_members(const JsonObject& schema, JsonObject& out, Uses& uses) {
  for (const auto& member : schema) {
    const std::string_view name = member.key();
    const Json& value = member.value();
    const Keyword* keyword = find_keyword(name);
    if (keyword != nullptr) {
      if (!fits(value, keyword->holds)) continue;
      if (keyword->holds == Holds::schema) {
        out[name] = convert(value, uses);
      } else if (keyword->holds == Holds::schemas) {
        out[name] = convert_list(value.get_array(), uses);
      } else if (keyword->holds == Holds::members) {
        JsonObject converted;
        for (const auto& [key, one] : value.get_object()) converted[key] = convert(one, uses);
        out[name] = std::move(converted);
      } else {
        references_.spend(size_of(value));
        out[name] = value;
      }
    } else if (name == "type") {
      convert_type(value, out);
    } else if (name == "properties") {
      convert_properties(value, out, uses);
    } else if (name == "items") {
      // A list is how draft 4 wrote what is prefixItems now.
      if (fits(value, Holds::schemas)) {
        out["prefixItems"] = convert_list(value.get_array(), uses);
      } else if (fits(value, Holds::schema)) {
        out["items"] = convert(value, uses);
      }
    } else if (name == "additionalProperties") {
      if (fits(value, Holds::schema)) out[name] = convert(value, uses);
    } else if (name == "example" && !schema.contains("examples")) {
      references_.spend(size_of(value));
      out["examples"] = JsonArray{value};
    }
  }
  convert_required(schema, out);
  convert_bounds(out, schema);
  convert_discriminator(schema, out);
  if (json::find_bool(schema, "nullable") == true) convert_nullable(out);
}

Json Schemas::convert_list(const JsonArray& schemas, Uses& uses) {
  JsonArray out;
  out.reserve(schemas.size());
  for (const auto& schema : schemas) out.push_back(convert(schema, uses));
  return Json(std::move(out));
}

void Schemas::convert_properties(const Json& properties, JsonObject& out, Uses& uses) {
  const auto* object = properties.if_object();
  if (object == nullptr) return;
  JsonObject converted;
  for (const auto& member : *object) {
    if (is_left_out(member.value(), references_, side_)) continue;
    converted[member.key()] = convert(member.value(), uses);
  }
  out["properties"] = std::move(converted);
}

// Draft 4's lists only, each name once, without what convert_properties has left out.
void Schemas::convert_required(const JsonObject& schema, JsonObject& out) const {
  const Json* names = schema.if_contains("required");
  if (names == nullptr || !names->is_array()) return;
  const Json* properties = schema.if_contains("properties");
  references_.spend(names->get_array().size());
  JsonArray kept;
  std::set<std::string_view> seen;
  for (const auto& name : names->get_array()) {
    if (!name.is_string() || !seen.insert(json::text_of(name)).second) continue;
    const Json* property =
        properties != nullptr ? json::find(*properties, json::text_of(name)) : nullptr;
    if (property != nullptr && is_left_out(*property, references_, side_)) continue;
    kept.push_back(name);
  }
  if (!kept.empty()) out["required"] = std::move(kept);
}

// exclusiveMinimum: true beside minimum (OpenAPI 3.0) is the bound itself now.
void Schemas::convert_bounds(JsonObject& out, const JsonObject& schema) const {
  for (const auto& [bound, exclusive] :
       {std::pair{"minimum", "exclusiveMinimum"}, std::pair{"maximum", "exclusiveMaximum"}}) {
    const Json* flag = schema.if_contains(exclusive);
    if (flag == nullptr || !flag->is_bool() || !flag->get_bool()) continue;
    if (const Json* value = out.if_contains(bound)) {
      out[exclusive] = *value;
      out.erase(bound);
    }
  }
}

// The member that tells the choices of a oneOf or anyOf apart must be there, and where a mapping
// says which values lead to a choice, it must be one of them.
void Schemas::convert_discriminator(const JsonObject& schema, JsonObject& out) const {
  const Json* discriminator = schema.if_contains("discriminator");
  if (discriminator == nullptr) return;
  const auto name = json::find_string(*discriminator, "propertyName");
  if (!name) return;
  references_.spend(size_of(*discriminator));
  const auto values_of = values_by_target(json::find(*discriminator, "mapping"));
  for (const std::string_view word : {"oneOf", "anyOf"}) {
    Json* choices = out.if_contains(word);
    if (choices == nullptr) continue;
    const auto& sources = schema.at(word).get_array();
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const Json* reference = reference_of(sources[i]);
      Json& choice = choices->get_array()[i];
      if (reference == nullptr || !choice.is_object()) continue;
      auto& members = choice.get_object();
      members["required"] = JsonArray{boost::json::string{*name}};
      JsonArray values;
      for (const std::string& key :
           {std::string{json::text_of(*reference)}, last_step(json::text_of(*reference))}) {
        const auto found = values_of.find(key);
        if (found == values_of.end()) continue;
        values.insert(values.end(), found->second.begin(), found->second.end());
      }
      if (values.empty()) continue;
      members["properties"] = JsonObject{{*name, JsonObject{{"enum", std::move(values)}}}};
    }
  }
}

std::string Schemas::free_name(std::string_view pointer) {
  std::string name;
  for (const char c : last_step(pointer)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.';
    if (name.size() < name_bytes_max) name += plain ? c : '_';
  }
  if (name.empty()) name = "schema";
  if (names_.emplace(name, 1).second) return name;
  for (;;) {
    const std::string numbered = name + '_' + std::to_string(++names_[name]);
    if (names_.emplace(numbered, 1).second) return numbered;
  }
}

// The definition's index; one past the last, and a problem, when the reference leads nowhere.
std::size_t Schemas::definition_of(std::string_view reference, Uses& uses) {
  if (const auto seen = by_reference_.find(reference); seen != by_reference_.end()) {
    uses.definitions.insert(seen->second);
    return seen->second;
  }
  auto place = references_.find(reference);
  if (place) place = references_.resolve(*std::move(place));
  if (!place) {
    if (uses.problem.empty()) uses.problem = place.error().message;
    return definitions_.size();
  }
  const auto known = by_pointer_.find(place->pointer);
  if (known != by_pointer_.end()) {
    by_reference_.emplace(reference, known->second);
    uses.definitions.insert(known->second);
    return known->second;
  }
  const std::size_t index = definitions_.size();
  auto made = std::make_unique<Definition>();
  made->name = free_name(place->pointer);
  made->schema = place->value;
  definitions_.push_back(std::move(made));
  by_pointer_.emplace(place->pointer, index);
  by_reference_.emplace(reference, index);
  uses.definitions.insert(index);
  return index;
}

const Schemas::Definition& Schemas::converted(std::size_t index) {
  Definition& definition = *definitions_[index];
  if (!definition.converted) {
    definition.converted = true;
    definition.text = json::print(convert(*definition.schema, definition.uses));
  }
  return definition;
}

std::string Schemas::definitions(Uses& uses, std::size_t bytes_max, bool& cut) {
  std::vector<std::size_t> reached{uses.definitions.begin(), uses.definitions.end()};
  std::set<std::size_t> seen = uses.definitions;
  std::string out;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const Definition& definition = converted(reached[i]);
    references_.spend(values_a_schema);
    out += i == 0 ? R"(,"$defs":{)" : ",";
    json::quote_to(out, definition.name);
    out += ':';
    if (out.size() + definition.text.size() > bytes_max) {
      out += "{}";
      cut = true;
      continue;
    }
    references_.spend(definition.text.size() / copied_bytes_a_value);
    out += definition.text;
    if (uses.problem.empty()) uses.problem = definition.uses.problem;
    for (const auto next : definition.uses.definitions) {
      if (seen.insert(next).second) reached.push_back(next);
    }
  }
  if (!out.empty()) out += '}';
  return out;
}

}  // namespace toolgate::targets::openapi
