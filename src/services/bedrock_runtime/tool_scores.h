// How well each tool's words fit a prompt's: BM25 over weighted fields. For the stand-in.
#pragma once

#include <string_view>
#include <vector>

#include "services/bedrock_runtime/tool_choice.h"

namespace toolgate::services::bedrock_runtime {

// In order of the tools; 0 for one that has no word of the prompt.
[[nodiscard]] std::vector<double> tool_scores(const std::vector<Tool>& tools,
                                              std::string_view prompt);

}  // namespace toolgate::services::bedrock_runtime
