#include "services/bedrock_runtime/tool_choice.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "search/index.h"
#include "search/words.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/literals.h"

namespace toolgate::services::bedrock_runtime {
namespace {

// A hit this much weaker than the best one is another tool, not another reading of the prompt.
constexpr double about_as_well = 0.7;
constexpr std::size_t candidates_count_max = 5;

search::Doc doc_of(const Tool& tool, std::string& schema_text) {
  search::Doc doc;
  // Gateways put the target's name in front.
  const auto cut = tool.name.find("___");
  doc.prefix = cut == tool.name.npos ? std::string_view{} : tool.name.substr(0, cut);
  doc.name = cut == tool.name.npos ? tool.name : tool.name.substr(cut + 3);
  doc.description = tool.description;
  if (tool.schema != nullptr) {
    schema_text = json::print(*tool.schema);
    schema_text.reserve(schema_text.size() + limits::json_padding_bytes);
    search::read_parameters(schema_text, doc);
  }
  return doc;
}

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
  std::vector<std::string> schemas(tools.size());
  std::vector<search::Doc> docs;
  docs.reserve(tools.size());
  for (std::size_t i = 0; i < tools.size(); ++i) docs.push_back(doc_of(tools[i], schemas[i]));
  const auto hits = search::Index::build(docs)->search(prompt, candidates_count_max);
  std::optional<Choice> best;
  for (const auto& hit : hits) {
    if (hit.score < hits.front().score * about_as_well) break;
    const Tool& tool = tools[hit.doc];
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
