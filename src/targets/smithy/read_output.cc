// Answers as JSON: what the bindings take from status and headers, and the body.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "json/json.h"
#include "json/tape.h"
#include "targets/smithy/node.h"
#include "targets/smithy/read.h"

namespace toolgate::targets::smithy {
namespace {

void begin_member(std::string& out, std::string_view name) {
  if (!out.ends_with('{')) out += ',';
  json::quote_to(out, name);
  out += ':';
}

// A value of a JSON answer with its members named as in the model. Members that the shape does not
// know keep their names.
void renamed(std::string& out, const Shape& shape, Node node) {
  if (shape.is_structure() && node.kind() == Node::Kind::object) {
    bool first = true;
    out += '{';
    node.members([&](Node name, Node value) {
      const std::string wire = name.text();
      const auto found = std::ranges::find_if(shape.members, [&](const Member& each) {
        return (each.json_name.empty() ? each.name : each.json_name) == wire;
      });
      if (!first) out += ',';
      first = false;
      if (found == shape.members.end()) {
        out += name.raw();
        out += ':';
        out += value.raw();
        return;
      }
      json::quote_to(out, found->name);
      out += ':';
      renamed(out, *found->target, value);
    });
    out += '}';
  } else if (shape.type == Type::list && node.kind() == Node::Kind::array) {
    bool first = true;
    out += '[';
    node.items([&](Node item) {
      if (!first) out += ',';
      first = false;
      renamed(out, *shape.members[0].target, item);
    });
    out += ']';
  } else if (shape.type == Type::map && node.kind() == Node::Kind::object) {
    bool first = true;
    out += '{';
    node.members([&](Node name, Node value) {
      if (!first) out += ',';
      first = false;
      out += name.raw();
      out += ':';
      renamed(out, *shape.members[1].target, value);
    });
    out += '}';
  } else {
    out += node.raw();
  }
}

void header_value(std::string& out, const Member& member, std::string_view value) {
  const Shape& shape = *member.target;
  if (shape.type == Type::list) {
    out += '[';
    bool first = true;
    for (const auto part : split(value, ',')) {
      if (!first) out += ',';
      first = false;
      json::quote_to(out, trim(part));
    }
    out += ']';
    return;
  }
  xml::Element text;
  text.text = value;
  if (!member.media_type.empty()) {
    if (auto decoded = crypto::from_base64(value)) text.text = *std::move(decoded);
  }
  value_of_xml(out, member, text);
}

void bound_members(std::string& out, const Shape& output, const net::ClientResponse& answer) {
  for (const auto& member : output.members) {
    if (member.place == Place::status) {
      begin_member(out, member.name);
      out += std::to_string(answer.status);
    } else if (member.place == Place::header) {
      const auto value = answer.headers.find(member.place_name);
      if (!value) continue;
      begin_member(out, member.name);
      header_value(out, member, *value);
    } else if (member.place == Place::header_map) {
      begin_member(out, member.name);
      out += '{';
      for (const auto& field : answer.headers) {
        const std::string name = lower(field.name);
        if (!name.starts_with(lower(member.place_name))) continue;
        begin_member(out, field.name.substr(member.place_name.size()));
        json::quote_to(out, field.value);
      }
      out += '}';
    }
  }
}

Result<void> payload(std::string& out, const Operation& operation, const Member& member,
                     std::string_view body) {
  if (body.empty()) return {};
  const Shape& shape = *member.target;
  if (shape.type == Type::blob || shape.type == Type::string || shape.type == Type::enumeration) {
    begin_member(out, member.name);
    json::quote_to(out, shape.type == Type::blob ? crypto::base64(body) : std::string{body});
    return {};
  }
  if (operation.protocol == Protocol::rest_xml) {
    TRY(const xml::Element root, parse_xml(body));
    begin_member(out, member.name);
    value_of_xml(out, member, root);
    return {};
  }
  json::Tape tape;
  if (!tape.read(body)) return fail(Code::upstream, "the answer's body is no JSON");
  begin_member(out, member.name);
  renamed(out, shape, Node{tape, 0});
  return {};
}

Result<void> json_body(std::string& out, const Operation& operation, std::string_view body) {
  if (trim(body).empty()) return {};
  json::Tape tape;
  if (!tape.read(body)) return fail(Code::upstream, "the answer's body is no JSON");
  const Node root{tape, 0};
  if (root.kind() != Node::Kind::object) {
    return fail(Code::upstream, "the answer's body is JSON, but no object");
  }
  std::string members;
  if (operation.protocol == Protocol::rest_json_1 && operation.output != nullptr) {
    renamed(members, *operation.output, root);
  } else {
    members = root.raw();
  }
  const std::string_view inner = trim(std::string_view{members}.substr(1, members.size() - 2));
  if (inner.empty()) return {};
  if (!out.ends_with('{')) out += ',';
  out += inner;
  return {};
}

Result<void> xml_body(std::string& out, const Operation& operation, std::string_view body) {
  if (body.empty() || operation.output == nullptr) return {};
  TRY(const xml::Element root, parse_xml(body));
  const xml::Element* element = &root;
  if (operation.protocol == Protocol::aws_query) {
    element = root.find(fmt::format("{}Result", operation.name));
    if (element == nullptr) return {};  // an operation without members in its output
  }
  if (operation.unwrapped_output && operation.output->members.size() == 1) {
    const Member& member = operation.output->members[0];
    begin_member(out, member.name);
    value_of_xml(out, member, root);
    return {};
  }
  members_of_xml(out, *operation.output, *element,
                 is_rest(operation.protocol) ? Bound::elsewhere : Bound::nowhere);
  return {};
}

}  // namespace

Result<std::string> read_output(const Operation& operation, const net::ClientResponse& answer) {
  std::string out = "{";
  const Shape* const output = operation.output;
  if (is_rest(operation.protocol) && output != nullptr) {
    bound_members(out, *output, answer);
    const auto whole = std::ranges::find(output->members, Place::payload, &Member::place);
    if (whole != output->members.end()) {
      TRY_DO(payload(out, operation, *whole, answer.body));
      out += '}';
      return out;
    }
  }
  const bool xml = operation.protocol == Protocol::rest_xml ||
                   operation.protocol == Protocol::aws_query ||
                   operation.protocol == Protocol::ec2_query;
  if (xml) {
    TRY_DO(xml_body(out, operation, answer.body));
  } else {
    TRY_DO(json_body(out, operation, answer.body));
  }
  out += '}';
  return json::is_utf8(out) ? std::move(out) : json::replace_broken_utf8(out);
}

}  // namespace toolgate::targets::smithy
