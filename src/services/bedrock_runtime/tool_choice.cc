#include "services/bedrock_runtime/tool_choice.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/literals.h"
#include "services/bedrock_runtime/tool_scores.h"

namespace toolgate::services::bedrock_runtime {
namespace {

// A hit this much weaker than the best one is another tool, not another reading of the prompt.
constexpr double about_as_well = 0.7;
constexpr std::size_t candidates_count_max = 5;

}  // namespace

std::vector<Tool> tools_of(const Json& input) {
  std::vector<Tool> tools;
  const auto* given = json::find_array(input, "toolConfig", "tools");
  if (given == nullptr) return tools;
  for (const auto& tool : *given) {
    const auto name = json::find_string(tool, "toolSpec", "name");
    if (!name) continue;
    tools.push_back({.name = *name,
                     .description = json::find_string(tool, "toolSpec", "description").value_or(""),
                     .schema = json::find(tool, "toolSpec", "inputSchema", "json")});
  }
  return tools;
}

std::optional<Choice> choose_tool(const std::vector<Tool>& tools, std::string_view prompt) {
  prompt = prompt.substr(0, bounds::prompt_bytes_max);
  const auto scores = tool_scores(tools, prompt);
  std::vector<std::size_t> order(tools.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t one, std::size_t other) {
    return std::pair{-scores[one], one} < std::pair{-scores[other], other};
  });
  order.resize(std::min(order.size(), candidates_count_max));
  std::optional<Choice> best;
  for (const std::size_t i : order) {
    if (scores[i] <= 0 || scores[i] < scores[order.front()] * about_as_well) break;
    const Tool& tool = tools[i];
    Choice choice{.tool = &tool, .arguments = {}};
    if (tool.schema != nullptr) choice.arguments = arguments_for(*tool.schema, prompt);
    if (choice.arguments.missing.empty()) return choice;
    if (!best) best = std::move(choice);
  }
  return best;
}

bool asks_for_tools(std::string_view prompt) {
  constexpr std::array<std::string_view, 30> about_tools{
      "tool",    "function", "capabl", "abil",    "list",   "show",  "avail",  "name",
      "describ", "give",     "tell",   "display", "know",   "use",   "access", "help",
      "hello",   "hi",       "hey",    "thank",   "thanks", "good",  "morn",   "day",
      "get",     "provid",   "see",    "offer",   "bye",    "enumer"};
  return std::ranges::all_of(stems_of(prompt), [&](const std::string& word) {
    return std::ranges::find(about_tools, word) != about_tools.end();
  });
}

}  // namespace toolgate::services::bedrock_runtime
