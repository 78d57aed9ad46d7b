#include "json/json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include <boost/json/parser.hpp>
#include <fmt/format.h>

#include "base/limits.h"
#include "json/bytes.h"
#include "json/scan.h"

namespace toolgate::json {
namespace {

void print_double(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";  // JSON has no infinity
    return;
  }
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  const std::string_view shortest{text, static_cast<std::size_t>(end - text)};
  out += shortest;
  if (shortest.find_first_of(".e") == std::string_view::npos) out += ".0";
}

// How a character that must not stand in a string is written: `\n`, or `\u001f`.
struct Escape {
  char letter;
  char of;
  std::size_t more;  // bytes than the character itself

  char* put(char* to) const {
    constexpr std::string_view digits = "0123456789abcdef";
    *to++ = '\\';
    *to++ = letter;
    if (letter != 'u') return to;
    *to++ = '0';
    *to++ = '0';
    *to++ = digits[static_cast<unsigned char>(of) >> 4];
    *to++ = digits[static_cast<unsigned char>(of) & 15];
    return to;
  }
};

Escape escape_of(char c) {
  switch (c) {
    case '"':
    case '\\':
      return {c, c, 1};
    case '\n':
      return {'n', c, 1};
    case '\r':
      return {'r', c, 1};
    case '\t':
      return {'t', c, 1};
    default:
      return {'u', c, 5};
  }
}

// What escapes add to the size. Like the next, reads up to a block beyond the text's end.
std::size_t escapes_bytes(std::string_view text) {
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < text.size(); at += bytes::block_bytes) {
    const auto found = bytes::specials(text.data() + at);
    bytes += std::popcount(found.all);
    for (auto control = found.control; control != 0; control &= control - 1) {
      bytes += escape_of(text.data()[at + std::countr_zero(control)]).more - 1;
    }
  }
  return bytes;
}

// JSON within JSON has an escape every few bytes: what is between two is written as a block, and
// what was too much of it overwritten. Writes up to block_bytes beyond its end.
char* put_escaped(char* to, std::string_view text) {
  for (std::size_t block = 0; block < text.size(); block += bytes::block_bytes) {
    const char* at = text.data() + block;
    const char* const end = at + std::min<std::size_t>(bytes::block_bytes, text.size() - block);
    for (auto found = bytes::specials(at).all; found != 0;) {
      const int plain = std::countr_zero(found);
      std::memcpy(to, at, bytes::block_bytes);
      to = escape_of(at[plain]).put(to + plain);
      at += plain + 1;
      found = plain == bytes::block_bytes - 1 ? 0 : found >> (plain + 1);
    }
    std::memcpy(to, at, bytes::block_bytes);
    to += end - at;
  }
  return to;
}

}  // namespace

Result<Json> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = limits::json_depth_max;
  boost::json::parser parser{{}, options};
  boost::json::error_code error;
  const std::size_t read = parser.write(text.data(), text.size(), error);
  if (error) {
    return fail(Code::invalid, fmt::format("invalid JSON at byte {}: {}", read, error.message()));
  }
  return parser.release();
}

void quote_to(std::string& out, std::string_view text) {
  // Texts of other programs end up in our messages; one wrong byte must not spoil the whole answer.
  if (!is_utf8(text)) return quote_to(out, replace_broken_utf8(text));
  // A block is read from every byte on: the end is copied to where there is room behind it.
  constexpr std::size_t block = bytes::block_bytes;
  const auto first = text.substr(0, text.size() < block ? 0 : (text.size() / block - 1) * block);
  std::array<char, 3 * block> room;
  room.fill(' ');
  const std::string_view last{room.data(), text.copy(room.data(), 2 * block, first.size())};

  const std::size_t size = text.size() + 2 + escapes_bytes(first) + escapes_bytes(last);
  const std::size_t begin = out.size();
  out.resize_and_overwrite(begin + size + block, [&](char* data, std::size_t) {
    char* to = data + begin;
    *to++ = '"';
    to = put_escaped(to, first);
    to = put_escaped(to, last);
    *to = '"';
    return begin + size;
  });
}

std::string quote(std::string_view text) {
  std::string out;
  quote_to(out, text);
  return out;
}

void print_to(std::string& out, const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      break;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      break;
    case boost::json::kind::int64:
      out += std::to_string(value.get_int64());
      break;
    case boost::json::kind::uint64:
      out += std::to_string(value.get_uint64());
      break;
    case boost::json::kind::double_:
      print_double(out, value.get_double());
      break;
    case boost::json::kind::string:
      quote_to(out, value.get_string());
      break;
    case boost::json::kind::array: {
      out += '[';
      bool first = true;
      for (const auto& item : value.get_array()) {
        if (!first) out += ',';
        first = false;
        print_to(out, item);
      }
      out += ']';
      break;
    }
    case boost::json::kind::object: {
      out += '{';
      bool first = true;
      for (const auto& [name, member] : value.get_object()) {
        if (!first) out += ',';
        first = false;
        quote_to(out, name);
        out += ':';
        print_to(out, member);
      }
      out += '}';
      break;
    }
  }
}

std::string print(const Json& value) {
  std::string out;
  print_to(out, value);
  return out;
}

}  // namespace toolgate::json
