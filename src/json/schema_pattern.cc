#include "json/schema_pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <re2/re2.h>

#include "json/bytes.h"

namespace toolgate::json {
namespace {

// What ECMA-262 counts as white space and line ends, as the inside of a class.
constexpr std::string_view space =
    R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view not_line_end = R"([^\n\r\x{2028}\x{2029}])";
// RE2's own bounds on one count, and ours on a count written out in several.
constexpr int count_max = 1'000;
constexpr int written_count_max = 10'000;
constexpr std::size_t written_atom_bytes_max = 256;
constexpr std::int64_t program_bytes_max = 4 << 20;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> long_categories{{
    {"Letter", "L"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Symbol", "S"},
    {"Separator", "Z"},
    {"Other", "C"},
}};

class Translation {
 public:
  explicit Translation(std::string_view pattern) : in_{pattern} {}

  std::expected<std::string, std::string> run() {
    while (at_ < in_.size() && !problem_) step();
    if (problem_) return std::unexpected(std::string{*problem_});
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool next_is(std::string_view text) const {
    return in_.substr(at_).starts_with(text);
  }

  void step() {
    const char c = in_[at_];
    if (c == '(') return open_group();
    if (c == ')') {
      if (groups_.empty()) {
        problem_ = "a parenthesis has no partner";
        return;
      }
      atom_ = groups_.back();
      groups_.pop_back();
      out_ += c;
      ++at_;
      return;
    }
    if (c == '{' && quantifier()) return;
    if (c == '*' || c == '+' || c == '?' || c == '|' || c == '^' || c == '$') {
      out_ += c;
      ++at_;
      return;
    }
    atom_ = out_.size();
    if (c == '\\') return escape(false);
    if (c == '[') return character_class();
    ++at_;
    if (c == '.') {
      out_ += not_line_end;
    } else if (c == '{' || c == '}' || c == ']') {
      out_ += '\\';
      out_ += c;
    } else {
      out_ += c;
      // The bytes of one character are one atom.
      while (at_ < in_.size() && (in_[at_] & 0xC0) == 0x80) out_ += in_[at_++];
    }
  }

  void open_group() {
    if (next_is("(?=") || next_is("(?!")) {
      problem_ = "lookahead is not supported";
    } else if (next_is("(?<=") || next_is("(?<!")) {
      problem_ = "lookbehind is not supported";
    } else {
      groups_.push_back(out_.size());
      out_ += "(?:";
      if (next_is("(?<")) {
        const auto end = in_.find('>', at_);
        if (end == in_.npos) problem_ = "a group's name does not end";
        at_ = end == in_.npos ? end : end + 1;
      } else if (next_is("(?:")) {
        at_ += 3;
      } else if (next_is("(?")) {
        problem_ = "this kind of group is not supported";
      } else {
        ++at_;
      }
    }
  }

  // {n}, {n,} or {n,m}; false when the brace stands for itself.
  bool quantifier() {
    const auto end = in_.find('}', at_);
    if (end == in_.npos) return false;
    const std::string_view inside = in_.substr(at_ + 1, end - at_ - 1);
    const auto comma = inside.find(',');
    const auto least = count(inside.substr(0, comma));
    auto most = least;
    if (comma != inside.npos) {
      most = comma + 1 == inside.size() ? std::optional{-1} : count(inside.substr(comma + 1));
    }
    if (!least || !most) return false;
    at_ = end + 1;
    if (*least <= count_max && *most <= count_max) {
      out_ += '{';
      out_ += inside;
      out_ += '}';
    } else if (std::max(*least, *most) > written_count_max) {
      problem_ = "a count over 10,000 is not supported";
    } else {
      write_out(*least, *most);
    }
    return true;
  }

  static std::optional<int> count(std::string_view digits) {
    int value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value);
    if (digits.empty() || at != end || digits.starts_with('-')) return std::nullopt;
    return error == std::errc{} ? value : written_count_max + 1;
  }

  // x{2500} as x{1000}x{1000}x{500}; at most -1 is without bound.
  void write_out(int least, int most) {
    const std::string atom = out_.substr(atom_);
    if (atom.size() > written_atom_bytes_max) {
      problem_ = "a count over 1,000 of something long is not supported";
      return;
    }
    out_.resize(atom_);
    out_ += "(?:";
    for (int left = least; left > 0; left -= count_max) {
      out_ += fmt::format("{}{{{}}}", atom, std::min(left, count_max));
    }
    if (most < 0) out_ += atom + "*";
    for (int left = most - least; left > 0; left -= count_max) {
      out_ += fmt::format("{}{{0,{}}}", atom, std::min(left, count_max));
    }
    out_ += ')';
    if (next_is("?")) ++at_;  // laziness changes what matches first, not whether it matches
  }

  void character_class() {
    const bool negated = next_is("[^");
    at_ += negated ? 2 : 1;
    if (next_is("]")) {  // ECMA-262: [^] is any character, [] is none
      out_ += negated ? R"([\x{0}-\x{10ffff}])" : R"([^\x{0}-\x{10ffff}])";
      ++at_;
      return;
    }
    out_ += negated ? "[^" : "[";
    while (at_ < in_.size() && in_[at_] != ']' && !problem_) {
      if (in_[at_] == '\\') {
        escape(true);
      } else {
        if (in_[at_] == '[') out_ += '\\';
        out_ += in_[at_++];
      }
    }
    if (at_ == in_.size()) problem_ = "a character class does not end";
    out_ += ']';
    ++at_;
  }

  void escape(bool in_class) {
    if (at_ + 1 == in_.size()) {
      problem_ = "it ends with a backslash";
      return;
    }
    const char c = in_[at_ + 1];
    at_ += 2;
    switch (c) {
      case 's':
        out_ += in_class ? std::string{space} : fmt::format("[{}]", space);
        return;
      case 'S':
        if (in_class) {
          out_ += "\\S";
        } else {
          out_ += fmt::format("[^{}]", space);
        }
        return;
      case 'b':
        out_ += in_class ? "\\x08" : "\\b";
        return;
      case '0':
        out_ += "\\x00";
        return;
      case 'c':
        return control();
      case 'u':
        return code_point();
      case 'k':
        problem_ = "a reference to a group is not supported";
        return;
      case 'p':
      case 'P':
        return category(c);
      default:
        break;
    }
    if (c >= '1' && c <= '9') {
      problem_ = "a reference to a group is not supported";
      return;
    }
    // RE2 knows no needless escapes of letters, ECMA-262 does (without its u flag).
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool known = std::string_view{"dDwWBtnvfrx"}.find(c) != std::string_view::npos;
    if ((!letter || known) && (c & 0x80) == 0 && c != '_') out_ += '\\';
    out_ += c;
  }

  void control() {
    if (at_ == in_.size()) {
      problem_ = "\\c must be followed by a letter";
      return;
    }
    out_ += fmt::format("\\x{:02x}", in_[at_++] & 31);
  }

  void code_point() {
    int point = -1;
    if (next_is("{")) {
      const auto end = in_.find('}', at_);
      const std::string_view digits = in_.substr(at_ + 1, end == in_.npos ? 0 : end - at_ - 1);
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), point, 16);
      if (digits.empty() || read.ptr != digits.data() + digits.size()) point = -1;
      at_ = end == in_.npos ? end : end + 1;
    } else {
      point = unit();
      if (point >= 0xD800 && point < 0xDC00 && next_is("\\u")) {
        at_ += 2;
        const int low = unit();
        point = low < 0 ? low : 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      }
    }
    if (point < 0) {
      problem_ = "\\u must be followed by four hexadecimal digits";
    } else {
      out_ += fmt::format("\\x{{{:x}}}", point);
    }
  }

