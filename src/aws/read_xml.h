// XML from outside: a strict reader of the little XML that clients send, and what a shape of the
// contract makes of it. No document type, no entities of its own, no processing instructions but
// the first line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/contract.h"
#include "base/result.h"
#include "json/json.h"

namespace toolgate::aws {

struct XmlElement {
  std::string name;  // without its prefix
  std::string text;  // all character data in it
  struct Attribute {
    std::string name;  // with its prefix
    std::string value;
  };
  std::vector<Attribute> attributes;
  std::vector<XmlElement> children;
};

// The root of a document. Fails with Code::invalid and Error::name "MalformedXML"; so do documents
// of more than 100,000 elements or 32 levels.
[[nodiscard]] Result<XmlElement> parse_xml(std::string_view text);

// The element as a value of the shape, by its members' wire names. Unknown elements are left out.
[[nodiscard]] Result<Json> value_of_xml(const Shape& shape, const XmlElement& element,
                                        std::string_view path);

}  // namespace toolgate::aws
