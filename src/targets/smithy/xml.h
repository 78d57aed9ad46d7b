// XML answers as a tree, read by Expat. Bounded: 64 levels, 300,000 elements; no document types, so
// no entities but XML's own five.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace toolgate::targets::smithy {

struct XmlElement {
  std::string name;                                             // without its prefix
  std::string text;                                             // all character data in it
  std::vector<std::pair<std::string, std::string>> attributes;  // with their prefixes
  std::vector<XmlElement> children;

  [[nodiscard]] const XmlElement* find(std::string_view child) const;
  // The text of a child; empty without one.
  [[nodiscard]] std::string_view text_of(std::string_view child) const;
};

// The root of a document. Fails with Code::upstream and the line.
[[nodiscard]] Result<XmlElement> parse_xml(std::string_view text);

}  // namespace toolgate::targets::smithy
