// Arguments for a tool out of a prompt's literals, by names, descriptions and types of the tool's
// parameters. For the stand-in: rules, no understanding.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace toolgate::services::bedrock_runtime {

struct Arguments {
  JsonObject values;
  std::vector<std::string> missing;  // required parameters that nothing in the prompt fits
};

// `schema` is a tool's input schema. Nothing is invented: what is not in the prompt and has no
// default is missing.
[[nodiscard]] Arguments arguments_for(const Json& schema, std::string_view prompt);

}  // namespace toolgate::services::bedrock_runtime
