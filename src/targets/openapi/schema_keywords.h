// The keywords of JSON Schema 2020-12 that a tool's schema keeps, and what each must hold. What is
// not in the table (extensions, xml, externalDocs, $id, words of other vocabularies) is left out.
#pragma once

#include <string_view>

#include "json/json.h"

namespace toolgate::targets::openapi {

enum class Holds : unsigned char {
  text,
  number,
  positive,  // a number above zero
  count,     // a whole number, zero or more
  boolean,
  list,
  names,  // an object of lists of text
  anything,
  schema,
  schemas,  // a list of schemas
  members,  // an object of schemas
};

struct Keyword {
  std::string_view name;
  Holds holds;
};

// Null for a keyword that is not kept as it is: `type`, `properties`, `required`, `items`,
// `additionalProperties` and OpenAPI's own have rules of their own in schemas.cc.
[[nodiscard]] const Keyword* find_keyword(std::string_view name);

// Whether the value is one that the keyword may have.
[[nodiscard]] bool fits(const Json& value, Holds holds);

}  // namespace toolgate::targets::openapi
