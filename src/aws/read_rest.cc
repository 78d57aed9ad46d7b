// Where the members of a REST operation's input stand: labels of the path, query, headers, body.
#include "aws/input.h"
#include "aws/read_xml.h"
#include "aws/scalars.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "json/scan.h"

namespace toolgate::aws {
namespace {

// What a member got; nothing when the request does not have it.
using Found = Result<std::optional<Json>>;

Found read_label(const Member& member, const InputParts& parts) {
  for (const auto& [name, value] : parts.labels) {
    if (name == member.wire_name) {
      TRY(auto read, scalar_from_text(*member.shape, value, member.name));
      return read;
    }
  }
  return std::nullopt;
}

// A map takes every parameter that no other member names.
Found read_query_map(const Member& member, const OperationShape& operation,
                     const InputParts& parts) {
  JsonObject out;
  const auto& element = *member.shape->element->shape;
  for (const auto& [name, value] : parts.uri.query) {
    bool taken = false;
    for (const auto& other : operation.input->members) {
      taken |= other.place == Place::query && &other != &member && other.wire_name == name;
    }
    for (const auto& literal : operation.uri.query) taken |= literal.first == name;
    if (taken) continue;
    if (element.type == Type::list) {
      TRY(auto item, scalar_from_text(*element.element->shape, value, member.name));
      auto& list = out[name];
      if (!list.is_array()) list = JsonArray{};
      list.get_array().push_back(std::move(item));
    } else {
      TRY(out[name], scalar_from_text(element, value, member.name));
    }
  }
  if (out.empty()) return std::nullopt;
  return Json(std::move(out));
}

Found read_parameter(const Member& member, const OperationShape& operation,
                     const InputParts& parts) {
  if (member.shape->type == Type::map) return read_query_map(member, operation, parts);
  JsonArray list;
  for (const auto& [name, value] : parts.uri.query) {
    if (name != member.wire_name) continue;
    if (member.shape->type != Type::list) {
      TRY(auto read, scalar_from_text(*member.shape, value, member.name));
      return read;
    }
    TRY(auto item, scalar_from_text(*member.shape->element->shape, value, member.name));
    list.push_back(std::move(item));
  }
  if (list.empty()) return std::nullopt;
  return Json(std::move(list));
}

Found read_header(const Member& member, const InputParts& parts) {
  auto value = parts.request.headers.find(member.wire_name);
  // A presigned URL may carry the headers of its service as parameters ("Authenticating Requests:
  // Using Query Parameters", S3 API).
  if (!value && member.wire_name.starts_with("x-amz-")) {
    for (const auto& [name, given] : parts.uri.query) {
      if (equal_ignoring_case(name, member.wire_name)) value = given;
    }
  }
  if (!value) return std::nullopt;
  if (!json::is_utf8(*value)) return cannot_read(member.name, "UTF-8");
  if (member.json_value) {
    const auto text = crypto::from_base64(*value);
    if (!text || !json::parse(*text)) return cannot_read(member.name, "base64 of JSON");
    return Json(*text);
  }
  if (member.shape->type == Type::list) {
    JsonArray list;
    for (const auto part : split(*value, ',')) {
      TRY(auto item, scalar_from_text(*member.shape->element->shape, trim(part), member.name));
      list.push_back(std::move(item));
    }
    return Json(std::move(list));
  }
  TRY(auto read, scalar_from_text(*member.shape, *value, member.name));
  return read;
}

// Every header that begins with the member's prefix; the keys are what follows it.
Found read_headers(const Member& member, const InputParts& parts) {
  const std::string_view prefix = member.renamed ? member.wire_name : std::string_view{};
  JsonObject out;
  for (const auto& field : parts.request.headers) {
    if (field.name.size() < prefix.size() ||
        !equal_ignoring_case(field.name.substr(0, prefix.size()), prefix)) {
      continue;
    }
    if (!json::is_utf8(field.value)) return cannot_read(member.name, "UTF-8");
    out[field.name.substr(prefix.size())] = field.value;
  }
  if (out.empty()) return std::nullopt;
  return Json(std::move(out));
}

enum class Format : unsigned char { json, xml };

Found read_payload(const Member& member, std::string_view body, Format format) {
  const Shape& shape = *member.shape;
  if (member.streams()) return std::nullopt;  // Call::body
  if (shape.type == Type::blob) {
    if (body.empty()) return std::nullopt;
    return Json(crypto::base64(body));
  }
  if (shape.type == Type::string) {
    if (body.empty()) return std::nullopt;
    if (!json::is_utf8(body)) return cannot_read(member.name, "UTF-8");
    return Json(body);
  }
  if (body.empty()) return std::nullopt;
  if (format == Format::xml) {
    TRY(auto read, read_xml_payload(member, body));
    return read;
  }
  auto parsed = json::parse(body);
  if (!parsed) {
    parsed.error().name = "SerializationException";
    return std::unexpected(std::move(parsed).error());
  }
  TRY(auto read, read_value(shape, *parsed, member.name));
  return read;
}

Found read_member(const Member& member, const OperationShape& operation, const InputParts& parts) {
  switch (member.place) {
    case Place::uri:
      return read_label(member, parts);
    case Place::query:
      return read_parameter(member, operation, parts);
    case Place::header:
      return read_header(member, parts);
    case Place::headers:
      return read_headers(member, parts);
    case Place::status:
    case Place::body:
      break;
  }
  return std::nullopt;
}

bool has_body_members(const Shape& input) {
  for (const auto& member : input.members) {
    if (member.place == Place::body) return true;
  }
  return false;
}

}  // namespace

namespace {

Result<Json> read_parts(const OperationShape& operation, const InputParts& parts, Format format) {
  if (operation.input == nullptr) return Json(JsonObject{});
  const Shape& input = *operation.input;
  Json out = JsonObject{};
  if (input.payload != nullptr) {
    TRY(auto payload, read_payload(*input.payload, parts.request.body, format));
    if (payload) out.get_object()[input.payload->name] = std::move(*payload);
  } else if (has_body_members(input) && format == Format::json) {
    TRY(out, read_json_body(operation, parts.request.body));
  } else if (has_body_members(input) && !parts.request.body.empty()) {
    TRY(const auto root, parse_xml(parts.request.body));
    TRY(out, value_of_xml(input, root, ""));
  }
  for (const auto& member : input.members) {
    TRY(auto found, read_member(member, operation, parts));
    if (found) out.get_object()[member.name] = std::move(*found);
  }
  return out;
}

}  // namespace

Result<Json> read_rest(const OperationShape& operation, const InputParts& parts) {
  return read_parts(operation, parts, Format::json);
}

Result<Json> read_rest_xml(const OperationShape& operation, const InputParts& parts) {
  return read_parts(operation, parts, Format::xml);
}

}  // namespace toolgate::aws