  int unit() {
    const int value =
        bytes::code_unit(in_.data() + std::min(at_, in_.size()), in_.data() + in_.size());
    at_ += 4;
    return value;
  }

  // \p{Letter}, \p{Script=Greek}, \p{gc=Lu}
  void category(char p) {
    const auto end = in_.find('}', at_);
    if (!next_is("{") || end == in_.npos) {
      problem_ = "\\p must be followed by a name in braces";
      return;
    }
    std::string_view name = in_.substr(at_ + 1, end - at_ - 1);
    if (const auto equals = name.find('='); equals != name.npos) name.remove_prefix(equals + 1);
    for (const auto& [full, brief] : long_categories) {
      if (name == full) name = brief;
    }
    out_ += fmt::format("\\{}{{{}}}", p, name);
    at_ = end + 1;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  std::size_t atom_ = 0;             // where in out_ the atom begins that a count would repeat
  std::vector<std::size_t> groups_;  // where in out_ the open groups begin
  std::optional<std::string> problem_;
};

}  // namespace

std::expected<std::string, std::string> translate_pattern(std::string_view pattern) {
  return Translation{pattern}.run();
}

std::expected<std::shared_ptr<const re2::RE2>, std::string> compile_pattern(
    std::string_view pattern) {
  auto translated = translate_pattern(pattern);
  if (!translated) return std::unexpected(std::move(translated).error());
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(program_bytes_max);
  auto compiled = std::make_shared<const re2::RE2>(*translated, options);
  if (!compiled->ok()) return std::unexpected(compiled->error());
  return compiled;
}

bool matches(const re2::RE2& pattern, std::string_view text) {
  const re2::StringPiece piece{text.data(), text.size()};
  return pattern.Match(piece, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace toolgate::json
