// One parameter of a tool, and how well a literal of the prompt fits it. For the stand-in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "services/bedrock_runtime/literals.h"

namespace toolgate::services::bedrock_runtime {

struct Parameter {
  enum class Type : std::uint8_t { string, integer, number, boolean, array, object, any };

  std::string name;
  std::vector<std::string> words;              // stems of the name
  std::vector<std::string> description_words;  // stems
  Type type = Type::any;
  std::string format;
  // Of an enum, up to bounds::enum_values_count_max: the values, and the stems of those that are
  // text.
  std::vector<const Json*> values;
  std::vector<std::vector<std::string>> value_words;
  const Json* schema = nullptr;
  bool required = false;
};

// The parameters of an object's schema, up to bounds::parameters_count_max; those of "$ref" inside
// of `root` and of the first useful branch of anyOf, oneOf and allOf too. Views into the schemas.
[[nodiscard]] std::vector<Parameter> parameters_of(const Json& schema, const Json& root);
// The schema itself, or what its "$ref" or first useful branch says.
[[nodiscard]] const Json& resolved(const Json& schema, const Json& root);
[[nodiscard]] Parameter parameter_of(std::string_view name, const Json& schema, const Json& root);

// The literal as a value of the parameter's type; nothing when it cannot be one.
[[nodiscard]] std::optional<Json> value_for(const Parameter& parameter, const Literal& literal);

// How well the two fit, above 0: their words, kind and format. Nothing when they do not.
[[nodiscard]] std::optional<double> fit(const Parameter& parameter, const Literal& literal);
// Below this a parameter that is not required stays empty.
inline constexpr double fit_of_optional_min = 4;

}  // namespace toolgate::services::bedrock_runtime
