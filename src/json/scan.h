// Reads JSON text in one pass without building anything: the caller steps through the objects it
// knows and skips every other value, which is checked to its last byte on the way. What it gives
// are slices of the text, so that they can be passed on unchanged.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"

namespace toolgate::json {

// What stands between the quotes of a string.
struct Text {
  std::string_view raw;
  bool escaped = false;  // there is a backslash in it
};

// What to make of an escaped surrogate without its partner, which no UTF-8 text can hold.
enum class Surrogates : unsigned char { refuse, replace };

// A raw value that a Scanner gave, when it is a string.
[[nodiscard]] std::optional<Text> as_text(std::string_view raw);

// The text with its escapes undone. Nothing for a lone surrogate, unless it is to be replaced by
// U+FFFD, and for an escape that is cut off or broken, which no Scanner or Tape accepts.
[[nodiscard]] std::optional<std::string> unescape(Text text, Surrogates lone = Surrogates::refuse);
// Compares the unescaped text; one that cannot be unescaped equals nothing.
[[nodiscard]] bool equals(Text text, std::string_view value);

[[nodiscard]] bool is_utf8(std::string_view bytes);
// The text with U+FFFD in place of each byte that belongs to no well-formed character.
[[nodiscard]] std::string replace_broken_utf8(std::string_view bytes);

// Steps through one text, which outlives it. The first failure sticks: every further step fails.
// It does not check UTF-8; is_utf8 does that for a whole body at once.
//   if (scan.enter('{')) while (scan.next_member(key)) scan.skip(value);
//   if (!scan.finish()) … scan.problem() …
class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : begin_{text.data()}, at_{text.data()}, end_{text.data() + text.size()} {}

  // The first byte of the next value: '{', '[', '"', 't', …; 0 at the end of the text.
  [[nodiscard]] char peek();
  // Steps into an object ('{') or array ('[').
  bool enter(char open);
  // Inside an object: steps to the value of the next member. False: at its end, which is left
  // behind, or on failure. The caller must read or skip each value.
  bool next_member(Text& key);
  // The same inside an array.
  bool next_item();

  // One whole value of any kind, checked, as its bytes.
  bool skip(std::string_view& raw);
  bool string(Text& text);

  // Nothing but white space is left.
  bool finish();
  [[nodiscard]] bool failed() const { return expected_ != nullptr; }
  // "byte 17: expected a colon". Only after a failure.
  [[nodiscard]] std::string problem() const;

  // The byte that is read next, after white space: to cut out what is stepped through by hand.
  [[nodiscard]] const char* position();
  // The byte after what was read last.
  [[nodiscard]] const char* passed() const { return at_; }

 private:
  bool fail(const char* at, const char* expected);
  const char* key_and_colon(const char* at, Text& key);
  const char* scalar_end(const char* at);

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* expected_ = nullptr;
  std::size_t depth_ = 0;
  bool first_ = false;  // just entered: the next member or item needs no comma
};

}  // namespace toolgate::json
