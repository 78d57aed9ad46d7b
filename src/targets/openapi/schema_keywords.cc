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
    Keyword{"oneOf", Holds::schemas},
    Keyword{"prefixItems", Holds::schemas},
    Keyword{"patternProperties", Holds::members},
    Keyword{"enum", Holds::list},
    Keyword{"const", Holds::anything},
    Keyword{"multipleOf", Holds::positive},
    Keyword{"maximum", Holds::number},
    Keyword{"minimum", Holds::number},
    Keyword{"exclusiveMaximum", Holds::number},
    Keyword{"exclusiveMinimum", Holds::number},
    Keyword{"maxLength", Holds::count},
    Keyword{"minLength", Holds::count},
    Keyword{"pattern", Holds::text},
    Keyword{"maxItems", Holds::count},
    Keyword{"minItems", Holds::count},
    Keyword{"uniqueItems", Holds::boolean},
    Keyword{"maxContains", Holds::count},
    Keyword{"minContains", Holds::count},
    Keyword{"maxProperties", Holds::count},
    Keyword{"minProperties", Holds::count},
    Keyword{"dependentRequired", Holds::names},
    Keyword{"dependentSchemas", Holds::members},
    Keyword{"not", Holds::schema},
    Keyword{"if", Holds::schema},
    Keyword{"then", Holds::schema},
    Keyword{"else", Holds::schema},
    Keyword{"contains", Holds::schema},
    Keyword{"propertyNames", Holds::schema},
    Keyword{"unevaluatedItems", Holds::schema},
    Keyword{"unevaluatedProperties", Holds::schema},
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
