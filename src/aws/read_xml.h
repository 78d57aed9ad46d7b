// XML that clients send, and what a shape of the contract makes of it. All fails with Code::invalid
// and Error::name "MalformedXML".
#pragma once

#include <string_view>

#include "aws/contract.h"
#include "base/result.h"
#include "json/json.h"
#include "xml/document.h"

namespace toolgate::aws {

// The root of a document (xml/document.h has the bounds).
[[nodiscard]] Result<xml::Element> parse_xml(std::string_view text);

// A payload's document as a value of its shape. The root has the member's wire name, in whatever
// namespace.
[[nodiscard]] Result<Json> read_xml_payload(const Member& member, std::string_view text);

// The element as a value of the shape, by its members' wire names. Unknown elements are left out.
[[nodiscard]] Result<Json> value_of_xml(const Shape& shape, const xml::Element& element,
                                        std::string_view path);

}  // namespace toolgate::aws
