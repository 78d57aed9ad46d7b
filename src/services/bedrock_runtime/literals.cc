#include "services/bedrock_runtime/literals.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.h"
#include "search/stem.h"
#include "search/words.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/prompt_tokens.h"

namespace toolgate::services::bedrock_runtime {
namespace {

using Kind = Literal::Kind;

constexpr std::array<std::string_view, 12> prepositions{
    "in", "at", "for", "near", "of", "to", "from", "about", "with", "into", "on", "by"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// `shape` has 0 for a digit, x for a hexadecimal one, itself for anything else.
bool shaped(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == '0'   ? is_digit(text[i])
                      : shape[i] == 'x' ? std::isxdigit(static_cast<unsigned char>(text[i])) != 0
                                        : text[i] == shape[i];
    if (!fits) return false;
  }
  return true;
}

std::optional<Json> number_of(std::string_view text) {
  while (text.starts_with('#') || text.starts_with('$')) text.remove_prefix(1);
  if (text.ends_with('%')) text.remove_suffix(1);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && shaped(text.substr(i), ",000")) continue;  // 1,200
    if (text[i] == '+' && i == 0) continue;
    plain += text[i];
  }
  if (plain.empty() || (!is_digit(plain.back()))) return std::nullopt;
  auto value = json::parse(plain);
  if (!value || !value->is_number()) return std::nullopt;
  return std::move(*value);
}

std::optional<Kind> kind_of(std::string_view word) {
  constexpr std::string_view uuid_shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const auto at = word.find('@');
  if (at != word.npos && at > 0 && word.find('.', at + 2) != word.npos) return Kind::email;
  if (const auto colon = word.find("://"); colon != word.npos && colon > 0) return Kind::url;
  if (word.size() == uuid_shape.size() && shaped(word, uuid_shape)) return Kind::uuid;
  if (shaped(word, "0000-00-00T00:00")) return Kind::date_time;
  if (word.size() == 10 && shaped(word, "0000-00-00")) return Kind::date;
  if (number_of(word)) return Kind::number;
  const bool digit = std::ranges::any_of(word, is_digit);
  const auto inner = word.find_first_of("_/.\\");
  const bool parts =
      inner != word.npos && inner + 1 < word.size() && std::ranges::any_of(word, is_letter);
  if (digit || parts) return Kind::identifier;
  return std::nullopt;
}

// A capital that stands for a name: not the first word, not "I".
bool is_name(const PromptToken& token) {
  const auto text = token.text;
  if (text.empty() || text == "I" || text.starts_with("I'")) return false;
  const auto first = static_cast<unsigned char>(text.front());
  // Latin letters with marks above, Greek, Cyrillic: their capitals are two bytes.
  const bool capital =
      is_upper(text.front()) ||
      (first == 0xC3 && text.size() > 1 && static_cast<unsigned char>(text[1]) <= 0x9E) ||
      first == 0xCE || first == 0xD0;
  const bool all_capitals = text.size() > 1 && std::ranges::all_of(text, is_upper);
  return capital && (!token.begins || all_capitals);
}

bool is_plain(const PromptToken& token) {
  return token.kind == PromptToken::Kind::word && token.label.empty() &&
         !search::is_stop_word(lower(token.text)) && !kind_of(token.text) && !is_name(token);
}

class Finder {
 public:
  explicit Finder(const std::vector<PromptToken>& tokens) : tokens_{tokens} {}

  std::vector<Literal> find() {
    for (std::size_t at = 0; at < tokens_.size();) {
      if (found_.size() >= bounds::literals_count_max) break;
      at = take(at);
    }
    return std::move(found_);
  }

