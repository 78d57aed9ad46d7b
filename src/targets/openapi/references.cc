#include "targets/openapi/references.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "json/tape.h"

namespace toolgate::targets::openapi {
namespace {

// From one value to the next: real documents use two or three.
constexpr int references_count_max = 32;

std::string unescape_step(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool escaped = step[i] == '~' && i + 1 < step.size();
    if (escaped && (step[i + 1] == '0' || step[i + 1] == '1')) {
      out += step[++i] == '0' ? '~' : '/';
    } else {
      out += step[i];
    }
  }
  return out;
}

const Json* step_into(const Json& value, const std::string& step) {
  if (const auto* object = value.if_object()) return object->if_contains(step);
  const auto* array = value.if_array();
  if (array == nullptr) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc{} || end != step.data() + step.size()) return nullptr;
  return array->if_contains(index);
}

}  // namespace

std::string pointer_step(std::string_view pointer, std::string_view member) {
  std::string out{pointer};
  json::append_pointer(out, member);
  return out;
}

std::string last_step(std::string_view pointer) {
  const auto slash = pointer.rfind('/');
  return unescape_step(slash == pointer.npos ? pointer : pointer.substr(slash + 1));
}

std::size_t size_of(const Json& value) {
  std::size_t size = 1;
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) size += size_of(member.value());
  } else if (const auto* list = value.if_array()) {
    for (const auto& item : *list) size += size_of(item);
  } else if (const auto* text = value.if_string()) {
    size += text->size() / bytes_a_value;
  }
  return size;
}

const Json* reference_of(const Json& value) {
  const Json* reference = json::find(value, "$ref");
  return reference != nullptr && reference->is_string() ? reference : nullptr;
}

Result<Place> References::find(std::string_view reference) const {
  spend(1 + reference.size() / bytes_a_value);
  if (!reference.starts_with('#')) {
    return fail(Code::invalid,
                fmt::format("'{}' refers to another document, which is not fetched", reference));
  }
  const auto pointer = percent_decode(reference.substr(1));
  if (!pointer || (!pointer->empty() && !pointer->starts_with('/'))) {
    return fail(Code::invalid, fmt::format("'{}' is no reference by JSON pointer", reference));
  }
  Place place{.value = &root_, .pointer = *pointer};
  if (pointer->empty()) return place;
  for (const auto step : split(std::string_view{*pointer}.substr(1), '/')) {
    place.value = step_into(*place.value, unescape_step(step));
    if (place.value == nullptr) {
      return fail(Code::invalid, fmt::format("'{}' refers to nothing in the document", reference));
    }
  }
  return place;
}

Result<Place> References::resolve(Place place) const {
  for (int followed = 0;; ++followed) {
    spend(1);
    const Json* reference = reference_of(*place.value);
    if (reference == nullptr) return place;
    if (followed == references_count_max) {
      return fail(Code::invalid,
                  fmt::format("'{}' refers to itself, or through more than {} others",
                              std::string_view{reference->get_string()}, references_count_max));
    }
    TRY(place, find(reference->get_string()));
  }
}

}  // namespace toolgate::targets::openapi
