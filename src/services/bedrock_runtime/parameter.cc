#include "services/bedrock_runtime/parameter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

#include "base/text.h"
#include "services/bedrock_runtime/bounds.h"

namespace toolgate::services::bedrock_runtime {
namespace {

using Kind = Literal::Kind;
using Type = Parameter::Type;
using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}
bool has_any(const Words& words, std::initializer_list<std::string_view> some) {
  return std::ranges::any_of(some, [&](std::string_view word) { return has(words, word); });
}

Type type_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Type>, 6> names{{{"string", Type::string},
                                                                    {"integer", Type::integer},
                                                                    {"number", Type::number},
                                                                    {"boolean", Type::boolean},
                                                                    {"array", Type::array},
                                                                    {"object", Type::object}}};
  const auto* found = std::ranges::find(names, name, &std::pair<std::string_view, Type>::first);
  return found == names.end() ? Type::any : found->second;
}

Type type_of(const Json& schema) {
  const Json* type = json::find(schema, "type");
  if (type != nullptr && type->is_string()) return type_named(type->get_string());
  if (type != nullptr && type->is_array()) {
    for (const auto& one : type->get_array()) {  // ["string", "null"]
      if (one.is_string() && one.get_string() != "null") return type_named(one.get_string());
    }
  }
  if (json::find(schema, "properties") != nullptr) return Type::object;
  return Type::any;
}

bool is_null_type(const Json& schema) { return json::find_string(schema, "type") == "null"; }

// "#/$defs/Address"
const Json* referred(const Json& schema, const Json& root) {
  const auto reference = json::find_string(schema, "$ref");
  if (!reference || !reference->starts_with('#')) return nullptr;
  boost::json::error_code error;
  return root.find_pointer(reference->substr(1), error);
}

std::optional<Json> one_of(const Parameter& parameter, const Literal& literal) {
  for (std::size_t i = 0; i < parameter.values.size(); ++i) {
    const Json& value = *parameter.values[i];
    const bool same = value.is_string()
                          ? !literal.words.empty() && parameter.value_words[i] == literal.words
                          : value == literal.value;
    if (same) return value;
  }
  return std::nullopt;
}

bool is_text_kind(Kind kind) { return kind != Kind::json; }

// Formats of JSON Schema that only one kind of literal has.
bool allowed_by_format(std::string_view format, Kind kind) {
  if (format == "email") return kind == Kind::email;
  if (format == "uri" || format == "url") return kind == Kind::url;
  if (format == "uuid") return kind == Kind::uuid;
  if (format == "date") return kind == Kind::date;
  if (format == "date-time") return kind == Kind::date_time || kind == Kind::date;
  return true;
}

std::optional<Json> number_for(const Parameter& parameter, const Literal& literal) {
  Json value = literal.value;
  if (literal.kind == Kind::quoted) {
    auto read = json::parse(literal.text);
    if (!read) return std::nullopt;
    value = std::move(*read);
  }
  if (!value.is_number()) return std::nullopt;
  if (parameter.type == Type::number || !value.is_double()) return value;
  const double number = value.get_double();
  constexpr double exact_max = 9e15;
  if (std::trunc(number) != number || std::abs(number) > exact_max) return std::nullopt;
  return Json(static_cast<std::int64_t>(number));
}

// What the kind of a literal says about a parameter of such a name.
double kind_fit(const Parameter& parameter, const Literal& literal) {
  const auto& words = parameter.words;
  const bool id = has_any(words, {"id", "identifi", "number", "code", "key", "no", "ref", "sku"});
  const bool place = has_any(words, {"citi", "locat", "place", "region", "countri", "address",
                                     "town", "timezon", "zone", "state"});
  const bool time = has_any(words, {"date", "day", "time", "when", "start", "end", "sinc", "until",
                                    "from", "befor", "after", "deadlin"});
  switch (literal.kind) {
    case Kind::email:
      return has_any(words, {"email", "mail", "recipi", "to"}) ? 6 : 0.2;
    case Kind::url:
      return has_any(words, {"url", "uri", "link", "endpoint", "websit"}) ? 6 : 0.5;
    case Kind::uuid:
      return id ? 5 : 1;
    case Kind::date:
    case Kind::date_time:
      return time ? 5 : 0.2;
    case Kind::number:
      return parameter.type != Type::string ? 3 : id ? 3 : 0.5;
    case Kind::identifier:
      return id ? 3 : 1;
    case Kind::quoted:
      return 2;
    case Kind::name:
      return place ? 4 : 1.5;
    case Kind::phrase: {
      const std::string_view word = literal.preposition;
      const bool where = word == "in" || word == "at" || word == "near" || word == "for";
      return place && where ? 3 : 0.8;
    }
    case Kind::json:
      return 3;
  }
  return 0;
}

