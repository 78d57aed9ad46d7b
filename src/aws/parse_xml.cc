// XML of requests as elements: no DTD, no external entity; names without their prefix.
#include <algorithm>
#include <charconv>

#include "aws/read_xml.h"
#include "json/scan.h"

namespace toolgate::aws {
namespace {

constexpr std::size_t elements_count_max = 100'000;
constexpr int depth_max = 32;

std::unexpected<Error> malformed(std::size_t at) {
  return std::unexpected(
      Error{.code = Code::invalid,
            .message = "The XML you provided was not well-formed or did not validate against our "
                       "published schema (byte " +
                       std::to_string(at) + ").",
            .detail = {},
            .name = "MalformedXML",
            .fields = {}});
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// What stands between '&' and ';'. False for an entity that XML does not define.
bool append_entity(std::string& out, std::string_view name) {
  for (const auto& [entity, c] :
       {std::pair{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}) {
    if (name == entity) {
      out += c;
      return true;
    }
  }
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x');
  if (is_hex) name.remove_prefix(1);
  std::uint32_t c = 0;
  const auto* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, c, is_hex ? 16 : 10);
  if (error != std::errc{} || stop != end || c == 0 || c > 0x10FFFF ||
      (c >= 0xD800 && c < 0xE000)) {
    return false;
  }
  append_utf8(out, c);
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}

  Result<XmlElement> document() {
    if (starts("\xEF\xBB\xBF")) at_ += 3;
    if (starts("<?xml") && !skip_past("?>")) return fault();
    if (!skip_between()) return fault();
    XmlElement root;
    if (!element(root, 0) || !skip_between() || at_ != text_.size()) return fault();
    return root;
  }

 private:
  [[nodiscard]] std::unexpected<Error> fault() const { return malformed(at_); }
  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
  [[nodiscard]] bool starts(std::string_view what) const {
    return text_.substr(at_).starts_with(what);
  }
  bool take(std::string_view what) {
    if (!starts(what)) return false;
    at_ += what.size();
    return true;
  }
  bool skip_past(std::string_view what) {
    const auto found = text_.find(what, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + what.size();
    return true;
  }
  void skip_spaces() {
    while (!ended() && is_space(text_[at_])) ++at_;
  }
  // White space and comments; false for a comment without an end.
  bool skip_between() {
    while (true) {
      skip_spaces();
      if (!take("<!--")) return true;
      if (!skip_past("-->")) return false;
    }
  }
  std::string_view name() {
    const auto begin = at_;
    while (!ended() && is_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  // Character data up to one of `stops`.
  bool text_until(std::string& out, char stop) {
    while (!ended() && text_[at_] != stop) {
      const char c = text_[at_];
      if (c == '<') return false;
      if (c != '&') {
        if (static_cast<unsigned char>(c) < 0x20 && !is_space(c)) return false;
        out += c;
        ++at_;
        continue;
      }
      const auto end = text_.substr(at_, 12).find(';');
      if (end == std::string_view::npos || !append_entity(out, text_.substr(at_ + 1, end - 1))) {
        return false;
      }
      at_ += end + 1;
    }
    return !ended();
  }
  bool attribute(XmlElement& to) {
    XmlElement::Attribute made{.name = std::string{name()}, .value = {}};
    if (made.name.empty()) return false;
    skip_spaces();
    if (!take("=")) return false;
    skip_spaces();
    if (ended() || (text_[at_] != '"' && text_[at_] != '\'')) return false;
    const char quote = text_[at_++];
    if (!text_until(made.value, quote)) return false;
    ++at_;
    to.attributes.push_back(std::move(made));
    return true;
  }
  // A tag's name and attributes, up to its '>' or '/>'.
  bool open_tag(XmlElement& to, std::string_view& full_name) {
    if (++elements_ > elements_count_max || !take("<")) return false;
    full_name = name();
    if (full_name.empty()) return false;
    to.name = full_name.substr(full_name.rfind(':') + 1);
    while (true) {
      const auto before = at_;
      skip_spaces();
      if (ended()) return false;
      if (text_[at_] == '>' || text_[at_] == '/') return true;
      if (at_ == before || to.attributes.size() >= 64 || !attribute(to)) return false;
    }
  }
  bool element(XmlElement& to, int depth) {
    std::string_view full_name;
    if (depth >= depth_max || !open_tag(to, full_name)) return false;
    if (take("/>")) return true;
    if (!take(">")) return false;
    while (true) {
      if (!text_until(to.text, '<')) return false;
      if (take("</")) {
        const bool same = name() == full_name;
        skip_spaces();
        return same && take(">");
      }
      if (take("<!--")) {
        if (!skip_past("-->")) return false;
      } else if (take("<![CDATA[")) {
        const auto begin = at_;
        if (!skip_past("]]>")) return false;
        to.text += text_.substr(begin, at_ - begin - 3);
      } else if (!element(to.children.emplace_back(), depth + 1)) {
        return false;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
};

}  // namespace

Result<XmlElement> parse_xml(std::string_view text) {
  if (!json::is_utf8(text)) return malformed(0);
  return Reader{text}.document();
}

}  // namespace toolgate::aws
