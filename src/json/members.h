// Members where absence needs no word of its own: what is absent or of another type reads as empty,
// false or 0. For documents that we wrote ourselves, or that were checked. Where absence says
// something, json::find_… tells it apart.
//
// A body is a Json or a JsonObject; names lead down, as in json::find.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace toolgate::json {

// As json.h's, without the copy that making a value of the object would be.
template <class... Path>
[[nodiscard]] const Json* find(const JsonObject& body, std::string_view name, Path... path) {
  const Json* member = body.if_contains(name);
  if constexpr (sizeof...(path) == 0) {
    return member;
  } else {
    return member != nullptr ? find(*member, path...) : nullptr;
  }
}
template <class... Path>
[[nodiscard]] const JsonArray* find_array(const JsonObject& body, Path... path) {
  const Json* member = find(body, path...);
  return member != nullptr ? member->if_array() : nullptr;
}

[[nodiscard]] inline std::string_view text_of(const Json& value) {
  const auto* text = value.if_string();
  return text != nullptr ? std::string_view{*text} : std::string_view{};
}

template <class Body, class... Path>
[[nodiscard]] std::string member(const Body& body, std::string_view name, Path... path) {
  const Json* value = find(body, name, path...);
  return value != nullptr ? std::string{text_of(*value)} : std::string{};
}

template <class Body, class... Path>
[[nodiscard]] std::int64_t number(const Body& body, std::string_view name, Path... path) {
  const Json* value = find(body, name, path...);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

template <class Body, class... Path>
[[nodiscard]] bool is_true(const Body& body, std::string_view name, Path... path) {
  const Json* value = find(body, name, path...);
  return value != nullptr && value->is_bool() && value->get_bool();
}

template <class Body, class... Path>
[[nodiscard]] std::vector<std::string> texts(const Body& body, std::string_view name,
                                             Path... path) {
  std::vector<std::string> out;
  const Json* value = find(body, name, path...);
  if (value == nullptr || !value->is_array()) return out;
  for (const Json& item : value->get_array()) out.emplace_back(text_of(item));
  return out;
}

// The member to be changed, made empty when it is absent or of another type.
[[nodiscard]] inline JsonArray& array_in(JsonObject& body, std::string_view name) {
  Json& value = body[name];
  if (!value.is_array()) value.emplace_array();
  return value.get_array();
}
[[nodiscard]] inline JsonObject& object_in(JsonObject& body, std::string_view name) {
  Json& value = body[name];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

}  // namespace toolgate::json
