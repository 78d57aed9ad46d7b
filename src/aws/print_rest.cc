// Where the members of a REST operation's output go: status, headers, body.
#include <fmt/format.h>

#include "aws/event_stream.h"
#include "aws/output.h"
#include "aws/scalars.h"
#include "aws/xml_roots.h"
#include "crypto/hash.h"

namespace toolgate::aws {
namespace {

std::string header_text(const Member& member, const Json& value) {
  const Shape& shape = *member.shape;
  if (shape.type == Type::list) {
    std::string out;
    for (const auto& item : value.get_array()) {
      if (!out.empty()) out += ", ";
      out += scalar_text(*shape.element->shape, item, TimeFormat::rfc822, Fraction::none);
    }
    return out;
  }
  TimeFormat time = member.time != TimeFormat::by_protocol ? member.time : shape.time;
  if (time == TimeFormat::by_protocol) time = TimeFormat::rfc822;
  auto text = scalar_text(shape, value, time, Fraction::milliseconds);
  return member.json_value ? crypto::base64(text) : text;
}

void print_headers(net::Response& response, const OperationShape& operation,
                   const JsonObject& output) {
  for (const auto& member : operation.output->members) {
    const Json* value = output.if_contains(member.name);
    if (member.place == Place::body || value == nullptr || value->is_null() ||
        !printable(member, *value, operation.name)) {
      continue;
    }
    if (member.place == Place::header) {
      response.headers.push_back({std::string{member.wire_name}, header_text(member, *value)});
    } else if (member.place == Place::headers) {
      for (const auto& [name, text] : value->get_object()) {
        if (!text.is_string()) continue;
        response.headers.push_back(
            {(member.renamed ? std::string{member.wire_name} : std::string{}) + std::string{name},
             std::string{std::string_view{text.get_string()}}});
      }
    } else if (member.place == Place::status && value->is_int64()) {
      response.status = static_cast<int>(value->get_int64());
    }
  }
}

void set_content_type(net::Response& response, std::string_view type) {
  if (!net::find_header(response.headers, "content-type")) {
    response.headers.push_back({"content-type", std::string{type}});
  }
}

// A document of rest-xml. Where the root's one member has the root's name, it is the root
// (LocationConstraint).
void print_root(std::string& out, const Contract& contract, const Member& payload,
                const Json& value, std::string_view operation) {
  const Shape& shape = *payload.shape;
  const auto name = payload.renamed ? payload.wire_name : root_name(shape.name);
  const std::size_t begin = out.size();
  const bool only = shape.members.size() == 1 && shape.members.front().wire_name == name;
  if (!only) {
    print_element(out, payload, name, value, operation);
  } else if (const Json* member = value.get_object().if_contains(shape.members.front().name)) {
    print_element(out, shape.members.front(), name, *member, operation);
  } else {
    out.append("<").append(name).append("></").append(name).append(">");
  }
  out.insert(begin + 1 + name.size(), fmt::format(" xmlns=\"{}\"", root_namespace(contract)));
}

// The payload member, when the whole body is one: bytes as they are, structures in the protocol.
void print_payload(net::Response& response, const Contract& contract,
                   const OperationShape& operation, const Member& payload, const Json& value) {
  if (!printable(payload, value, operation.name)) return;
  if (payload.shape->type == Type::blob) {
    set_content_type(response, "application/octet-stream");
    response.body = crypto::from_base64(value.get_string()).value_or("");
  } else if (payload.shape->type == Type::string) {
    set_content_type(response, "text/plain");
    response.body = std::string{std::string_view{value.get_string()}};
  } else if (contract.protocol == ProtocolName::rest_xml) {
    std::string body{R"(<?xml version="1.0" encoding="UTF-8"?>)"};
    print_root(body, contract, payload, value, operation.name);
    set_content_type(response, "application/xml");
    response.body = std::move(body);
  } else {
    std::string body;
    print_value(body, payload, value, operation.name);
    set_content_type(response, "application/json");
    response.body = std::move(body);
  }
}

bool has_body_members(const Shape& output) {
  return std::ranges::any_of(output.members,
                             [](const Member& member) { return member.place == Place::body; });
}

}  // namespace

net::Response print_rest(const Contract& contract, const OperationShape& operation, Answer answer) {
  net::Response response;
  response.status = answer.status != 0 ? answer.status : operation.status;
  const bool bodyless = response.status == 204 || response.status == 304;
  if (operation.output != nullptr && answer.output.is_object()) {
    const Shape& shape = *operation.output;
    print_headers(response, operation, answer.output.get_object());
    const Member whole{.name = shape.name, .wire_name = shape.name, .shape = &shape};
    if (shape.payload != nullptr) {
      const Json* value = answer.output.get_object().if_contains(shape.payload->name);
      if (value != nullptr && !answer.body) {
        print_payload(response, contract, operation, *shape.payload, *value);
      }
    } else if (!bodyless && !answer.body &&
               (has_body_members(shape) || contract.protocol == ProtocolName::rest_json)) {
      print_payload(response, contract, operation, whole, answer.output);
    }
  }
  if (answer.body) {
    // A document that says more than the contract's shape is still one of the protocol.
    const bool document = contract.protocol == ProtocolName::rest_json &&
                          operation.output != nullptr && operation.output->payload == nullptr;
    set_content_type(response, gives_events(operation) ? event_stream_type
                               : document              ? "application/json"
                                                       : "application/octet-stream");
    response.body = std::move(*answer.body);
  }
  return response;
}

}  // namespace toolgate::aws
