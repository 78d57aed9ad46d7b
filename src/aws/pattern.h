// A contract's pattern, matched as AWS does: against the whole text.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace toolgate::aws {

// Compiled at first use. Any thread.
class Pattern {
 public:
  explicit Pattern(std::string_view text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // `value` is UTF-8. A pattern that does not compile matches everything.
  [[nodiscard]] bool matches(std::string_view value) const;
  // False when RE2 cannot express it: such a pattern belongs into the table of departures.cc.
  [[nodiscard]] bool compiles() const;
  [[nodiscard]] std::string_view text() const { return text_; }  // as in the contract

 private:
  const re2::RE2& compiled() const;

  std::string text_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<re2::RE2> compiled_;
};

// The same pattern in RE2's syntax: \uXXXX escapes and repetitions above RE2's bound differ. A
// bound above 1,000 is left to the shape's own length.
[[nodiscard]] std::string to_re2(std::string_view pattern);

}  // namespace toolgate::aws
