// The URI templates of the contract: "/gateways/{gatewayIdentifier}/targets/?list-type=2".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolgate::aws {

// One part between slashes.
struct UriSegment {
  enum class Kind : unsigned char { literal, label, greedy };
  Kind kind = Kind::literal;
  std::string_view text;  // the literal, or the label's name
};

struct UriTemplate {
  std::vector<UriSegment> segments;
  // What the query must hold: "?Operation=x", or the bare "?acl".
  std::vector<std::pair<std::string_view, std::string_view>> query;

  // The template's views are into `text`.
  static UriTemplate parse(std::string_view text);
};

// The labels' values, decoded.
using UriLabels = std::vector<std::pair<std::string_view, std::string>>;

// The parts of a request's path and query, cut before they are decoded, so that an escaped slash
// stays inside its label.
struct RequestUri {
  std::vector<std::string> segments;  // decoded; a trailing slash makes no segment
  std::vector<std::pair<std::string, std::string>> query;

  // Nothing when an escape is broken or what it stands for is not UTF-8.
  static std::optional<RequestUri> parse(std::string_view path, std::string_view query);
};

// Nothing when the request is not for this template.
[[nodiscard]] std::optional<UriLabels> match(const UriTemplate& pattern, const RequestUri& uri);

// True when `a` says more than `b` and so wins where both match: at the first segment that differs
// a literal beats a label and a label a greedy one; then more query literals win.
[[nodiscard]] bool more_specific(const UriTemplate& a, const UriTemplate& b);

}  // namespace toolgate::aws
