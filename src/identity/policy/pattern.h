// A text of a policy that is compared with a text of a request: with wildcards (* and ?) and
// policy variables (${aws:username}, ${*}), or without.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/policy/context.h"

namespace toolgate::identity::policy {

enum class Wildcards : unsigned char { mean_any, are_literal };
enum class Letters : unsigned char { as_they_are, of_any_case };
// A policy of version 2008-10-17 takes "${" as it stands.
enum class Variables : unsigned char { are_replaced, are_literal };

class Pattern {
 public:
  struct Rules {
    Wildcards wildcards = Wildcards::mean_any;
    Variables variables = Variables::are_replaced;
    Letters letters = Letters::as_they_are;
  };
  // Fails with Code::invalid for a variable without an end or a name.
  static Result<Pattern> compile(std::string_view text, Rules rules);

  // A variable that the request has no value for, and no default, matches nothing.
  [[nodiscard]] bool matches(std::string_view text, const Context& context) const;
  // The same for ARNs: each of the six parts by itself (IAM User Guide, "Amazon Resource Name (ARN)
  // condition operators").
  [[nodiscard]] bool matches_arn(std::string_view text, const Context& context) const;
  // The text with its variables replaced; nothing when one has no value.
  [[nodiscard]] std::optional<std::string> value(const Context& context) const;

  [[nodiscard]] bool has_variables() const { return has_variables_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  // A byte, or one of the two wildcards.
  using Symbol = std::uint16_t;
  using Symbols = std::vector<Symbol>;
  static constexpr Symbol any_run = 256;
  static constexpr Symbol any_one = 257;

  struct Piece {
    Symbols symbols;       // as they stand, before the variable
    std::string variable;  // in lower case; empty behind the last one
    std::optional<std::string> otherwise;
  };

  struct Reader;
  void add(std::string_view literal, Symbols& to) const;
  [[nodiscard]] std::optional<Symbols> symbols(const Context& context) const;
  static bool same(std::span<const Symbol> pattern, std::string_view text);

  std::string text_;
  Rules rules_;
  std::vector<Piece> pieces_;
  bool has_variables_ = false;
};

}  // namespace toolgate::identity::policy
