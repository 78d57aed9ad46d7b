// Single values on the wire: as JSON, and as text (labels, query parameters, headers, form fields).
#pragma once

#include <string>
#include <string_view>

#include "aws/contract.h"
#include "aws/timestamps.h"
#include "base/result.h"
#include "json/json.h"

namespace toolgate::aws {

// Both give the value as Call::input holds it: timestamps as seconds, blobs as base64, integers as
// integers. They fail with Code::invalid, Error::name "SerializationException" and the path.
[[nodiscard]] Result<Json> scalar_from_json(const Shape& shape, const Json& wire,
                                            std::string_view path);
[[nodiscard]] Result<Json> scalar_from_text(const Shape& shape, std::string_view text,
                                            std::string_view path);

[[nodiscard]] std::unexpected<Error> cannot_read(std::string_view path, std::string_view expected);

// True when the value fits its scalar shape. What an operation gives back is checked with it.
[[nodiscard]] bool fits(const Shape& shape, const Json& value);

// A value of an output as text. `time` is resolved: not by_protocol.
[[nodiscard]] std::string scalar_text(const Shape& shape, const Json& value, TimeFormat time,
                                      Fraction fraction);

[[nodiscard]] inline bool is_scalar(Type type) {
  return type != Type::structure && type != Type::list && type != Type::map &&
         type != Type::document;
}

}  // namespace toolgate::aws
