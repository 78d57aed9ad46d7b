#include "services/bedrock_runtime/tool_scores.h"

#include <cmath>
#include <set>

#include "base/text.h"
#include "services/bedrock_runtime/literals.h"
#include "services/bedrock_runtime/parameter.h"

namespace toolgate::services::bedrock_runtime {
namespace {

// What a word counts where it stands: a name says more than a description of a parameter.
constexpr double weight_of_name = 3;
constexpr double weight_of_target = 0.3;  // "orders" of orders___getOrder
constexpr double weight_of_description = 1;
constexpr double weight_of_parameter = 1;
constexpr double weight_of_parameter_description = 0.4;
// BM25's usual constants: how soon a repeated word counts no more, how much length counts.
constexpr double saturation = 1.2;
constexpr double length_share = 0.5;
constexpr std::size_t description_bytes_max = 4'096;

struct Words {
  TextMap<double> weights;
  double length = 0;

  void add(const std::vector<std::string>& stems, double weight) {
    for (const auto& stem : stems) weights[stem] += weight;
    length += weight * static_cast<double>(stems.size());
  }
};

Words words_of(const Tool& tool) {
  Words words;
  // Gateways put the target's name in front.
  const auto cut = tool.name.find("___");
  const auto name = cut == tool.name.npos ? tool.name : tool.name.substr(cut + 3);
  words.add(stems_of(name), weight_of_name);
  if (cut != tool.name.npos) words.add(stems_of(tool.name.substr(0, cut)), weight_of_target);
  words.add(stems_of(tool.description.substr(0, description_bytes_max)), weight_of_description);
  if (tool.schema == nullptr) return words;
  for (const auto& parameter : parameters_of(*tool.schema, *tool.schema)) {
    words.add(stems_of(parameter.name), weight_of_parameter);
    words.add(parameter.description_words, weight_of_parameter_description);
  }
  return words;
}

}  // namespace

std::vector<double> tool_scores(const std::vector<Tool>& tools, std::string_view prompt) {
  std::vector<Words> all;
  all.reserve(tools.size());
  double length = 0;
  for (const auto& tool : tools) {
    all.push_back(words_of(tool));
    length += all.back().length;
  }
  const auto count = static_cast<double>(tools.size());
  const double usual_length = length > 0 ? length / count : 1;
  const auto stems = stems_of(prompt);
  std::vector<double> scores(tools.size(), 0);
  for (const auto& stem : std::set<std::string>(stems.begin(), stems.end())) {
    double having = 0;
    for (const auto& words : all) having += words.weights.contains(stem) ? 1 : 0;
    if (having == 0) continue;
    const double rarity = std::log(1 + (count - having + 0.5) / (having + 0.5));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto found = all[i].weights.find(stem);
      if (found == all[i].weights.end()) continue;
      const double norm = 1 - length_share + length_share * all[i].length / usual_length;
      scores[i] += rarity * found->second * (saturation + 1) / (found->second + saturation * norm);
    }
  }
  return scores;
}

}  // namespace toolgate::services::bedrock_runtime
