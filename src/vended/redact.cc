#include "vended/redact.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"
#include "json/json.h"
#include "json/scan.h"
#include "vended/secret_text.h"

namespace toolgate::vended {
namespace {

constexpr std::size_t name_bytes_max = 96;
// JSON within a string within a string …
constexpr int nesting_max = 4;
// Shorter strings hold no token.
constexpr std::size_t suspicious_bytes_min = 8;
// isError stands in the result, which stands in the message.
constexpr int is_error_depth = 2;

constexpr std::array<std::string_view, 14> fragments{
    "password",  "passwd",     "passphrase", "secret",          "apikey",
    "accesskey", "privatekey", "credential", "authorization",   "bearer",
    "cookie",    "sessionkey", "signingkey", "connectionstring"};
constexpr std::array<std::string_view, 10> whole_names{
    "pwd", "pin", "otp", "cvv", "cvc", "ssn", "auth", "jwt", "assertion", "clientassertion"};
// Tokens that lead through pages and progress.
constexpr std::array<std::string_view, 9> harmless{
    "progresstoken", "nexttoken", "pagetoken",        "nextpagetoken",    "continuationtoken",
    "clienttoken",   "synctoken", "nextforwardtoken", "nextbackwardtoken"};

// Whether a fragment begins with two letters. Almost all names, many for each body, pass by this.
class Beginnings {
 public:
  constexpr Beginnings() {
    for (const auto each : fragments) begins_[index(each[0], each[1])] = true;
  }
  [[nodiscard]] constexpr bool holds(char a, char b) const { return begins_[index(a, b)]; }

 private:
  static constexpr std::size_t index(char a, char b) {
    return (static_cast<std::size_t>(a) & 31U) * 32 + (static_cast<std::size_t>(b) & 31U);
  }
  std::array<bool, 1024> begins_{};
};
constexpr Beginnings beginnings;

class Scan {
 public:
  Scan(const Redaction& redaction, int depth)
      : text_{redaction.text}, marked_{redaction.marked}, values_{redaction.values}, depth_{depth} {
    out_.reserve(text_.size() + 32);
  }

  Redacted run() {
    while (at_ < text_.size()) {
      const auto quote = text_.find('"', at_);
      if (quote == std::string_view::npos) break;
      count(text_.substr(at_, quote - at_));
      take_string(quote);
    }
    // What stands outside strings: no JSON, or its end.
    const auto rest = text_.substr(copied_);
    if (depth_ > 0 || copied_ > 0) {
      out_.append(rest);
    } else {
      out_.append(without_secrets(rest));
    }
    return {.text = std::move(out_), .is_error = is_error_};
  }

 private:
  void count(std::string_view between) {
    for (const char c : between) {
      if (c == '{' || c == '[') ++level_;
      if (c == '}' || c == ']') --level_;
    }
  }

  // The index after a string's closing quote; the text's size when it has none.
  [[nodiscard]] std::size_t after_string(std::size_t quote) const {
    for (std::size_t i = quote + 1;;) {
      i = text_.find('"', i);
      if (i == std::string_view::npos) return text_.size();
      std::size_t slashes = 0;
      while (text_[i - 1 - slashes] == '\\' && i - 1 - slashes > quote) ++slashes;
      ++i;
      if (slashes % 2 == 0) return i;
    }
  }
  [[nodiscard]] std::size_t after_space(std::size_t i) const {
    while (i < text_.size() && std::strchr(" \t\r\n", text_[i]) != nullptr) ++i;
    return i;
  }
  [[nodiscard]] std::string_view content(std::size_t quote, std::size_t end) const {
    const bool closed = end > quote + 1 && text_[end - 1] == '"';
    return text_.substr(quote + 1, end - quote - 1 - (closed ? 1 : 0));
  }

  void take_string(std::size_t quote) {
    const auto end = after_string(quote);
    const auto colon = after_space(end);
    at_ = end;
    if (colon < text_.size() && text_[colon] == ':') {
      take_member(content(quote, end), after_space(colon + 1));
    } else {
      take_value(quote, end);
    }
  }

  void take_member(std::string_view raw, std::size_t value) {
    at_ = value;
    if (level_ == is_error_depth && raw == "isError") {
      is_error_ = is_error_ || text_.substr(value).starts_with("true");
    }
    if (!is_secret(raw)) return;
    const auto end = after_value(value);
    const auto given = text_.substr(value, end - value);
    if (given.empty() || given == "null" || given == "true" || given == "false") return;
    if (values_ != nullptr && given.size() > 2 && given.front() == '"') {
      values_->emplace_back(content(value, end));
    }
    out_.append(text_.substr(copied_, value - copied_));
    out_.append("\"").append(redacted).append("\"");
    copied_ = at_ = end;
  }

