// Reading a filter pattern from left to right, and the values that it compares with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace toolgate::services::logs {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_{text} {}

  void skip_spaces();
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] bool next_is(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  // Takes `word` if it is next.
  bool take(std::string_view word);
  // A word that ends where no letter, digit or underscore follows; upper or lower case.
  bool take_word(std::string_view word);
  // "…" with \" and \\ inside; at the opening quote.
  Result<std::string> quoted();
  // %…%; at the opening per cent sign.
  Result<std::shared_ptr<const re2::RE2>> regex();
  // As many characters as `wanted` says.
  std::string_view take_while(bool (*wanted)(char));
  // Code::invalid: "filterPattern: expected … at character 5".
  [[nodiscard]] std::unexpected<Error> expected(std::string_view what) const;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// How deep parentheses may stand in one another, and how many conditions there may be.
inline constexpr int conditions_depth_max = 20;

enum class Operator : unsigned char {
  equal,
  unequal,
  less,
  less_or_equal,
  greater,
  greater_or_equal
};
// Nothing when there is none.
std::optional<Operator> take_operator(Scanner& scanner);

// What a value is compared with: a number, a text in which * stands for anything, or a regular
// expression.
class Expected {
 public:
  // At a quote, a per cent sign or a word. Fails with Code::invalid.
  static Result<Expected> scan(Scanner& scanner);

  // Compares as numbers where both are, else as texts; only numbers are less or greater.
  [[nodiscard]] bool holds(Operator op, std::string_view text, std::optional<double> number) const;
  // "=" and "!=" apply to anything, the others to numbers alone.
  [[nodiscard]] bool fits(Operator op) const {
    return op == Operator::equal || op == Operator::unequal || number_.has_value();
  }

 private:
  [[nodiscard]] bool same(std::string_view text, std::optional<double> number) const;

  std::string text_;
  bool has_wildcard_ = false;
  std::optional<double> number_;
  std::shared_ptr<const re2::RE2> regex_;
};

// "*" stands for any characters, also none.
[[nodiscard]] bool matches_wildcard(std::string_view pattern, std::string_view text);
[[nodiscard]] std::optional<double> as_number(std::string_view text);

}  // namespace toolgate::services::logs
