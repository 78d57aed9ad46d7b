// The xml hints of a schema, as xml_body.h writes by them.
#pragma once

#include "json/json.h"
#include "targets/openapi/references.h"

namespace toolgate::targets::openapi {

// Deep and wide schemas are followed up to a bound; below it elements have their properties' names.
[[nodiscard]] Json xml_hints(const Json& schema, const References& references);

}  // namespace toolgate::targets::openapi
