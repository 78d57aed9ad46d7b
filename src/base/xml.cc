#include "base/xml.h"

namespace toolgate {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_forbidden_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

// U+FFFE and U+FFFF, in UTF-8.
bool begins_with_noncharacter(std::string_view text) {
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

}  // namespace

bool fits_xml(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_forbidden_control(text[i]) || begins_with_noncharacter(text.substr(i))) return false;
  }
  return true;
}

void escape_xml_to(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (const char c = text[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      // A reader makes a line feed of the first, and spaces of all three in an attribute.
      case '\r':
        out += "&#xD;";
        break;
      case '\n':
        out += "&#xA;";
        break;
      case '\t':
        out += "&#x9;";
        break;
      default:
        if (is_forbidden_control(c)) {
          out += replacement;
        } else if (begins_with_noncharacter(text.substr(i))) {
          out += replacement;
          i += 2;
        } else {
          out += c;
        }
    }
  }
}

}  // namespace toolgate
