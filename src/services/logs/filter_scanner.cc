#include "services/logs/filter_scanner.h"

#include <charconv>

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.h"

namespace toolgate::services::logs {
namespace {

constexpr std::int64_t regex_bytes_max = 256 * 1024;  // compiled

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
// Of a value without quotes. What ends one, or has a meaning elsewhere in a pattern, must be
// quoted.
bool is_bare(char c) {
  return is_word(c) || c == '*' || c == '.' || c == '-' || c == '+' || c == ':' || c == '/' ||
         c == '@' || c == '#' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

void Scanner::skip_spaces() {
  while (!at_end() && is_space(text_[at_])) ++at_;
}

bool Scanner::take(std::string_view word) {
  if (!next_is(word)) return false;
  at_ += word.size();
  return true;
}

bool Scanner::take_word(std::string_view word) {
  const std::string_view here = text_.substr(at_, word.size());
  const auto end = at_ + word.size();
  if (!equal_ignoring_case(here, word) || (end < text_.size() && is_word(text_[end]))) return false;
  at_ = end;
  return true;
}

Result<std::string> Scanner::quoted() {
  std::string text;
  for (++at_; !at_end(); ++at_) {
    char c = text_[at_];
    if (c == '"') {
      ++at_;
      return text;
    }
    const char following = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '\\' && (following == '"' || following == '\\')) c = text_[++at_];
    text += c;
  }
  return expected("a closing \"");
}

Result<std::shared_ptr<const re2::RE2>> Scanner::regex() {
  const auto end = text_.find('%', at_ + 1);
  if (end == std::string_view::npos) return expected("a closing %");
  const std::string_view source = text_.substr(at_ + 1, end - at_ - 1);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(regex_bytes_max);
  auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece{source.data(), source.size()}, options);
  if (!compiled->ok() || source.empty()) return expected("a regular expression between %");
  at_ = end + 1;
  return compiled;
}

std::string_view Scanner::take_while(bool (*wanted)(char)) {
  const auto begin = at_;
  while (!at_end() && wanted(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::unexpected<Error> Scanner::expected(std::string_view what) const {
  return fail(Code::invalid,
              fmt::format("Invalid filter pattern: expected {} at character {}", what, at_ + 1));
}

std::optional<Operator> take_operator(Scanner& scanner) {
  // Longer ones first: "<" begins "<=".
  if (scanner.take("!=")) return Operator::unequal;
  if (scanner.take("<=")) return Operator::less_or_equal;
  if (scanner.take(">=")) return Operator::greater_or_equal;
  if (scanner.take("=")) return Operator::equal;
  if (scanner.take("<")) return Operator::less;
  if (scanner.take(">")) return Operator::greater;
  return std::nullopt;
}

Result<Expected> Expected::scan(Scanner& scanner) {
  Expected value;
  if (scanner.peek() == '%') {
    TRY(value.regex_, scanner.regex());
    return value;
  }
  if (scanner.peek() == '"') {
    TRY(value.text_, scanner.quoted());
    value.has_wildcard_ = value.text_.contains('*');
    return value;
  }
  value.text_ = scanner.take_while(is_bare);
  if (value.text_.empty()) return scanner.expected("a value: a word, a number, \"…\" or %…%");
  value.has_wildcard_ = value.text_.contains('*');
  value.number_ = as_number(value.text_);
  return value;
}

bool Expected::same(std::string_view text, std::optional<double> number) const {
  if (regex_) return re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, *regex_);
  if (number_ && number) return *number_ == *number;
  return has_wildcard_ ? matches_wildcard(text_, text) : text == text_;
}

bool Expected::holds(Operator op, std::string_view text, std::optional<double> number) const {
  if (op == Operator::equal) return same(text, number);
  if (op == Operator::unequal) return !same(text, number);
  if (!number_ || !number) return false;
  switch (op) {
    case Operator::less:
      return *number < *number_;
    case Operator::less_or_equal:
      return *number <= *number_;
    case Operator::greater:
      return *number > *number_;
    case Operator::greater_or_equal:
      return *number >= *number_;
    case Operator::equal:
    case Operator::unequal:
      break;
  }
  return false;
}

// The last * may be given more; what stood before it is settled.
bool matches_wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<double> as_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace toolgate::services::logs
