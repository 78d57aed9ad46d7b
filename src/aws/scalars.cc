#include "aws/scalars.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "crypto/hash.h"

namespace toolgate::aws {
namespace {

std::string_view word_for(Type type) {
  switch (type) {
    case Type::structure: return "an object";
    case Type::list: return "a list";
    case Type::map: return "an object";
    case Type::string: return "a string";
    case Type::integer: return "an integer of 32 bits";
    case Type::long_integer: return "an integer of 64 bits";
    case Type::floating: return "a number";
    case Type::boolean: return "true or false";
    case Type::timestamp: return "a timestamp";
    case Type::blob: return "base64";
    case Type::document: return "a JSON value";
  }
  return {};
}

std::unexpected<Error> wrong(const Shape& shape, std::string_view path) {
  return cannot_read(path, word_for(shape.type));
}

bool in_range(Type type, std::int64_t value) {
  return type == Type::long_integer || (value >= std::numeric_limits<std::int32_t>::min() &&
                                        value <= std::numeric_limits<std::int32_t>::max());
}

// A whole number, also when it is written as 1e3 or 5.0.
std::optional<std::int64_t> integer_of(const Json& wire) {
  if (wire.is_int64()) return wire.get_int64();
  if (!wire.is_double()) return std::nullopt;
  const double number = wire.get_double();
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) != number || std::abs(number) > exact) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<double> special_number(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::unexpected<Error> cannot_read(std::string_view path, std::string_view expected) {
  auto error = fail(Code::invalid, path.empty() ? fmt::format("The input must be {}.", expected)
                                                : fmt::format("{} must be {}.", path, expected));
  error.error().name = "SerializationException";
  if (!path.empty()) {
    error.error().fields.push_back({std::string{path}, fmt::format("must be {}", expected)});
  }
  return error;
}

Result<Json> scalar_from_json(const Shape& shape, const Json& wire, std::string_view path) {
  switch (shape.type) {
    case Type::string:
      if (wire.is_string()) return wire;
      break;
    case Type::boolean:
      if (wire.is_bool()) return wire;
      break;
    case Type::integer:
    case Type::long_integer:
      if (const auto value = integer_of(wire); value && in_range(shape.type, *value)) {
        return Json(*value);
      }
      break;
    case Type::floating:
      if (wire.is_number()) return Json(wire.to_number<double>());
      if (wire.is_string()) {
        if (const auto value = special_number(wire.get_string())) return Json(*value);
      }
      break;
    case Type::timestamp:
      if (wire.is_number()) return Json(wire.to_number<double>());
      if (wire.is_string()) return scalar_from_text(shape, wire.get_string(), path);
      break;
    case Type::blob:
      if (wire.is_string() && crypto::from_base64(wire.get_string())) return wire;
      break;
    default: break;
  }
  return wrong(shape, path);
}

Result<Json> scalar_from_text(const Shape& shape, std::string_view text, std::string_view path) {
  switch (shape.type) {
    case Type::string: return Json(text);
    case Type::boolean:
      if (text == "true" || text == "True") return Json(true);
      if (text == "false" || text == "False") return Json(false);
      break;
    case Type::integer:
    case Type::long_integer:
      if (const auto value = number_of<std::int64_t>(text); value && in_range(shape.type, *value)) {
        return Json(*value);
      }
      break;
    case Type::floating: {
      auto value = special_number(text);
      if (!value) value = number_of<double>(text);
      if (value) return Json(*value);
      break;
    }
    case Type::timestamp:
      if (const auto seconds = parse_timestamp(text)) return Json(*seconds);
      break;
    case Type::blob:
      if (crypto::from_base64(text)) return Json(text);
      break;
    default: break;
  }
  return wrong(shape, path);
}

bool fits(const Shape& shape, const Json& value) {
  switch (shape.type) {
    case Type::string:
    case Type::blob: return value.is_string();
    case Type::boolean: return value.is_bool();
    case Type::integer:
    case Type::long_integer: return value.is_int64() || value.is_uint64();
    case Type::floating:
    case Type::timestamp: return value.is_number();
    case Type::list: return value.is_array();
    case Type::structure:
    case Type::map: return value.is_object();
    case Type::document: return true;
  }
  return false;
}

std::string scalar_text(const Shape& shape, const Json& value, TimeFormat time,
                        Fraction fraction) {
  if (shape.type == Type::timestamp) {
    const auto seconds = value.to_number<double>();
    if (time == TimeFormat::iso8601) return print_iso8601(seconds, fraction);
    return time == TimeFormat::rfc822 ? print_rfc822(seconds) : print_epoch(seconds);
  }
  if (value.is_string()) return std::string{std::string_view{value.get_string()}};
  if (shape.type == Type::floating && value.is_double() && !std::isfinite(value.get_double())) {
    const double number = value.get_double();
    return std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
  }
  return json::print(value);
}

}  // namespace toolgate::aws
