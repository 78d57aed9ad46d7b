#include "identity/policy/pattern.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace toolgate::identity::policy {
namespace {

constexpr std::size_t arn_parts = 6;

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

// Takes the text apart, from left to right.
struct Pattern::Reader {
  Pattern& pattern;
  std::string_view rest;

  Result<void> run() {
    pattern.pieces_.emplace_back();
    const bool replaces = pattern.rules_.variables == Variables::are_replaced;
    while (!rest.empty()) {
      if (replaces && rest.starts_with("${")) {
        TRY_DO(variable());
        continue;
      }
      const char next = rest.front();
      const bool wild = pattern.rules_.wildcards == Wildcards::mean_any;
      Symbols& symbols = pattern.pieces_.back().symbols;
      if (wild && next == '*') {
        if (symbols.empty() || symbols.back() != any_run) symbols.push_back(any_run);
      } else if (wild && next == '?') {
        symbols.push_back(any_one);
      } else {
        pattern.add(rest.substr(0, 1), symbols);
      }
      rest.remove_prefix(1);
    }
    return {};
  }

  // "${*}", "${aws:username}", "${aws:PrincipalTag/team, 'none'}"
  Result<void> variable() {
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos) {
      return fail(Code::invalid, fmt::format("the variable in '{}' has no end", pattern.text_));
    }
    std::string_view name = trim(rest.substr(2, end - 2));
    rest.remove_prefix(end + 1);
    if (name == "*" || name == "?" || name == "$") {
      pattern.add(name, pattern.pieces_.back().symbols);
      return {};
    }
    std::optional<std::string> otherwise;
    if (const std::size_t comma = name.find(','); comma != std::string_view::npos) {
      const std::string_view given = trim(name.substr(comma + 1));
      if (given.size() < 2 || given.front() != '\'' || given.back() != '\'') {
        return fail(Code::invalid,
                    fmt::format("the default in '{}' stands between ' and '", pattern.text_));
      }
      otherwise = std::string{given.substr(1, given.size() - 2)};
      name = trim(name.substr(0, comma));
    }
    if (name.empty()) {
      return fail(Code::invalid, fmt::format("the variable in '{}' has no name", pattern.text_));
    }
    pattern.pieces_.back().variable = lower(name);
    pattern.pieces_.back().otherwise = std::move(otherwise);
    pattern.pieces_.emplace_back();
    pattern.has_variables_ = true;
    return {};
  }
};

Result<Pattern> Pattern::compile(std::string_view text, Rules rules) {
  Pattern pattern;
  pattern.text_ = text;
  pattern.rules_ = rules;
  TRY_DO(Reader{.pattern = pattern, .rest = pattern.text_}.run());
  return pattern;
}

void Pattern::add(std::string_view literal, Symbols& to) const {
  const bool fold = rules_.letters == Letters::of_any_case;
  for (const char c : literal) {
    to.push_back(static_cast<unsigned char>(fold ? lowered(c) : c));
  }
}

std::optional<Pattern::Symbols> Pattern::symbols(const Context& context) const {
  Symbols all;
  for (const Piece& piece : pieces_) {
    all.insert(all.end(), piece.symbols.begin(), piece.symbols.end());
    if (piece.variable.empty()) continue;
    // A key with several values is no variable (IAM User Guide, "Variables").
    const auto* values = context.find(piece.variable);
    if (values != nullptr && values->size() == 1) {
      add(values->front(), all);
    } else if (piece.otherwise) {
      add(*piece.otherwise, all);
    } else {
      return std::nullopt;
    }
  }
  return all;
}

// Linear but for runs: a mismatch goes back to the last run alone, which is enough because an
// earlier one could only take what the last one can.
bool Pattern::same(std::span<const Symbol> pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t here = 0;
  std::size_t run = pattern.size();  // where the last run stands
  std::size_t run_end = 0;           // what it has taken
  while (here < text.size()) {
    const Symbol wanted = at < pattern.size() ? pattern[at] : Symbol{0x1FF};
    if (wanted == any_run) {
      run = at++;
      run_end = here;
    } else if (wanted == any_one) {
      do ++here;
      while (here < text.size() && continues(text[here]));
      ++at;
    } else if (wanted == static_cast<unsigned char>(text[here])) {
      ++at;
      ++here;
    } else if (run < pattern.size()) {
      at = run + 1;
      here = ++run_end;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == any_run) ++at;
  return at == pattern.size();
}

bool Pattern::matches(std::string_view text, const Context& context) const {
  std::string folded;
  if (rules_.letters == Letters::of_any_case) {
    folded = lower(text);
    text = folded;
  }
  if (!has_variables_) return same(pieces_.front().symbols, text);
  const auto all = symbols(context);
  return all && same(*all, text);
}

bool Pattern::matches_arn(std::string_view text, const Context& context) const {
  const auto all = symbols(context);
  if (!all) return false;
  std::span<const Symbol> pattern = *all;
  if (pattern.size() == 1 && pattern.front() == any_run) return true;
  // One with fewer parts is no ARN, and no ARN is like it.
  if (std::ranges::count(pattern, Symbol{':'}) < static_cast<std::ptrdiff_t>(arn_parts - 1)) {
    return false;
  }
  for (std::size_t part = 1; part < arn_parts; ++part) {
    const auto cut = std::ranges::find(pattern, Symbol{':'});
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const auto size = static_cast<std::size_t>(cut - pattern.begin());
    if (!same(pattern.first(size), text.substr(0, colon))) return false;
    pattern = pattern.subspan(size + 1);
    text.remove_prefix(colon + 1);
  }
  return same(pattern, text);
}

std::optional<std::string> Pattern::value(const Context& context) const {
  if (!has_variables_) return text_;
  const auto all = symbols(context);
  if (!all) return std::nullopt;
  std::string made;
  for (const Symbol symbol : *all) made += static_cast<char>(symbol);
  return made;
}

}  // namespace toolgate::identity::policy
