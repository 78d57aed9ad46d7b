#include "targets/openapi/schema_keywords.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace toolgate::targets::openapi {
namespace {

constexpr std::array keywords{
    Keyword{"title", Holds::text},
    Keyword{"description", Holds::text},
    Keyword{"format", Holds::text},
    Keyword{"default", Holds::anything},
    Keyword{"examples", Holds::list},
    Keyword{"deprecated", Holds::boolean},
    Keyword{"readOnly", Holds::boolean},
    Keyword{"writeOnly", Holds::boolean},
    Keyword{"contentEncoding", Holds::text},
    Keyword{"contentMediaType", Holds::text},
    Keyword{"contentSchema", Holds::schema},
    Keyword{"allOf", Holds::schemas},
    Keyword{"anyOf", Holds::schemas},
    Keyword{"prefixItems", Holds::schemas},
    Keyword{"patternProperties", Holds::members},
    Keyword{"enum", Holds::list, true},
    Keyword{"const", Holds::anything, true},
    Keyword{"multipleOf", Holds::positive, true},
    Keyword{"maximum", Holds::number, true},
    Keyword{"minimum", Holds::number, true},
    Keyword{"exclusiveMaximum", Holds::number, true},
    Keyword{"exclusiveMinimum", Holds::number, true},
    Keyword{"maxLength", Holds::count, true},
    Keyword{"minLength", Holds::count, true},
    Keyword{"pattern", Holds::text, true},
    Keyword{"maxItems", Holds::count, true},
    Keyword{"minItems", Holds::count, true},
    Keyword{"uniqueItems", Holds::boolean, true},
    Keyword{"maxContains", Holds::count, true},
    Keyword{"minContains", Holds::count, true},
    Keyword{"maxProperties", Holds::count, true},
    Keyword{"minProperties", Holds::count, true},
    Keyword{"dependentRequired", Holds::names, true},
    Keyword{"dependentSchemas", Holds::members, true},
    Keyword{"not", Holds::schema, true},
    Keyword{"if", Holds::schema, true},
    Keyword{"then", Holds::schema, true},
    Keyword{"else", Holds::schema, true},
    Keyword{"contains", Holds::schema, true},
    Keyword{"propertyNames", Holds::schema, true},
    Keyword{"unevaluatedItems", Holds::schema, true},
    Keyword{"unevaluatedProperties", Holds::schema, true},
};

double number_of(const Json& value) {
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  return value.is_double() ? value.get_double() : NAN;
}

bool is_text_list(const Json& value) {
  const auto* list = value.if_array();
  return list != nullptr &&
         std::ranges::all_of(*list, [](const Json& item) { return item.is_string(); });
}

}  // namespace

const Keyword* find_keyword(std::string_view name) {
  const auto found = std::ranges::find(keywords, name, &Keyword::name);
  return found == keywords.end() ? nullptr : &*found;
}

bool fits(const Json& value, Holds holds) {
  const auto is_schema = [](const Json& item) { return item.is_object() || item.is_bool(); };
  switch (holds) {
    case Holds::text:
      return value.is_string();
    case Holds::number:
      return value.is_number();
    case Holds::positive:
      return number_of(value) > 0;
    case Holds::count:
      return number_of(value) >= 0 && std::trunc(number_of(value)) == number_of(value);
    case Holds::boolean:
      return value.is_bool();
    case Holds::list:
      return value.is_array() && !value.get_array().empty();
    case Holds::names:
      return value.is_object() && std::ranges::all_of(value.get_object(), [](const auto& member) {
               return is_text_list(member.value());
             });
    case Holds::anything:
      return true;
    case Holds::schema:
      return is_schema(value);
    case Holds::schemas:
      return value.is_array() && !value.get_array().empty() &&
             std::ranges::all_of(value.get_array(), is_schema);
    case Holds::members:
      return value.is_object() && std::ranges::all_of(value.get_object(), [&](const auto& member) {
               return is_schema(member.value());
             });
  }
  return false;
}

}  // namespace toolgate::targets::openapi
