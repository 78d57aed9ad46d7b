// XML bodies, by the `xml` hints of their schemas (OpenAPI 3.1.1, XML Object).
//
// Hints are JSON: {"name","prefix","namespace","attribute":true,"wrapped":true,
// "items":{…hints},"members":{property:{…hints}}}, each member only where it says something.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "json/tape.h"
#include "targets/openapi/bodies.h"

namespace toolgate::targets::openapi {

// The document whose root element the hints name, of one value or of an object's properties. Fails
// with Code::invalid for a property whose name is no element's name, and for characters that XML
// cannot hold.
[[nodiscard]] Result<std::string> xml_of(const Json& hints, const json::Tape& tape,
                                         json::Tape::Index value);
[[nodiscard]] Result<std::string> xml_of(const Json& hints, const json::Tape& tape,
                                         const std::vector<Property>& properties);

}  // namespace toolgate::targets::openapi
