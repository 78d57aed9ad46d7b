#include "json/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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
  const char* at = text.data();
  const char* const end = at + text.size();
  std::size_t bytes = text.size() + 2;
  for (const char* c = at; (c = bytes::plain_end(c, end)) != end; ++c) bytes += escape_of(*c).more;
  const std::size_t begin = out.size();
  // JSON within JSON has an escape every few bytes: they are not appended one by one.
  out.resize_and_overwrite(begin + bytes, [&](char* data, std::size_t /*size*/) {
    char* to = data + begin;
    *to++ = '"';
    for (;;) {
      const char* const special = bytes::plain_end(at, end);
      to = std::copy(at, special, to);
      if (special == end) break;
      to = escape_of(*special).put(to);
      at = special + 1;
    }
    *to = '"';
    return begin + bytes;
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