 private:
  // Gives the token to go on with.
  std::size_t take(std::size_t at) {
    const auto& token = tokens_[at];
    if (token.kind == PromptToken::Kind::quoted) return add(at, at + 1, Kind::quoted);
    if (token.kind == PromptToken::Kind::json) return add(at, at + 1, Kind::json);
    if (const auto kind = kind_of(token.text)) return add(at, at + 1, *kind);
    if (is_name(token)) {
      std::size_t end = at + 1;
      while (end < tokens_.size() && !tokens_[end - 1].ends && is_name(tokens_[end]) &&
             tokens_[end].kind == PromptToken::Kind::word && !kind_of(tokens_[end].text)) {
        ++end;
      }
      return add(at, end, Kind::name);
    }
    if (!token.label.empty()) return add(at, at + 1, Kind::phrase);
    if (at > 0 && is_preposition(at - 1) && is_plain(token)) {
      std::size_t end = at + 1;
      while (end < tokens_.size() && end - at < 4 && !tokens_[end - 1].ends &&
             is_plain(tokens_[end])) {
        ++end;
      }
      return add(at, end, Kind::phrase);
    }
    return at + 1;
  }

  [[nodiscard]] bool is_preposition(std::size_t at) const {
    return tokens_[at].kind == PromptToken::Kind::word && !tokens_[at].ends &&
           std::ranges::find(prepositions, lower(tokens_[at].text)) != prepositions.end();
  }

  std::size_t add(std::size_t from, std::size_t to, Kind kind) {
    const auto& first = tokens_[from].text;
    const auto& last = tokens_[to - 1].text;
    Literal literal;
    literal.kind = kind;
    literal.text.assign(first.data(), last.data() + last.size());
    for (const std::string_view possessive : {"'s", "’s"}) {
      if (kind == Kind::name && literal.text.ends_with(possessive)) {
        literal.text.resize(literal.text.size() - possessive.size());
      }
    }
    if (kind == Kind::json) {
      literal.value = *json::parse(literal.text);
    } else if (kind == Kind::number) {
      literal.value = *number_of(first);
      literal.text.erase(0, literal.text.find_first_not_of("#$"));
    } else {
      literal.value = boost::json::string(literal.text);
    }
    literal.label = tokens_[from].label;
    literal.words = all_stems_of(literal.text);
    literal.label_words = all_stems_of(literal.label);
    if (from > 0 && is_preposition(from - 1)) {
      literal.preposition = lower(tokens_[from - 1].text);
    }
    add_words(literal.before, 3, from, -1);
    add_words(literal.after, 2, to - 1, 1);
    found_.push_back(std::move(literal));
    return to;
  }

  // The nearest words that say something, up to `count`, within the sentence.
  void add_words(std::vector<std::string>& words, std::size_t count, std::size_t from, int step) {
    auto at = static_cast<std::ptrdiff_t>(from);
    while (words.size() < count) {
      if (step < 0 && tokens_[static_cast<std::size_t>(at)].begins) break;
      at += step;
      if (at < 0 || at >= static_cast<std::ptrdiff_t>(tokens_.size())) break;
      const auto& token = tokens_[static_cast<std::size_t>(at)];
      if (step > 0 && token.begins) break;
      if (token.kind != PromptToken::Kind::word) continue;
      auto stems = stems_of(token.text);
      std::ranges::move(stems, std::back_inserter(words));
    }
  }

  const std::vector<PromptToken>& tokens_;
  std::vector<Literal> found_;
};

}  // namespace

std::vector<std::string> all_stems_of(std::string_view text) {
  std::vector<std::string> stems;
  for (const auto& word : search::split_words(text)) stems.push_back(search::stem(word));
  return stems;
}

std::vector<std::string> stems_of(std::string_view text) {
  std::vector<std::string> stems;
  for (const auto& word : search::split_words(text)) {
    if (!search::is_stop_word(word)) stems.push_back(search::stem(word));
  }
  return stems;
}

std::vector<Literal> literals_of(std::string_view prompt) {
  const auto tokens = tokens_of(prompt.substr(0, bounds::prompt_bytes_max));
  return Finder{tokens}.find();
}

}  // namespace toolgate::services::bedrock_runtime
