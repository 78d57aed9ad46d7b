// Answers as JSON whose members are named as in the model.
#pragma once

#include <string>

#include "base/result.h"
#include "net/client.h"
#include "targets/smithy/recipe.h"
#include "targets/smithy/write.h"
#include "xml/document.h"

namespace toolgate::targets::smithy {

// The output of a successful answer as one JSON object. Fails with Code::upstream.
[[nodiscard]] Result<std::string> read_output(const Operation& operation,
                                              const net::ClientResponse& answer);

// The root of an answer's document. Fails with Code::upstream.
[[nodiscard]] Result<xml::Element> parse_xml(std::string_view answer);
// An element as a value of the shape. Elements that the shape does not know are left
// out; numbers and booleans that are none stay texts.
void value_of_xml(std::string& out, const Member& member, const xml::Element& element);
void members_of_xml(std::string& out, const Shape& shape, const xml::Element& element, Bound bound);

// A service's own error: "ResourceNotFoundException" and its message.
struct ServiceError {
  std::string code;
  std::string message;
  std::string details;  // further members as JSON; empty without any
};
[[nodiscard]] ServiceError read_error(const Operation& operation,
                                      const net::ClientResponse& answer);

}  // namespace toolgate::targets::smithy
