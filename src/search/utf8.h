// Characters of UTF-8 text, one at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace toolgate::search {

struct Character {
  char32_t point = 0;
  std::size_t bytes = 1;
  bool well_formed = false;
};

// The first character of a text that is not empty. What is no UTF-8 gives one byte, not well
// formed.
[[nodiscard]] inline Character decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {.point = first, .bytes = 1, .well_formed = true};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  if (bytes == 1 || bytes > text.size() || first > 0xF4) return {};
  char32_t point = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (bytes == 3 && point < 0x800) || (bytes == 4 && point < 0x10000);
  if (overlong || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return {};
  return {.point = point, .bytes = bytes, .well_formed = true};
}

// `point` is a character: what decode_utf8 gave, or from a table of such.
inline void append_utf8(std::string& text, char32_t point) {
  const auto put = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 63));
    }
    put(0x80 | (point >> 6 & 63));
  }
  put(0x80 | (point & 63));
}

}  // namespace toolgate::search
