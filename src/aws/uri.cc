#include "aws/uri.h"

#include "base/text.h"
#include "json/scan.h"

namespace toolgate::aws {
namespace {

std::vector<std::string_view> path_parts(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return {};
  return split(path, '/');
}

bool query_matches(const UriTemplate& pattern, const RequestUri& uri) {
  for (const auto& [name, value] : pattern.query) {
    bool found = false;
    for (const auto& [given, given_value] : uri.query) {
      found = found || (given == name && (value.empty() || given_value == value));
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

UriTemplate UriTemplate::parse(std::string_view text) {
  UriTemplate out;
  const auto mark = text.find('?');
  for (const auto part : path_parts(text.substr(0, mark))) {
    if (!part.starts_with('{') || !part.ends_with('}')) {
      out.segments.push_back({UriSegment::Kind::literal, part});
    } else if (part.ends_with("+}")) {
      out.segments.push_back({UriSegment::Kind::greedy, part.substr(1, part.size() - 3)});
    } else {
      out.segments.push_back({UriSegment::Kind::label, part.substr(1, part.size() - 2)});
    }
  }
  if (mark == std::string_view::npos) return out;
  for (const auto part : split(text.substr(mark + 1), '&')) {
    const auto equals = part.find('=');
    out.query.emplace_back(part.substr(0, equals), equals == std::string_view::npos
                                                       ? std::string_view{}
                                                       : part.substr(equals + 1));
  }
  return out;
}

std::optional<RequestUri> RequestUri::parse(std::string_view path, std::string_view query) {
  RequestUri out;
  const auto decode = [](std::string_view text, Plus plus) -> std::optional<std::string> {
    auto decoded = percent_decode(text, plus);
    return decoded && json::is_utf8(*decoded) ? decoded : std::nullopt;
  };
  for (const auto part : path_parts(path)) {
    auto decoded = decode(part, Plus::stays);
    if (!decoded) return std::nullopt;
    out.segments.push_back(std::move(*decoded));
  }
  if (query.empty()) return out;
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = decode(part.substr(0, equals), Plus::is_space);
    auto value = equals == std::string_view::npos ? std::string{}
                                                  : decode(part.substr(equals + 1), Plus::is_space);
    if (!name || !value) return std::nullopt;
    out.query.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

std::optional<UriLabels> match(const UriTemplate& pattern, const RequestUri& uri) {
  const auto& wanted = pattern.segments;
  const auto& given = uri.segments;
  UriLabels labels;
  std::size_t at = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::size_t after = wanted.size() - i - 1;
    if (at + after >= given.size()) return std::nullopt;  // nothing left for this segment
    if (wanted[i].kind == UriSegment::Kind::greedy) {
      std::string value = given[at++];
      while (at + after < given.size()) value.append("/").append(given[at++]);
      labels.emplace_back(wanted[i].text, std::move(value));
    } else if (wanted[i].kind == UriSegment::Kind::label) {
      if (given[at].empty()) return std::nullopt;
      labels.emplace_back(wanted[i].text, given[at++]);
    } else if (wanted[i].text != given[at++]) {
      return std::nullopt;
    }
  }
  if (at != given.size() || !query_matches(pattern, uri)) return std::nullopt;
  return labels;
}

bool more_specific(const UriTemplate& a, const UriTemplate& b) {
  for (std::size_t i = 0; i < a.segments.size() && i < b.segments.size(); ++i) {
    if (a.segments[i].kind != b.segments[i].kind) return a.segments[i].kind < b.segments[i].kind;
  }
  if (a.segments.size() != b.segments.size()) return a.segments.size() > b.segments.size();
  return a.query.size() > b.query.size();
}

}  // namespace toolgate::aws
