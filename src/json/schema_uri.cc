#include "json/schema_uri.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace toolgate::json {
namespace {

struct Parts {
  std::string_view scheme;     // with its colon
  std::string_view authority;  // with its slashes
  std::string_view path;
  std::string_view query;  // with its question mark
};

Parts split_uri(std::string_view uri) {
  Parts parts;
  const auto colon = uri.find(':');
  if (colon != uri.npos && colon < uri.find_first_of("/?")) {
    parts.scheme = uri.substr(0, colon + 1);
    uri.remove_prefix(colon + 1);
  }
  if (uri.starts_with("//")) {
    const auto end = std::min(uri.find_first_of("/?", 2), uri.size());
    parts.authority = uri.substr(0, end);
    uri.remove_prefix(end);
  }
  const auto query = std::min(uri.find('?'), uri.size());
  parts.path = uri.substr(0, query);
  parts.query = uri.substr(query);
  return parts;
}

// RFC 3986, section 5.2.4.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool absolute = path.starts_with('/');
  const auto segments = split(absolute ? path.substr(1) : path, '/');
  for (const auto segment : segments) {
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string result = absolute ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i != 0) result += '/';
    result += kept[i];
  }
  const std::string_view last = segments.empty() ? std::string_view{} : segments.back();
  if ((last == "." || last == "..") && !kept.empty()) result += '/';
  return result;
}

}  // namespace

std::string resolve_uri(std::string_view base, std::string_view reference) {
  base = base.substr(0, base.find('#'));
  reference = reference.substr(0, reference.find('#'));
  if (reference.empty()) return std::string{base};
  const Parts to = split_uri(reference);
  if (!to.scheme.empty()) return std::string{reference};
  const Parts from = split_uri(base);
  std::string result{from.scheme};
  if (!to.authority.empty()) return result += reference;
  result += from.authority;
  if (to.path.starts_with('/')) {
    result += without_dots(to.path);
  } else if (to.path.empty()) {
    result += from.path;
  } else {
    std::string path{from.path.substr(0, from.path.rfind('/') + 1)};
    if (path.empty() && !from.authority.empty()) path = "/";
    path += to.path;
    result += without_dots(path);
  }
  return result += to.query;
}

std::string fragment_of(std::string_view reference) {
  const auto mark = reference.find('#');
  if (mark == reference.npos) return {};
  const std::string_view fragment = reference.substr(mark + 1);
  return percent_decode(fragment).value_or(std::string{fragment});
}

}  // namespace toolgate::json
