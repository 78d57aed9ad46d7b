#include "services/bedrock_runtime/prompt_tokens.h"

#include <array>
#include <cctype>

#include "json/json.h"

namespace toolgate::services::bedrock_runtime {
namespace {

constexpr std::size_t tokens_count_max = 4'000;
constexpr std::size_t quoted_bytes_max = 4'000;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}

  std::vector<PromptToken> read() {
    while (tokens_.size() < tokens_count_max) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      if (!quoted() && !json()) word();
    }
    return std::move(tokens_);
  }

 private:
  void add(PromptToken token) {
    token.begins = begins_;
    begins_ = false;
    if (token.label.empty()) token.label = std::exchange(label_, {});
    tokens_.push_back(token);
  }

  // Punctuation behind a quote or a JSON text.
  void punctuation() {
    while (at_ < text_.size() && std::string_view{".,;:!?)"}.contains(text_[at_])) {
      tokens_.back().ends = true;
      begins_ |= std::string_view{".!?"}.contains(text_[at_]);
      ++at_;
    }
  }

  bool quoted() {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> quotes{
        {{"\"", "\""}, {"`", "`"}, {"“", "”"}, {"«", "»"}, {"‘", "’"}, {"'", "'"}}};
    const auto rest = text_.substr(at_);
    for (const auto& [opening, closing] : quotes) {
      if (!rest.starts_with(opening)) continue;
      auto end = rest.find(closing, opening.size());
      // An apostrophe inside of a word ends nothing.
      while (closing == "'" && end != rest.npos && end + 1 < rest.size() &&
             is_alphanumeric(rest[end + 1])) {
        end = rest.find(closing, end + 1);
      }
      if (end == rest.npos || end == opening.size() || end > quoted_bytes_max) continue;
      add({.kind = PromptToken::Kind::quoted,
           .text = rest.substr(opening.size(), end - opening.size())});
      at_ += end + closing.size();
      punctuation();
      return true;
    }
    return false;
  }

  // The shortest text from here that is an object or a list.
  bool json() {
    if (text_[at_] != '{' && text_[at_] != '[') return false;
    int depth = 0;
    bool in_text = false;
    for (std::size_t end = at_; end < text_.size() && end - at_ < quoted_bytes_max; ++end) {
      const char c = text_[end];
      if (in_text) {
        if (c == '\\') ++end;
        in_text = c != '"';
        continue;
      }
      in_text = c == '"';
      depth += static_cast<int>(c == '{' || c == '[') - static_cast<int>(c == '}' || c == ']');
      if (depth > 0) continue;
      const auto whole = text_.substr(at_, end + 1 - at_);
      if (!json::parse(whole)) return false;
      add({.kind = PromptToken::Kind::json, .text = whole});
      at_ = end + 1;
      punctuation();
      return true;
    }
    return false;
  }

  void word() {
    const std::size_t from = at_;
    while (at_ < text_.size() && !is_space(text_[at_])) {
      const char before = text_[at_++];
      // name="two words"
      const bool value = before == '=' || before == ':';
      if (value && at_ < text_.size() && std::string_view{"\"'`{["}.contains(text_[at_])) break;
    }
    auto text = text_.substr(from, at_ - from);
    const auto skip = text.find_first_not_of("([<*");
    text.remove_prefix(skip == text.npos ? text.size() : skip);
    PromptToken token;
    bool ends_sentence = false;
    while (!text.empty() && std::string_view{".,;:!?)]>*="}.contains(text.back())) {
      const char last = text.back();
      token.ends = true;
      ends_sentence |= last == '.' || last == '!' || last == '?';
      token.labels |= last == ':' || last == '=';
      text.remove_suffix(1);
    }
    const auto equals = text.find('=');
    const bool link = text.find("://") != text.npos;
    if (!link && equals != text.npos && equals > 0) {
      token.label = text.substr(0, equals);
      text.remove_prefix(equals + 1);
    }
    token.text = text;
    if (!text.empty()) {
      add(token);
      if (token.labels) label_ = text;
    }
    begins_ |= ends_sentence;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool begins_ = true;
  std::string_view label_;  // for the next token
  std::vector<PromptToken> tokens_;
};

}  // namespace

std::vector<PromptToken> tokens_of(std::string_view prompt) { return Reader{prompt}.read(); }

}  // namespace toolgate::services::bedrock_runtime
