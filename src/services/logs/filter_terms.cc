// Terms, in any order; and which kind of pattern a text is.
#include <algorithm>
#include <vector>

#include <re2/re2.h>

#include "services/logs/filter_pattern.h"
#include "services/logs/filter_scanner.h"

namespace toolgate::services::logs {
namespace {

bool is_term(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct Term {
  std::string text;
  std::shared_ptr<const re2::RE2> regex;

  [[nodiscard]] bool is_in(std::string_view event) const {
    if (regex) return re2::RE2::PartialMatch(re2::StringPiece{event.data(), event.size()}, *regex);
    return event.contains(text);
  }
};

class Terms final : public Matcher {
 public:
  [[nodiscard]] bool matches(std::string_view event) const override {
    const auto is_in = [event](const Term& term) { return term.is_in(event); };
    if (std::ranges::any_of(excluded, is_in)) return false;
    if (!required.empty()) return std::ranges::all_of(required, is_in);
    // Beside required terms the optional ones decide nothing (user guide, "Match terms").
    return optional.empty() || std::ranges::any_of(optional, is_in);
  }
  std::vector<Term> required;
  std::vector<Term> optional;
  std::vector<Term> excluded;
};

}  // namespace

Result<SharedMatcher> parse_term_pattern(std::string_view pattern) {
  Scanner scanner{pattern};
  auto terms = std::make_shared<Terms>();
  for (scanner.skip_spaces(); !scanner.at_end(); scanner.skip_spaces()) {
    auto* kind = &terms->required;
    if (scanner.take("?")) {
      kind = &terms->optional;
    } else if (scanner.take("-")) {
      kind = &terms->excluded;
    }
    Term term;
    if (scanner.peek() == '%') {
      TRY(term.regex, scanner.regex());
    } else if (scanner.peek() == '"') {
      TRY(term.text, scanner.quoted());
    } else {
      term.text = scanner.take_while(is_term);
      if (term.text.empty()) {
        return scanner.expected("a term of letters, digits and _; others in double quotes");
      }
    }
    const char next = scanner.peek();
    if (!scanner.at_end() && next != ' ' && next != '\t' && next != '\n' && next != '\r') {
      return scanner.expected("a space; terms with other characters stand in double quotes");
    }
    kind->push_back(std::move(term));
  }
  return terms;
}

Result<SharedMatcher> parse_filter_pattern(std::string_view pattern) {
  Scanner scanner{pattern};
  scanner.skip_spaces();
  if (scanner.at_end()) return SharedMatcher{};
  if (scanner.peek() == '{') return parse_json_pattern(pattern);
  if (scanner.peek() == '[') return parse_field_pattern(pattern);
  return parse_term_pattern(pattern);
}

}  // namespace toolgate::services::logs
