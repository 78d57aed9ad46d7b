#include "search/stem.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace toolgate::search {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 15> whole_words{{
    {"skis", "ski"},
    {"skies", "sky"},
    {"idly", "idl"},
    {"gently", "gentl"},
    {"ugly", "ugli"},
    {"early", "earli"},
    {"only", "onli"},
    {"singly", "singl"},
    {"sky", "sky"},
    {"news", "news"},
    {"howe", "howe"},
    {"atlas", "atlas"},
    {"cosmos", "cosmos"},
    {"bias", "bias"},
    {"andes", "andes"},
}};
constexpr std::array<std::string_view, 9> first_region_words{
    "arsen", "commun", "emerg", "gener", "inter", "later", "organ", "past", "univers"};
constexpr std::array<Pair, 24> step_2{{
    {"tional", "tion"}, {"enci", "ence"},   {"anci", "ance"},   {"abli", "able"},
    {"entli", "ent"},   {"izer", "ize"},    {"ization", "ize"}, {"ational", "ate"},
    {"ation", "ate"},   {"ator", "ate"},    {"alism", "al"},    {"aliti", "al"},
    {"alli", "al"},     {"fulness", "ful"}, {"ousli", "ous"},   {"ousness", "ous"},
    {"iveness", "ive"}, {"iviti", "ive"},   {"biliti", "ble"},  {"bli", "ble"},
    {"ogist", "og"},    {"fulli", "ful"},   {"lessli", "less"}, {"ogi", "og"},
}};
constexpr std::array<Pair, 8> step_3{{
    {"tional", "tion"},
    {"ational", "ate"},
    {"alize", "al"},
    {"icate", "ic"},
    {"iciti", "ic"},
    {"ical", "ic"},
    {"ful", ""},
    {"ness", ""},
}};
constexpr std::array<std::string_view, 18> step_4{"al",   "ance", "ence",  "er",   "ic",  "able",
                                                  "ible", "ant",  "ement", "ment", "ent", "ism",
                                                  "ate",  "iti",  "ous",   "ive",  "ize", "ion"};

// y is a vowel; the prelude writes Y where it is none.
bool is_vowel(char c) { return std::string_view{"aeiouy"}.contains(c); }

class Word {
 public:
  explicit Word(std::string_view word) : text_{word} {}

  std::string stem() {
    prelude();
    mark_regions();
    step_1a();
    step_1b();
    step_1c();
    replace_suffix(step_2, "li");
    replace_suffix(step_3, "ative");
    delete_suffix();
    step_5();
    std::ranges::replace(text_, 'Y', 'y');
    return std::move(text_);
  }

 private:
  [[nodiscard]] bool ends(std::string_view suffix) const { return text_.ends_with(suffix); }
  [[nodiscard]] std::string_view before(std::string_view suffix) const {
    return std::string_view{text_}.substr(0, text_.size() - suffix.size());
  }
  void replace(std::string_view suffix, std::string_view by) {
    text_.resize(text_.size() - suffix.size());
    text_ += by;
  }
  static bool has_vowel(std::string_view part) { return std::ranges::any_of(part, is_vowel); }

