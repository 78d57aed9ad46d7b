#include "runtimes/dockerfile_lines.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::runtimes {
namespace {

std::string_view strip(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  return trim(text);
}

Result<Instruction> instruction_of(std::size_t line, std::string_view text) {
  const auto end = text.find_first_of(" \t");
  Instruction made{.line = line, .word = std::string{text.substr(0, end)}, .rest = {}};
  std::ranges::transform(made.word, made.word.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  if (end == std::string_view::npos) {
    return fail(Code::invalid, fmt::format("Dockerfile line {}: {} without an argument", line,
                                           made.word.substr(0, 40)));
  }
  made.rest = trim(text.substr(end));
  if (made.rest.find("<<") != std::string::npos &&
      (made.word == "RUN" || made.word == "COPY" || made.word == "ADD")) {
    return fail(Code::invalid,
                fmt::format("Dockerfile line {}: here-documents are not served", line));
  }
  return made;
}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view value_of(const Variables& variables, std::string_view name) {
  const auto found = std::ranges::find(
      variables, name, [](const auto& pair) { return std::string_view{pair.first}; });
  return found == variables.end() ? std::string_view{} : std::string_view{found->second};
}

// ${…} without the braces.
std::string braced(std::string_view inside, const Variables& variables) {
  const auto colon = inside.find(':');
  const auto value = value_of(variables, inside.substr(0, colon));
  if (colon == std::string_view::npos || colon + 1 >= inside.size()) return std::string{value};
  const auto word = inside.substr(colon + 2);
  if (inside[colon + 1] == '-') return std::string{value.empty() ? word : value};
  if (inside[colon + 1] == '+') return std::string{value.empty() ? std::string_view{} : word};
  return std::string{value};
}

// Collects the characters of words, one call a character.
class Words {
 public:
  void add(char c) {
    word_ += c;
    begun_ = true;
  }
  void begin() { begun_ = true; }
  void end() {
    if (begun_) words_.push_back(std::move(word_));
    word_.clear();
    begun_ = false;
  }
  void alone(std::string_view word) {
    end();
    words_.emplace_back(word);
  }
  std::vector<std::string> take() {
    end();
    return std::move(words_);
  }

 private:
  std::vector<std::string> words_;
  std::string word_;
  bool begun_ = false;
};

}  // namespace

Result<std::vector<Instruction>> instructions_of(std::string_view text) {
  std::vector<Instruction> found;
  std::string logical;
  std::size_t number = 0;
  std::size_t first = 0;
  for (const auto raw : split(text, '\n')) {
    ++number;
    auto line = strip(raw);
    if (line.empty() || line.starts_with('#')) continue;  // also between continuation lines
    if (logical.empty()) first = number;
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    logical += line;
    if (goes_on) {
      logical += ' ';
      continue;
    }
    TRY(auto instruction, instruction_of(first, logical));
    found.push_back(std::move(instruction));
    logical.clear();
  }
  if (!trim(logical).empty()) {
    TRY(auto instruction, instruction_of(first, trim(logical)));
    found.push_back(std::move(instruction));
  }
  return found;
}

void set_variable(Variables& variables, std::string name, std::string value) {
  const auto found = std::ranges::find(variables, name, &Variables::value_type::first);
  if (found == variables.end()) {
    variables.emplace_back(std::move(name), std::move(value));
  } else {
    found->second = std::move(value);
  }
}

std::string expand(std::string_view text, const Variables& variables) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '$') {
      out += text[++at];
    } else if (text[at] == '$' && at + 1 < text.size() && text[at + 1] == '{') {
      const auto end = text.find('}', at);
      if (end == std::string_view::npos) return out + std::string{text.substr(at)};
      out += braced(text.substr(at + 2, end - at - 2), variables);
      at = end;
    } else if (text[at] == '$' && at + 1 < text.size() && is_name(text[at + 1])) {
      std::size_t end = at + 1;
      while (end < text.size() && is_name(text[end])) ++end;
      out += value_of(variables, text.substr(at + 1, end - at - 1));
      at = end - 1;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::vector<std::string> shell_words(std::string_view text) {
  Words words;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool escaped = c == '\\' && quote != '\'' && at + 1 < text.size();
    if (escaped) {
      words.add(text[++at]);
    } else if (quote != 0) {
      c == quote ? static_cast<void>(quote = 0) : words.add(c);
    } else if (c == '"' || c == '\'') {
      quote = c;
      words.begin();
    } else if (c == ' ' || c == '\t') {
      words.end();
    } else if (c == ';' || c == '&' || c == '|') {
      const bool twice = at + 1 < text.size() && text[at + 1] == c;
      words.alone(text.substr(at, twice ? 2 : 1));
      if (twice) ++at;
    } else {
      words.add(c);
    }
  }
  return words.take();
}

}  // namespace toolgate::runtimes
