// The one JSON document type. Members and numbers keep boost.json's meaning; text that must pass
// unchanged (tool arguments, schemas, policies) is kept as its original bytes instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace toolgate {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

namespace json {

// Reads one document (RFC 8259): the whole text, at most limits::json_depth_max levels. Fails with
// Code::invalid, whose message names the byte offset. Of duplicate members the last one counts.
[[nodiscard]] Result<Json> parse(std::string_view text);

// Compact text. Unlike boost.json, 1.5 is printed as 1.5, and 3.0 as 3.0.
[[nodiscard]] std::string print(const Json& value);
void print_to(std::string& out, const Json& value);
// A string literal with its quotes, as JSON escapes it. Bytes that are no UTF-8 become U+FFFD.
void quote_to(std::string& out, std::string_view text);
[[nodiscard]] std::string quote(std::string_view text);

// The member of an object, or nullptr: also when `value` is no object. Steps down through `path`.
template <class... Path>
[[nodiscard]] const Json* find(const Json& value, std::string_view name, Path... path) {
  const auto* object = value.if_object();
  const Json* member = object != nullptr ? object->if_contains(name) : nullptr;
  if constexpr (sizeof...(path) == 0) {
    return member;
  } else {
    return member != nullptr ? find(*member, path...) : nullptr;
  }
}

// The same, for a member of one type; nothing when it is absent or of another type.
template <class... Path>
[[nodiscard]] std::optional<std::string_view> find_string(const Json& value, Path... path) {
  const Json* member = find(value, path...);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string_view{member->get_string()};
}
template <class... Path>
[[nodiscard]] std::optional<std::int64_t> find_int(const Json& value, Path... path) {
  const Json* member = find(value, path...);
  if (member == nullptr || !member->is_int64()) return std::nullopt;
  return member->get_int64();
}
template <class... Path>
[[nodiscard]] std::optional<bool> find_bool(const Json& value, Path... path) {
  const Json* member = find(value, path...);
  if (member == nullptr || !member->is_bool()) return std::nullopt;
  return member->get_bool();
}
template <class... Path>
[[nodiscard]] const JsonArray* find_array(const Json& value, Path... path) {
  const Json* member = find(value, path...);
  return member != nullptr ? member->if_array() : nullptr;
}

}  // namespace json
}  // namespace toolgate