  void prelude() {
    if (text_.starts_with('\'')) text_.erase(0, 1);
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == 'y' && (i == 0 || is_vowel(text_[i - 1]))) text_[i] = 'Y';
    }
  }

  // A region begins after the first consonant that follows a vowel, counted from `from`.
  [[nodiscard]] std::size_t region_after(std::size_t from) const {
    while (from < text_.size() && !is_vowel(text_[from])) ++from;
    while (from < text_.size() && is_vowel(text_[from])) ++from;
    return std::min(from + 1, text_.size());
  }

  void mark_regions() {
    first_ = region_after(0);
    for (const auto begin : first_region_words) {
      if (text_.starts_with(begin)) first_ = begin.size();
    }
    second_ = region_after(first_);
  }

  // The part ends in a short syllable: "rap", "trap", "entrap"; "ow" only as the whole of it.
  static bool ends_short(std::string_view part) {
    const std::size_t size = part.size();
    if (part.ends_with("past")) return true;
    if (size < 2 || is_vowel(part[size - 1]) || !is_vowel(part[size - 2])) return false;
    if (size == 2) return true;
    return !std::string_view{"wxY"}.contains(part[size - 1]) && !is_vowel(part[size - 3]);
  }

  void step_1a() {
    for (const std::string_view possessive : {"'s'", "'s", "'"}) {
      if (ends(possessive)) {
        replace(possessive, "");
        break;
      }
    }
    if (ends("sses")) {
      replace("es", "");
    } else if (ends("ied") || ends("ies")) {
      replace("ies", text_.size() > 4 ? "i" : "ie");
    } else if (ends("s") && !ends("ss") && !ends("us") && text_.size() > 1 &&
               has_vowel(std::string_view{text_}.substr(0, text_.size() - 2))) {
      replace("s", "");
    }
  }

  void step_1b() {
    for (const std::string_view suffix : {"eedly", "eed"}) {
      if (!ends(suffix)) continue;
      const auto rest = before(suffix);
      if (rest.size() >= first_ && rest != "succ" && rest != "proc" && rest != "exc") {
        replace(suffix, "ee");
      }
      return;
    }
    for (const std::string_view suffix : {"ingly", "edly", "ing", "ed"}) {
      if (!ends(suffix)) continue;
      const auto rest = before(suffix);
      if (suffix == "ing") {
        if (rest.size() == 2 && rest[1] == 'y' && !is_vowel(rest[0])) {
          return replace("ying", "ie");
        }
        for (const std::string_view kept : {"even", "cann", "inn", "earr", "herr", "out"}) {
          if (rest == kept) return;
        }
      }
      if (!has_vowel(rest)) return;
      replace(suffix, "");
      return after_deletion();
    }
  }

  void after_deletion() {
    if (ends("at") || ends("bl") || ends("iz")) {
      text_ += 'e';
      return;
    }
    for (const std::string_view twice : {"bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"}) {
      if (!ends(twice)) continue;
      const auto rest = before(twice);
      const bool kept = rest == "a" || rest == "e" || rest == "o";  // add, egg, off
      if (!kept) text_.pop_back();
      return;
    }
    if (text_.size() == first_ && ends_short(text_)) text_ += 'e';
  }

  void step_1c() {
    if ((ends("y") || ends("Y")) && text_.size() > 2 && !is_vowel(text_[text_.size() - 2])) {
      text_.back() = 'i';
    }
  }

  // The longest suffix of the table, in the first region. `special` is one with a rule of its own.
  void replace_suffix(std::span<const Pair> table, std::string_view special) {
    Pair longest{};
    for (const auto& row : table) {
      if (ends(row.first) && row.first.size() > longest.first.size()) longest = row;
    }
    if (ends(special) && special.size() > longest.first.size()) longest = {special, ""};
    const auto rest = before(longest.first);
    if (longest.first.empty() || rest.size() < first_) return;
    if (longest.first == "ogi" && !rest.ends_with('l')) return;
    if (longest.first == "li" &&
        (rest.empty() || !std::string_view{"cdeghkmnrt"}.contains(rest.back()))) {
      return;
    }
    if (longest.first == "ative" && rest.size() < second_) return;
    replace(longest.first, longest.second);
  }

  void delete_suffix() {
    std::string_view longest;
    for (const auto suffix : step_4) {
      if (ends(suffix) && suffix.size() > longest.size()) longest = suffix;
    }
    const auto rest = before(longest);
    if (longest.empty() || rest.size() < second_) return;
    if (longest == "ion" && !rest.ends_with('s') && !rest.ends_with('t')) return;
    replace(longest, "");
  }

  void step_5() {
    if (ends("e")) {
      const auto rest = before("e");
      if (rest.size() >= second_ || (rest.size() >= first_ && !ends_short(rest))) text_.pop_back();
    } else if (ends("ll") && text_.size() - 1 >= second_) {
      text_.pop_back();
    }
  }

  std::string text_;
  std::size_t first_ = 0;   // where the first region begins
  std::size_t second_ = 0;  // where the second one does
};

}  // namespace

std::string stem(std::string_view word) {
  const bool english =
      std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '\''; });
  if (!english || word.size() < 3) return std::string{word};
  for (const auto& [whole, stem] : whole_words) {
    if (word == whole) return std::string{stem};
  }
  return Word{word}.stem();
}

}  // namespace toolgate::search
