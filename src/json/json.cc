#include "json/json.h"

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
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    const char* const special = bytes::plain_end(at, end);
    out.append(at, special);
    if (special == end) break;
    at = special + 1;
    switch (*special) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += digits[static_cast<unsigned char>(*special) >> 4];
        out += digits[static_cast<unsigned char>(*special) & 15];
    }
  }
  out += '"';
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
