#include "json/schema_errors.h"

#include <fmt/format.h>

namespace toolgate::json {

std::string describe(const SchemaError& error) {
  const auto inside = [&error](std::string_view name) {
    return error.path.empty() ? std::string{name} : fmt::format("{}/{}", error.path, name);
  };
  const std::string_view field = error.path.empty() ? std::string_view{"/"} : error.path;
  switch (error.kind) {
    case SchemaError::Kind::missing:
      return fmt::format("- Missing required field(s): '{}'", inside(error.expected));
    case SchemaError::Kind::type:
      return fmt::format("- Field '{}' has invalid type: {} found, {} expected", field, error.found,
                         error.expected);
    case SchemaError::Kind::additional:
      return fmt::format(
          "- additionalProperties validation failed: property '{}' is not defined in the schema "
          "and the schema does not allow additional properties",
          inside(error.expected));
    case SchemaError::Kind::other:
      break;
  }
  return fmt::format("- Field '{}': {}", field, error.message);
}

}  // namespace toolgate::json
