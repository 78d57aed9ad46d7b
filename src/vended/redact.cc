#include "vended/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.h"
#include "json/bytes.h"
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

// Names come again and again: what was found of short ones is kept, the last of each slot.
class KnownNames {
 public:
  bool is_secret(std::string_view name) {
    if (name.size() > 2 * sizeof(std::uint64_t)) return is_secret_name(name);
    const Letters letters = letters_of(name);
    const auto mixed = (letters.first * 0x9E3779B97F4A7C15U) ^ (letters.last * 0xC2B2AE3D27D4EB4FU);
    Slot& slot = slots_[mixed >> (64 - slots_bits)];
    if (slot.size != name.size() + 1 || slot.letters != letters) {
      slot = {.letters = letters,
              .size = static_cast<std::uint8_t>(name.size() + 1),
              .is_secret = is_secret_name(name)};
    }
    return slot.is_secret;
  }

 private:
  static constexpr int slots_bits = 8;
  // All bytes of a name, some of them twice: with its size they say which it is.
  struct Letters {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const Letters&) const = default;
  };
  struct Slot {
    Letters letters;
    std::uint8_t size = 0;  // one more; 0: nothing is known
    bool is_secret = false;
  };

  template <class Part>
  static Letters ends_of(std::string_view name) {
    Part first;
    Part last;
    std::memcpy(&first, name.data(), sizeof(Part));
    std::memcpy(&last, name.data() + name.size() - sizeof(Part), sizeof(Part));
    return {.first = first, .last = last};
  }
  static Letters letters_of(std::string_view name) {
    if (name.size() >= sizeof(std::uint64_t)) return ends_of<std::uint64_t>(name);
    if (name.size() >= sizeof(std::uint32_t)) return ends_of<std::uint32_t>(name);
    if (name.size() >= sizeof(std::uint16_t)) return ends_of<std::uint16_t>(name);
    return {.first = name.empty() ? std::uint64_t{0} : static_cast<unsigned char>(name[0])};
  }

  std::array<Slot, std::size_t{1} << slots_bits> slots_{};
};
thread_local KnownNames known_names;

class Scan {
 public:
  Scan(const Redaction& redaction, int depth)
      : text_{redaction.text},
        end_{text_.data() + text_.size()},
        marked_{redaction.marked},
        values_{redaction.values},
        depth_{depth} {}

  Redacted run() {
    for (;;) {
      at_ = next_string(at_);
      if (at_ == text_.size()) break;
      take_string(at_);
    }
    // What stands outside strings: no JSON, or its end.
    if (copied_ > 0) {
      out_.append(text_.substr(copied_));
      return {.text = std::move(out_), .is_error = is_error_};
    }
    return {.text = depth_ > 0 ? std::nullopt : without_secrets(text_), .is_error = is_error_};
  }

 private:
  struct String {
    std::string_view raw;  // between the quotes
    std::size_t end;       // after the closing one, or the text's size
    bool escaped;          // there is a backslash in it
  };

  // The index of the next quote; counts the braces and brackets on the way.
  std::size_t next_string(std::size_t i) {
    for (; i < text_.size() && text_[i] != '"'; ++i) {
      const char c = static_cast<char>(text_[i] | 0x20);  // a bracket becomes a brace
      level_ += static_cast<int>(c == '{') - static_cast<int>(c == '}');
    }
    return i;
  }

  [[nodiscard]] String string_at(std::size_t quote) const {
    bool escaped = false;
    for (const char* at = text_.data() + quote + 1;; ++at) {
      at = json::bytes::plain_end(at, end_);
      if (at != end_ && *at == '\\') {
        escaped = true;
        if (++at != end_) continue;
      }
      if (at == end_) return {text_.substr(quote + 1), text_.size(), escaped};
      if (*at != '"') continue;
      const auto end = static_cast<std::size_t>(at - text_.data());
      return {text_.substr(quote + 1, end - quote - 1), end + 1, escaped};
    }
  }
  [[nodiscard]] std::size_t after_space(std::size_t i) const {
    return static_cast<std::size_t>(json::bytes::skip_space(text_.data() + i, end_) - text_.data());
  }

  void take_string(std::size_t quote) {
    const String string = string_at(quote);
    const auto colon = after_space(string.end);
    at_ = string.end;
    if (colon < text_.size() && text_[colon] == ':') {
      take_member(string, after_space(colon + 1));
    } else {
      take_value(string, quote + 1);
    }
  }

  void take_member(const String& name, std::size_t value) {
    at_ = value;
    if (level_ == is_error_depth && name.raw == "isError") {
      is_error_ = is_error_ || text_.substr(value).starts_with("true");
    }
    if (!is_secret(name)) return;
    const auto end = after_value(value);
    const auto given = text_.substr(value, end - value);
    if (given.empty() || given == "null" || given == "true" || given == "false") return;
    if (values_ != nullptr && given.size() > 2 && given.front() == '"') {
      values_->emplace_back(string_at(value).raw);
    }
    out_.append(text_.substr(copied_, value - copied_));
    out_.append("\"").append(redacted).append("\"");
    copied_ = at_ = end;
  }

  [[nodiscard]] bool is_secret(const String& string) const {
    if (string.raw.size() > name_bytes_max) return false;
    if (string.escaped) {
      const auto plain = json::unescape({string.raw, true}, json::Surrogates::replace);
      if (plain) return known_names.is_secret(*plain) || is_marked(*plain);
    }
    return known_names.is_secret(string.raw) || is_marked(string.raw);
  }
  [[nodiscard]] bool is_marked(std::string_view name) const {
    if (marked_.empty()) return false;
    for (const auto each : split(marked_, '\n')) {
      if (!each.empty() && each == name) return true;
    }
    return false;
  }

  // Behind the value that begins at `i`.
  [[nodiscard]] std::size_t after_value(std::size_t i) const {
    if (i >= text_.size()) return i;
    if (text_[i] == '"') return string_at(i).end;
    if (text_[i] != '{' && text_[i] != '[') {
      return std::min(text_.find_first_of(",}] \t\r\n", i), text_.size());
    }
    for (int open = 0; i < text_.size();) {
      const char c = text_[i];
      if (c == '"') {
        i = string_at(i).end;
        continue;
      }
      ++i;
      if (c == '{' || c == '[') ++open;
      if ((c == '}' || c == ']') && --open == 0) break;
    }
    return i;
  }

  // A string that is a value: its text may hold JSON, or a token.
  void take_value(const String& string, std::size_t begin) {
    if (string.raw.size() < suspicious_bytes_min) return;
    const bool holds_json = string.escaped && depth_ < nesting_max && holds_quote(string.raw);
    auto changed = holds_json ? without_inner_secrets(string.raw) : without_secrets(string.raw);
    if (!changed) return;
    out_.append(text_.substr(copied_, begin - copied_)).append(*changed);
    copied_ = begin + string.raw.size();
  }

  [[nodiscard]] std::optional<std::string> without_inner_secrets(std::string_view raw) const {
    const auto inner = unescaped(raw);
    auto members =
        Scan{{.text = inner, .marked = marked_, .values = values_}, depth_ + 1}.run().text;
    auto changed = without_secrets(members ? *members : inner);
    if (!changed) changed = std::move(members);
    if (!changed) return std::nullopt;
    const std::string quoted = json::quote(*changed);
    return quoted.substr(1, quoted.size() - 2);
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
      if (auto plain = json::unescape({part, true}, json::Surrogates::replace)) return *plain;
    }
    return std::string{raw};
  }

  std::string_view text_;
  const char* end_;
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
