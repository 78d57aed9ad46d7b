// Members of objects that we wrote ourselves: what is absent or of another type reads as empty,
// false or 0. What others wrote is read with json::find_…, which tells absence apart (and which
// would copy an object into a value first).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace toolgate::json {

[[nodiscard]] inline std::string_view text_of(const Json& value) {
  const auto* text = value.if_string();
  return text != nullptr ? std::string_view{*text} : std::string_view{};
}

[[nodiscard]] inline std::string member(const JsonObject& body, std::string_view name) {
  const Json* value = body.if_contains(name);
  return value != nullptr ? std::string{text_of(*value)} : std::string{};
}

[[nodiscard]] inline std::int64_t number(const JsonObject& body, std::string_view name) {
  const Json* value = body.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

[[nodiscard]] inline bool is_true(const JsonObject& body, std::string_view name) {
  const Json* value = body.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

[[nodiscard]] inline std::vector<std::string> texts(const JsonObject& body, std::string_view name) {
  std::vector<std::string> out;
  const Json* value = body.if_contains(name);
  if (value == nullptr || !value->is_array()) return out;
  for (const Json& item : value->get_array()) out.emplace_back(text_of(item));
  return out;
}

}  // namespace toolgate::json
