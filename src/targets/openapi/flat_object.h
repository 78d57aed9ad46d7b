// Object schemas as a list of properties.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "json/json.h"
#include "targets/openapi/references.h"
#include "targets/openapi/schemas.h"

namespace toolgate::targets::openapi {

struct FlatObject {
  std::vector<std::pair<std::string, const Json*>> properties;
  std::set<std::string> required;
  const Json* others = nullptr;  // additionalProperties, where it admits some
};

// The properties of a schema that is an object by `properties`, `allOf` and references alone,
// without those that the side leaves out. Nothing for any other schema: choices, free-form objects.
[[nodiscard]] std::optional<FlatObject> flatten(const Json& schema, const References& references,
                                                Side side);

// Whether values of the schema are objects: by its type, its properties or a part of its allOf.
[[nodiscard]] bool is_object_schema(const Json& schema, const References& references);

}  // namespace toolgate::targets::openapi
