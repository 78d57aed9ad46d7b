#include "targets/smithy/plain_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace toolgate::targets::smithy {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> entities{{
    {"&amp;", "&"},
    {"&lt;", "<"},
    {"&gt;", ">"},
    {"&quot;", "\""},
    {"&apos;", "'"},
    {"&#39;", "'"},
    {"&nbsp;", " "},
    {"&#x27;", "'"},
}};

constexpr std::array<std::string_view, 14> line_tags{"p",  "br", "ul", "ol", "dl",    "dt", "dd",
                                                     "h1", "h2", "h3", "h4", "table", "tr", "note"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Stripper {
 public:
  explicit Stripper(std::string_view html) : rest_{html} {}

  std::string strip() {
    while (!rest_.empty()) {
      if (rest_[0] == '<' && tag()) continue;
      if (rest_[0] == '&' && entity()) continue;
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
        space_ = true;
      } else {
        put(std::string_view{&c, 1});
      }
    }
    return std::move(out_);
  }

 private:
  // A '<' that begins no tag is text ("a < b").
  bool tag() {
    if (rest_.starts_with("<!--")) {
      const auto end = rest_.find("-->");
      rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 3);
      return true;
    }
    std::string_view name = rest_.substr(1);
    if (name.starts_with('/')) name.remove_prefix(1);
    const auto name_end = std::ranges::find_if_not(
        name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    name = name.substr(0, static_cast<std::size_t>(name_end - name.begin()));
    const auto end = rest_.find('>');
    if (name.empty() || !is_letter(name[0]) || end == rest_.npos) return false;
    const std::string word = lower(name);
    if (word == "li" && rest_[1] != '/') {
      line();
      put("-");
      space_ = true;
    } else if (std::ranges::find(line_tags, word) != line_tags.end()) {
      line();
    }
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool entity() {
    for (const auto& [name, text] : entities) {
      if (!rest_.starts_with(name)) continue;
      if (text == " ") {
        space_ = true;
      } else {
        put(text);
      }
      rest_.remove_prefix(name.size());
      return true;
    }
    return false;
  }

  // What follows a list item's dash stays on its line.
  void line() {
    if (!out_.empty() && !out_.ends_with("\n-") && out_ != "-") line_ = true;
  }

  void put(std::string_view text) {
    if (line_) {
      out_ += '\n';
    } else if (space_ && !out_.empty()) {
      out_ += ' ';
    }
    line_ = space_ = false;
    out_ += text;
  }

  std::string_view rest_;
  std::string out_;
  bool space_ = false;  // a space is due before the next character
  bool line_ = false;   // a new line is
};

}  // namespace

std::string plain_text(std::string_view html, std::size_t bytes_max) {
  std::string text = Stripper{html}.strip();
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max - 3;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not within a character
  text.resize(end);
  const auto sentence = text.rfind(". ");
  const auto word = text.find_last_of(" \n");
  if (sentence != text.npos && sentence > end / 2) {
    text.resize(sentence + 1);
  } else if (word != text.npos && word > end / 2) {
    text.resize(word);
    text += "...";
  } else {
    text += "...";
  }
  return text;
}

}  // namespace toolgate::targets::smithy
