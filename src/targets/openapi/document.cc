#include "targets/openapi/document.h"

#include <algorithm>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <fmt/format.h>

#include "base/limits.h"

namespace toolgate::targets::openapi {
namespace {

std::string place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto newline = before.rfind('\n');
  const auto column = newline == before.npos ? offset + 1 : offset - newline;
  return fmt::format("line {}, column {}", line, column);
}

// How many values the text has at most, without reading it: each stands behind a comma or a
// bracket, but for those of strings.
std::size_t values_in(std::string_view json) {
  std::size_t count = 1;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) i += json[i] == '\\' ? 1 : 0;
    } else if (c == ',' || c == '[' || c == '{') {
      ++count;
    }
  }
  return count;
}

Result<Json> read_json(std::string_view text) {
  if (values_in(text) > document_values_count_max) return too_many_values();
  boost::json::parse_options options;
  options.max_depth = limits::json_depth_max;
  // A document is only read, and dropped as a whole: its values need not be freed one by one.
  boost::json::parser parser{boost::json::make_shared_resource<boost::json::monotonic_resource>(),
                             options};
  boost::json::error_code error;
  const std::size_t read = parser.write(text.data(), text.size(), error);
  if (error) {
    return fail(Code::invalid, fmt::format("The document is no JSON: {}: {}.", place_of(text, read),
                                           error.message()));
  }
  return parser.release();
}

}  // namespace

std::unexpected<Error> too_many_values() {
  return fail(Code::invalid,
              fmt::format("The document has more than {} values.", document_values_count_max));
}

Result<Json> read_document(std::string_view text) {
  if (text.size() > document_bytes_max) {
    return fail(Code::invalid, fmt::format("The document has {} bytes; at most {} are read.",
                                           text.size(), document_bytes_max));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return fail(Code::invalid, "The document is empty.");
  return text[first] == '{' ? read_json(text) : read_yaml(text);
}

}  // namespace toolgate::targets::openapi
