#include "services/bedrock_runtime/arguments.h"

#include <algorithm>
#include <initializer_list>
#include <tuple>

#include "base/text.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/parameter.h"

namespace toolgate::services::bedrock_runtime {
namespace {

using Kind = Literal::Kind;
using Type = Parameter::Type;

class Filler {
 public:
  Filler(const Json& root, std::string_view prompt)
      : root_{root},
        prompt_{prompt.substr(0, bounds::prompt_bytes_max)},
        stems_{all_stems_of(prompt_)},
        literals_{literals_of(prompt_)},
        used_(literals_.size(), false) {}

  // Everything of one object; `path` names it in what is missing.
  Arguments fill(const Json& schema, const std::string& path, int depth) {
    Arguments out;
    auto parameters = parameters_of(schema, root_);
    if (parameters.size() > left_) parameters.resize(left_);
    left_ -= parameters.size();
    assign(parameters, out.values);
    for (const auto& parameter : parameters) {
      if (out.values.contains(parameter.name)) continue;
      auto value = without_literal(parameter, path, depth, out);
      if (value) {
        out.values[parameter.name] = std::move(*value);
      } else if (parameter.required && parameter.type != Type::object) {
        out.missing.push_back(path + parameter.name);
      }
    }
    return out;
  }

 private:
  // The best pair of parameter and literal first, each of both once.
  void assign(const std::vector<Parameter>& parameters, JsonObject& values) {
    struct Pair {
      double score;
      const Parameter* parameter;
      std::size_t literal;
    };
    std::vector<Pair> pairs;
    for (const auto& parameter : parameters) {
      for (std::size_t i = 0; i < literals_.size(); ++i) {
        if (used_[i]) continue;
        const double score = fit(parameter, literals_[i]).value_or(0);
        if (score <= 0 || (!parameter.required && score < fit_of_optional_min)) continue;
        pairs.push_back({.score = score, .parameter = &parameter, .literal = i});
      }
    }
    std::ranges::sort(pairs, [](const Pair& one, const Pair& other) {
      return std::tuple{-one.score, one.parameter, one.literal} <
             std::tuple{-other.score, other.parameter, other.literal};
    });
    for (const auto& pair : pairs) {
      if (used_[pair.literal] || values.contains(pair.parameter->name)) continue;
      used_[pair.literal] = true;
      values[pair.parameter->name] = *value_for(*pair.parameter, literals_[pair.literal]);
    }
  }

  // A value that no single literal gives.
  std::optional<Json> without_literal(const Parameter& parameter, const std::string& path,
                                      int depth, Arguments& out) {
    if (auto value = mentioned(parameter)) return value;
    if (parameter.type == Type::boolean) {
      if (auto value = yes_or_no(parameter)) return value;
    }
    if (parameter.type == Type::array && parameter.required) {
      if (auto value = list_of(parameter)) return value;
    }
    if (parameter.type == Type::object && parameter.required &&
        depth < bounds::parameters_depth_max) {
      auto inner = fill(*parameter.schema, path + parameter.name + ".", depth + 1);
      std::ranges::move(inner.missing, std::back_inserter(out.missing));
      return Json(std::move(inner.values));
    }
    if (!parameter.required) return std::nullopt;
    if (const Json* constant = json::find(*parameter.schema, "const")) return *constant;
    if (const Json* usual = json::find(*parameter.schema, "default")) return *usual;
    if (takes_free_text(parameter)) return Json(boost::json::string(prompt_));
    return std::nullopt;
  }

  // Whether the words stand in the prompt, one after the other.
  [[nodiscard]] std::size_t place_of(const std::vector<std::string>& words) const {
    if (words.empty()) return stems_.size();
    const auto found = std::ranges::search(stems_, words);
    return static_cast<std::size_t>(found.begin() - stems_.begin());
  }

  // The value of an enum that the prompt names.
  [[nodiscard]] std::optional<Json> mentioned(const Parameter& parameter) const {
    for (std::size_t i = 0; i < parameter.values.size(); ++i) {
      if (place_of(parameter.value_words[i]) < stems_.size()) return *parameter.values[i];
    }
    return std::nullopt;
  }

  // "with images" for includeImages; "without images", "no images".
  [[nodiscard]] std::optional<Json> yes_or_no(const Parameter& parameter) const {
    auto words = parameter.words;
    std::erase_if(words, [](const std::string& word) {
      return word == "is" || word == "has" || word == "should" || word == "includ" ||
             word == "enabl" || word == "with" || word == "use";
    });
    const auto place = place_of(words);
    if (place == stems_.size()) return std::nullopt;
    for (std::size_t back = 1; back <= 2 && back <= place; ++back) {
      const auto& word = stems_[place - back];
      for (const std::string_view no : {"no", "not", "without", "never", "disabl", "exclud"}) {
        if (word == no) return Json(false);
      }
    }
    return Json(true);
  }

  // All literals of the kind that the items want: "orders 17, 18 and 19".
  std::optional<Json> list_of(const Parameter& parameter) {
    const Json* items = json::find(*parameter.schema, "items");
    if (items == nullptr) return std::nullopt;
    Parameter item = parameter_of(parameter.name, *items, root_);
    JsonArray list;
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      if (used_[i] || literals_[i].kind == Kind::phrase) continue;
      auto value = value_for(item, literals_[i]);
      if (!value || !fit(item, literals_[i])) continue;
      used_[i] = true;
      list.push_back(std::move(*value));
    }
    if (list.empty()) return std::nullopt;
    return Json(std::move(list));
  }

  // A parameter that wants what the caller said, as it was said.
  static bool takes_free_text(const Parameter& parameter) {
    if (parameter.type != Type::string || !parameter.values.empty() || !parameter.format.empty()) {
      return false;
    }
    return std::ranges::any_of(parameter.words, [](const std::string& word) {
      for (const std::string_view wanted :
           {"queri", "q", "question", "text", "messag", "prompt", "input", "content", "keyword",
            "search", "request", "instruct", "topic", "descript", "note", "comment", "bodi"}) {
        if (word == wanted) return true;
      }
      return false;
    });
  }

  const Json& root_;
  std::string prompt_;
  std::vector<std::string> stems_;
  std::vector<Literal> literals_;
  std::vector<bool> used_;
  std::size_t left_ = bounds::parameters_in_all_count_max;  // schemas may refer to themselves
};

}  // namespace

Arguments arguments_for(const Json& schema, std::string_view prompt) {
  return Filler{schema, prompt}.fill(schema, "", 0);
}

}  // namespace toolgate::services::bedrock_runtime
