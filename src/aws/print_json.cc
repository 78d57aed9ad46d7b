// Answers as JSON, by the shapes of the contract.
#include <cmath>

#include "aws/output.h"
#include "aws/scalars.h"
#include "base/log.h"

namespace toolgate::aws {
namespace {

void print_scalar(std::string& out, const Member& member, const Json& value) {
  const Shape& shape = *member.shape;
  if (shape.type == Type::timestamp) {
    TimeFormat time = member.time != TimeFormat::by_protocol ? member.time : shape.time;
    if (time == TimeFormat::by_protocol) time = TimeFormat::epoch_seconds;
    const auto text = scalar_text(shape, value, time, Fraction::milliseconds);
    if (time == TimeFormat::epoch_seconds) {
      out += text;
    } else {
      json::quote_to(out, text);
    }
  } else if (value.is_double() && !std::isfinite(value.get_double())) {
    json::quote_to(out, scalar_text(shape, value, TimeFormat::epoch_seconds, Fraction::none));
  } else {
    json::print_to(out, value);
  }
}

void print_structure(std::string& out, const Shape& shape, const JsonObject& object,
                     std::string_view where) {
  out += '{';
  bool first = true;
  for (const auto& member : shape.members) {
    const Json* value = object.if_contains(member.name);
    if (member.place != Place::body || value == nullptr || value->is_null() ||
        !printable(member, *value, where)) {
      continue;
    }
    if (!first) out += ',';
    first = false;
    json::quote_to(out, member.wire_name);
    out += ':';
    print_value(out, member, *value, where);
  }
  out += '}';
  log_unknown(shape, object, where);
}

void print_list(std::string& out, const Member& element, const JsonArray& array,
                std::string_view where) {
  out += '[';
  bool first = true;
  for (const auto& item : array) {
    if (!printable(element, item, where)) continue;
    if (!first) out += ',';
    first = false;
    print_value(out, element, item, where);
  }
  out += ']';
}

void print_map(std::string& out, const Member& element, const JsonObject& object,
               std::string_view where) {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : object) {
    if (!printable(element, value, where)) continue;
    if (!first) out += ',';
    first = false;
    json::quote_to(out, key);
    out += ':';
    print_value(out, element, value, where);
  }
  out += '}';
}

}  // namespace

bool printable(const Member& member, const Json& value, std::string_view where) {
  if (fits(*member.shape, value)) return true;
  log::error("aws: {} gives {} of another type than its shape {}", where, member.name,
             member.shape->name);
  return false;
}

void log_unknown(const Shape& shape, const JsonObject& object, std::string_view where) {
  for (const auto& entry : object) {
    if (shape.find(entry.key()) == nullptr) {
      log::error("aws: {} gives {}, which {} does not have", where,
                 std::string_view{entry.key()}, shape.name);
    }
  }
}

void print_value(std::string& out, const Member& member, const Json& value,
                 std::string_view where) {
  const Shape& shape = *member.shape;
  switch (shape.type) {
    case Type::structure: print_structure(out, shape, value.get_object(), where); break;
    case Type::list: print_list(out, *shape.element, value.get_array(), where); break;
    case Type::map: print_map(out, *shape.element, value.get_object(), where); break;
    case Type::document: json::print_to(out, value); break;
    default: print_scalar(out, member, value);
  }
}

net::Response print_json_body(const Contract& contract, const OperationShape& operation,
                              Answer answer) {
  net::Response response;
  response.status = 200;
  response.headers.push_back({"content-type", "application/x-amz-json-" +
                                                  std::string{contract.json_version}});
  std::string body = "{}";
  if (operation.output != nullptr && answer.output.is_object()) {
    body.clear();
    print_structure(body, *operation.output, answer.output.get_object(), operation.name);
  }
  response.body = std::move(body);
  return response;
}

}  // namespace toolgate::aws
