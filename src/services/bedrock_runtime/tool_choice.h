// Which of the tools a prompt means, by words. For the stand-in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "services/bedrock_runtime/arguments.h"

namespace toolgate::services::bedrock_runtime {

// A tool of the request; views into it.
struct Tool {
  std::string_view name;
  std::string_view description;
  const Json* schema = nullptr;
};
[[nodiscard]] std::vector<Tool> tools_of(const Json& input);

struct Choice {
  const Tool* tool = nullptr;
  Arguments arguments;
};
// The tool whose words fit best; of those that fit about as well, the first whose required
// parameters the prompt can fill. Nothing when no word of the prompt is a tool's.
[[nodiscard]] std::optional<Choice> choose_tool(const std::vector<Tool>& tools,
                                                std::string_view prompt);

// Whether the prompt asks for no more than what there is: "Hello", "which tools do you have?".
[[nodiscard]] bool asks_for_tools(std::string_view prompt);

}  // namespace toolgate::services::bedrock_runtime
