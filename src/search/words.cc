#include "search/words.h"

#include <array>
#include <cstdint>
#include <unordered_set>

#include "search/utf8.h"

namespace toolgate::search {
namespace {

// Words of questions, sentences and courtesy that tell no tool from another.
constexpr std::array<std::string_view, 140> stop_words{
    "a",      "about", "all",    "also",     "am",        "an",      "and",   "any",    "are",
    "as",     "at",    "be",     "been",     "being",     "both",    "but",   "by",     "can",
    "could",  "did",   "do",     "does",     "doing",     "don",     "each",  "for",    "from",
    "had",    "has",   "have",   "having",   "he",        "her",     "here",  "him",    "his",
    "how",    "i",     "if",     "in",       "into",      "is",      "it",    "its",    "just",
    "ll",     "m",     "me",     "more",     "most",      "my",      "need",  "no",     "nor",
    "not",    "now",   "of",     "on",       "only",      "or",      "other", "our",    "out",
    "over",   "own",   "please", "re",       "s",         "same",    "she",   "should", "so",
    "some",   "such",  "t",      "than",     "that",      "the",     "their", "them",   "then",
    "there",  "these", "they",   "this",     "those",     "to",      "too",   "under",  "until",
    "up",     "ve",    "very",   "want",     "was",       "we",      "were",  "what",   "when",
    "where",  "which", "while",  "who",      "whom",      "why",     "will",  "with",   "would",
    "you",    "your",  "d",      "let",      "like",      "may",     "might", "must",   "per",
    "us",     "help",  "much",   "many",     "thank",     "thanks",  "hi",    "hello",  "hey",
    "kindly", "know",  "tell",   "wonder",   "wondering", "curious", "bit",   "kind",   "okay",
    "ok",     "sure",  "hope",   "possible", "able",
};

enum class Class : std::uint8_t { separator, lower, upper, digit, alone };

// Capitals of Latin-1, Greek and Cyrillic; others stay as they are.
bool is_upper(char32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
         (c >= 0x391 && c <= 0x3A9) || (c >= 0x400 && c <= 0x42F);
}

char32_t lower_of(char32_t c) {
  if (!is_upper(c)) return c;
  return c >= 0x400 && c < 0x410 ? c + 0x50 : c + 0x20;
}

Class class_of(char32_t c) {
  if (c >= '0' && c <= '9') return Class::digit;
  if (is_upper(c)) return Class::upper;
  if (c < 0x80) return c >= 'a' && c <= 'z' ? Class::lower : Class::separator;
  const bool punctuation = c <= 0xBF || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) ||
                           (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFF0F);
  if (punctuation) return Class::separator;
  // Thai to Khmer, kana, Han.
  const bool without_spaces = (c >= 0xE00 && c <= 0xEFF) || (c >= 0x1000 && c <= 0x109F) ||
                              (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3040 && c <= 0x30FF) ||
                              (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x3FFFF);
  return without_spaces ? Class::alone : Class::lower;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  Class before = Class::separator;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const Character now = decode_utf8(text.substr(at));
    const Class kind = class_of(now.point);
    at += now.bytes;
    if (kind == Class::separator || kind == Class::alone || before == Class::alone) {
      end_word();
    } else if (kind == Class::upper && before != Class::upper) {
      if (before == Class::lower) end_word();  // getUser
    } else if (kind == Class::upper && at < text.size() &&
               class_of(decode_utf8(text.substr(at)).point) == Class::lower) {
      end_word();  // HTTPResponse
    }
    if (kind != Class::separator) append_utf8(word, lower_of(now.point));
    before = kind;
  }
  end_word();
  return words;
}

bool is_stop_word(std::string_view word) {
  static const std::unordered_set<std::string_view> all{stop_words.begin(), stop_words.end()};
  return all.contains(word);
}

}  // namespace toolgate::search