  [[nodiscard]] bool is_secret(std::string_view raw) const {
    if (raw.size() > name_bytes_max) return false;
    std::string name{raw};
    if (raw.find('\\') != std::string_view::npos) {
      name = json::unescape({raw, true}, json::Surrogates::replace).value_or(name);
    }
    if (is_secret_name(name)) return true;
    if (marked_.empty()) return false;
    for (const auto each : split(marked_, '\n')) {
      if (!each.empty() && each == name) return true;
    }
    return false;
  }

  // Behind the value that begins at `i`.
  [[nodiscard]] std::size_t after_value(std::size_t i) const {
    if (i >= text_.size()) return i;
    if (text_[i] == '"') return after_string(i);
    if (text_[i] != '{' && text_[i] != '[') {
      return std::min(text_.find_first_of(",}] \t\r\n", i), text_.size());
    }
    for (int open = 0; i < text_.size();) {
      const char c = text_[i];
      if (c == '"') {
        i = after_string(i);
        continue;
      }
      ++i;
      if (c == '{' || c == '[') ++open;
      if ((c == '}' || c == ']') && --open == 0) break;
    }
    return i;
  }

  // A string that is a value: its text may hold JSON, or a token.
  void take_value(std::size_t quote, std::size_t end) {
    const auto raw = content(quote, end);
    if (raw.size() < suspicious_bytes_min) return;
    std::string changed;
    if (depth_ < nesting_max && holds_quote(raw)) {
      const auto inner = unescaped(raw);
      changed = Scan{{.text = inner, .marked = marked_, .values = values_}, depth_ + 1}.run().text;
      changed = without_secrets(changed);
      if (changed == inner) return;
      changed = json::quote(changed);
      changed = changed.substr(1, changed.size() - 2);
    } else {
      if (!may_hold_secrets(raw)) return;
      changed = without_secrets(raw);
      if (changed == raw) return;
    }
    out_.append(text_.substr(copied_, quote + 1 - copied_)).append(changed);
    copied_ = quote + 1 + raw.size();
  }

  static bool holds_quote(std::string_view raw) {
    for (auto i = raw.find('\\'); i != std::string_view::npos; i = raw.find('\\', i + 2)) {
      if (i + 1 < raw.size() && raw[i + 1] == '"') return true;
    }
    return false;
  }

  // Of a string that may be cut off in the middle of an escape.
  static std::string unescaped(std::string_view raw) {
    for (std::size_t cut = 0; cut < 12 && cut <= raw.size(); ++cut) {
      const auto part = raw.substr(0, raw.size() - cut);
      const std::string whole = '"' + std::string{part} + '"';
      if (auto parsed = json::parse(whole); parsed && parsed->is_string()) {
        return std::string{parsed->get_string()};
      }
    }
    return std::string{raw};
  }

  std::string_view text_;
  std::string_view marked_;
  std::vector<std::string>* values_;
  int depth_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;  // what stands before is in out_
  int level_ = 0;
  bool is_error_ = false;
  std::string out_;
};

}  // namespace

bool is_secret_name(std::string_view name) {
  std::array<char, name_bytes_max> letters;
  std::size_t size = 0;
  for (const char c : name.substr(0, name_bytes_max)) {
    if (c >= 'A' && c <= 'Z') letters[size++] = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) letters[size++] = c;
  }
  const std::string_view plain{letters.data(), size};
  if (std::ranges::find(whole_names, plain) != whole_names.end()) return true;
  for (std::size_t i = 0; i + 1 < plain.size(); ++i) {
    if (!beginnings.holds(plain[i], plain[i + 1])) continue;
    const auto here = [rest = plain.substr(i)](auto each) { return rest.starts_with(each); };
    if (std::ranges::any_of(fragments, here)) return true;
  }
  return plain.ends_with("token") && std::ranges::find(harmless, plain) == harmless.end();
}

Redacted redact(const Redaction& redaction) { return Scan{redaction, 0}.run(); }

void take_out(std::string& text, std::string_view value, End end) {
  if (value.size() < value_bytes_min) return;
  for (std::size_t at = 0; (at = text.find(value, at)) != std::string::npos;) {
    text.replace(at, value.size(), redacted);
    at += redacted.size();
  }
  if (end == End::whole) return;
  for (std::size_t size = std::min(value.size(), text.size()); size >= 4; --size) {
    if (!text.ends_with(value.substr(0, size))) continue;
    text.replace(text.size() - size, size, redacted);
    return;
  }
}

}  // namespace toolgate::vended