// What the words around a literal say.
double word_fit(const Parameter& parameter, const Literal& literal) {
  double score = 0;
  for (std::size_t i = 0; i < literal.before.size(); ++i) {
    if (has(parameter.words, literal.before[i])) score = std::max(score, i == 0 ? 5.0 : 3.0);
    if (has(parameter.description_words, literal.before[i])) score = std::max(score, 1.0);
  }
  for (const auto& word : literal.after) {
    if (has(parameter.words, word)) score = std::max(score, 2.0);
    if (has(parameter.description_words, word)) score = std::max(score, 0.8);
  }
  return score;
}

}  // namespace

const Json& resolved(const Json& schema, const Json& root) {
  const Json* now = &schema;
  for (int depth = 0; depth < bounds::parameters_depth_max; ++depth) {
    const Json* next = referred(*now, root);
    for (const std::string_view branch : {"anyOf", "oneOf", "allOf"}) {
      const auto* branches = json::find_array(*now, branch);
      if (next != nullptr || branches == nullptr || json::find(*now, "type") != nullptr) continue;
      const auto useful = std::ranges::find_if_not(*branches, is_null_type);
      if (useful != branches->end()) next = &*useful;
    }
    if (next == nullptr) break;
    now = next;
  }
  return *now;
}

Parameter parameter_of(std::string_view name, const Json& schema, const Json& root) {
  const Json& inner = resolved(schema, root);
  Parameter parameter;
  parameter.name = name;
  parameter.words = all_stems_of(name);
  parameter.description_words =
      stems_of(json::find_string(schema, "description")
                   .value_or(json::find_string(inner, "description").value_or("")));
  parameter.type = type_of(inner);
  parameter.format = json::find_string(inner, "format").value_or("");
  if (const auto* values = json::find_array(inner, "enum")) {
    for (const auto& value : *values) {
      if (parameter.values.size() >= bounds::enum_values_count_max) break;
      parameter.values.push_back(&value);
      parameter.value_words.push_back(value.is_string() ? all_stems_of(value.get_string())
                                                        : std::vector<std::string>{});
    }
  }
  parameter.schema = &inner;
  return parameter;
}

std::vector<Parameter> parameters_of(const Json& schema, const Json& root) {
  std::vector<Parameter> parameters;
  const Json* properties = json::find(resolved(schema, root), "properties");
  if (properties == nullptr || !properties->is_object()) return parameters;
  const auto* required = json::find_array(resolved(schema, root), "required");
  for (const auto& [name, property] : properties->get_object()) {
    if (parameters.size() >= bounds::parameters_count_max) break;
    parameters.push_back(parameter_of(name, property, root));
    parameters.back().required =
        required != nullptr && std::ranges::any_of(*required, [&](const Json& one) {
          return one.is_string() && one.get_string() == name;
        });
  }
  return parameters;
}

std::optional<Json> value_for(const Parameter& parameter, const Literal& literal) {
  if (!parameter.values.empty()) return one_of(parameter, literal);
  switch (parameter.type) {
    case Type::integer:
    case Type::number:
      return number_for(parameter, literal);
    case Type::string:
      if (!is_text_kind(literal.kind) || !allowed_by_format(parameter.format, literal.kind)) {
        return std::nullopt;
      }
      return Json(boost::json::string(literal.text));
    case Type::array:
      if (literal.kind == Kind::json && literal.value.is_array()) return literal.value;
      return std::nullopt;
    case Type::object:
      if (literal.kind == Kind::json && literal.value.is_object()) return literal.value;
      return std::nullopt;
    case Type::boolean: {
      const auto word = lower(literal.text);
      if (literal.label.empty()) return std::nullopt;
      if (word == "true" || word == "yes" || word == "on") return Json(true);
      if (word == "false" || word == "no" || word == "off") return Json(false);
      return std::nullopt;
    }
    case Type::any:
      return literal.value;
  }
  return std::nullopt;
}

std::optional<double> fit(const Parameter& parameter, const Literal& literal) {
  if (!value_for(parameter, literal)) return std::nullopt;
  if (!literal.label.empty()) {
    if (literal.label_words == parameter.words) return 20;
    // Said of something else.
    if (std::ranges::none_of(literal.label_words,
                             [&](const auto& word) { return has(parameter.words, word); })) {
      return std::nullopt;
    }
  }
  double score = kind_fit(parameter, literal) + word_fit(parameter, literal);
  if (!parameter.values.empty() || !parameter.format.empty()) score += 4;
  return score + (parameter.required ? 0.5 : 0);
}

}  // namespace toolgate::services::bedrock_runtime
