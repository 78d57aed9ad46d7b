// Text in the charsets that HTTP answers still come in, as UTF-8.
#include <array>
#include <cstdint>

#include "base/text.h"
#include "json/scan.h"
#include "targets/http_result.h"

namespace toolgate::targets {
namespace {

constexpr char32_t replacement = 0xFFFD;

// windows-1252 where it differs from ISO-8859-1 (WHATWG, Encoding, index windows-1252). Browsers
// read ISO-8859-1 as windows-1252 too.
constexpr std::array<char16_t, 32> windows_1252{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append(std::string& out, char32_t point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string from_single_bytes(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append(out, byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte);
  }
  return out;
}

enum class Order : unsigned char { little, big };

std::string from_utf16(std::string_view bytes, Order order) {
  const auto unit_at = [&](std::size_t i) {
    const auto first = static_cast<unsigned char>(bytes[i]);
    const auto second = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(order == Order::big ? first << 8 | second : second << 8 | first);
  };
  const auto is_low = [](char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; };
  std::string out;
  out.reserve(bytes.size());
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    const char32_t unit = unit_at(i);
    if (unit < 0xD800 || unit >= 0xE000) {
      append(out, unit);
    } else if (!is_low(unit) && i + 3 < bytes.size() && is_low(unit_at(i + 2))) {
      append(out, 0x10000 + ((unit - 0xD800) << 10) + (unit_at(i + 2) - 0xDC00));
      i += 2;
    } else {
      append(out, replacement);
    }
  }
  if (i < bytes.size()) append(out, replacement);
  return out;
}

std::string from_utf8(std::string_view bytes) {
  if (json::is_utf8(bytes)) return std::string{bytes};
  return json::replace_broken_utf8(bytes);
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view charset) {
  // A byte order mark says more than the label (WHATWG, Encoding, "decode").
  if (bytes.starts_with("\xEF\xBB\xBF")) return from_utf8(bytes.substr(3));
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), Order::big);
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), Order::little);
  const std::string name = lower(charset);
  if (name == "utf-16be") return from_utf16(bytes, Order::big);
  if (name == "utf-16" || name == "utf-16le") return from_utf16(bytes, Order::little);
  for (const std::string_view single :
       {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "us-ascii"}) {
    if (name == single) return from_single_bytes(bytes);
  }
  return from_utf8(bytes);
}

}  // namespace toolgate::targets
