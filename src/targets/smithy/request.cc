#include "targets/smithy/request.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "targets/smithy/bindings.h"
#include "targets/smithy/write.h"

namespace toolgate::targets::smithy {
namespace {

// The operation's input as a value of its own, for the writers.
Member whole_input(const Operation& operation) {
  return {.name = operation.input->name(), .target = operation.input};
}

Result<void> aws_json(const Operation& operation, Node arguments, Request& out) {
  const bool newest = operation.protocol == Protocol::aws_json_1_1;
  out.headers.push_back(
      {"content-type", newest ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0"});
  out.headers.push_back(
      {"x-amz-target", fmt::format("{}.{}", operation.service_name, operation.name)});
  if (operation.query_compatible) out.headers.push_back({"x-amzn-query-mode", "true"});
  if (operation.input == nullptr) {
    out.body = "{}";
    return {};
  }
  return write_json(out.body, whole_input(operation), arguments, JsonNames::model);
}

Result<void> query(const Operation& operation, Node arguments, Request& out) {
  out.headers.push_back({"content-type", "application/x-www-form-urlencoded; charset=utf-8"});
  Pairs pairs{{"Action", std::string{operation.name}}, {"Version", std::string{operation.version}}};
  const auto dialect =
      operation.protocol == Protocol::ec2_query ? QueryDialect::ec2 : QueryDialect::aws;
  if (operation.input != nullptr) {
    TRY_DO(write_query(pairs, *operation.input, arguments, dialect));
  }
  for (const auto& [name, value] : pairs) {
    if (!out.body.empty()) out.body += '&';
    out.body += percent_encode(name);
    out.body += '=';
    out.body += percent_encode(value);
  }
  return {};
}

void put_content_type(Request& out, std::string_view type) {
  if (net::find_header(out.headers, "content-type")) return;
  out.headers.push_back({"content-type", std::string{type}});
}

// The member that is the whole body.
Result<void> payload(const Operation& operation, const Member& member, Node arguments,
                     Request& out) {
  const bool xml = operation.protocol == Protocol::rest_xml;
  const auto value = arguments.find(member.name);
  const Shape& shape = *member.target;
  const bool text = shape.type == Type::string || shape.type == Type::enumeration;
  if (shape.type == Type::blob || text) {
    if (!value) return {};
    out.body = value->text();
    if (!text) {
      auto bytes = crypto::from_base64(out.body);
      if (!bytes) return bad_argument(member.name, "base64");
      out.body = *std::move(bytes);
    }
    put_content_type(out, !member.media_type.empty() ? member.media_type
                          : text                     ? "text/plain"
                                                     : "application/octet-stream");
    return {};
  }
  if (!value) {
    if (xml) return {};
    out.body = "{}";
    put_content_type(out, "application/json");
    return {};
  }
  if (!xml) {
    put_content_type(out, "application/json");
    return write_json(out.body, member, *value, JsonNames::json_name);
  }
  put_content_type(out, "application/xml");
  std::string_view name = member.xml_name;
  if (name.empty()) name = shape.xml_name;
  if (name.empty()) name = shape.name();
  return write_xml(out.body, member, *value, {name, operation.xml_namespace});
}

Result<void> members_as_body(const Operation& operation, Node arguments, Request& out) {
  const auto stands_in_body = [](const Member& each) { return each.place == Place::body; };
  const auto& members = operation.input->members;
  if (std::ranges::none_of(members, stands_in_body)) return {};
  if (operation.protocol == Protocol::rest_json_1) {
    put_content_type(out, "application/json");
    out.body = '{';
    for (const auto& each : members) {
      const auto value = stands_in_body(each) ? arguments.find(each.name) : std::nullopt;
      if (!value) continue;
      if (out.body.size() > 1) out.body += ',';
      json::quote_to(out.body, each.json_name.empty() ? each.name : each.json_name);
      out.body += ':';
      TRY_DO(write_json(out.body, each, *value, JsonNames::json_name));
    }
    out.body += '}';
    return {};
  }
  const bool any = std::ranges::any_of(members, [&](const Member& each) {
    return stands_in_body(each) && arguments.find(each.name).has_value();
  });
  if (!any) return {};
  put_content_type(out, "application/xml");
  const Shape& input = *operation.input;
  return write_xml(out.body, whole_input(operation), arguments,
                   {input.xml_name.empty() ? input.name() : input.xml_name, operation.xml_namespace,
                    Bound::elsewhere});
}

Result<void> rest(const Operation& operation, Node arguments, bool without_bucket, Request& out) {
  TRY(out.target, bound_target(operation, arguments, without_bucket));
  if (operation.input == nullptr) return {};
  TRY_DO(bound_headers(*operation.input, arguments, out.headers));
  const auto& members = operation.input->members;
  const auto whole = std::ranges::find(members, Place::payload, &Member::place);
  if (whole != members.end()) return payload(operation, *whole, arguments, out);
  return members_as_body(operation, arguments, out);
}

// Members that a JMESPath of the model names: "a.b", "a[*].b", "keys(a)". Others are not set, as
// the rules allow.
Json value_at(Node from, std::string_view path) {
  if (path.starts_with("keys(") && path.ends_with(')')) {
    const auto map = from.find(path.substr(5, path.size() - 6));
    JsonArray keys;
    if (!map) return nullptr;
    map->members([&](Node name, Node) { keys.emplace_back(name.text()); });
    return keys;
  }
  const auto dot = path.find('.');
  std::string_view name = path.substr(0, dot);
  const auto rest = dot == path.npos ? std::string_view{} : path.substr(dot + 1);
  const bool each_item = name.ends_with("[*]");
  if (each_item) name.remove_suffix(3);
  const auto found = from.find(name);
  if (!found) return nullptr;
  if (each_item) {
    JsonArray out;
    found->items([&](Node item) {
      Json value = rest.empty() ? Json(item.text()) : value_at(item, rest);
      if (!value.is_null()) out.push_back(std::move(value));
    });
    return out;
  }
  if (!rest.empty()) return value_at(*found, rest);
  if (found->raw() == "true" || found->raw() == "false") return found->raw() == "true";
  return found->is_string() ? Json(found->text()) : Json(nullptr);
}

}  // namespace

Result<Request> write_request(const Operation& operation, const json::Tape& arguments,
                              bool without_bucket) {
  const Node root{arguments, 0};
  if (root.kind() != Node::Kind::object) return bad_argument("arguments", "an object");
  Request out{.method = std::string{operation.method}, .target = "/"};
  if (is_rest(operation.protocol)) {
    TRY_DO(rest(operation, root, without_bucket, out));
  } else if (operation.protocol == Protocol::aws_query ||
             operation.protocol == Protocol::ec2_query) {
    TRY_DO(query(operation, root, out));
  } else {
    TRY_DO(aws_json(operation, root, out));
  }
  TRY_DO(add_checksum(operation, arguments, out));
  return out;
}

Result<std::string> host_prefix_for(const Operation& operation, const json::Tape& arguments) {
  const Node root{arguments, 0};
  std::string out;
  std::string_view rest = operation.host_prefix;
  while (!rest.empty()) {
    const auto open = rest.find('{');
    out += rest.substr(0, open);
    if (open == rest.npos) break;
    const auto end = rest.find('}', open);
    if (end == rest.npos) return bad_argument("hostPrefix", "a closing brace in the model");
    const auto name = rest.substr(open + 1, end - open - 1);
    const auto value = root.find(name);
    const std::string text = value ? value->text() : "";
    const bool fits = !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '.';
    });
    if (!fits)
      return bad_argument(name, "letters, digits, hyphens and dots, for it is in a host's name");
    out += text;
    rest.remove_prefix(end + 1);
  }
  return out;
}

Result<Endpoint> endpoint_for(const Operation& operation, const json::Tape& arguments) {
  if (operation.endpoint) return *operation.endpoint;
  const Node root{arguments, 0};
  Scope scope;
  if (operation.input != nullptr) {
    for (const auto& member : operation.input->members) {
      if (member.context_param.empty()) continue;
      const auto value = root.find(member.name);
      Json known = nullptr;
      if (value && value->kind() == Node::Kind::boolean) {
        known = value->raw() == "true";
      } else if (value && value->is_string()) {
        known = value->text();
      }
      scope.set(member.context_param, std::move(known));
    }
  }
  if (operation.context != nullptr) {
    for (const auto& each : *operation.context) {
      const auto path = json::find_string(each.value(), "path").value_or("");
      scope.set(each.key(), value_at(root, path));
    }
  }
  RuleBudget budget = conditions_per_model_max;
  TRY(const JsonArray left, simplify(operation.rules, scope, budget));
  TRY(auto endpoint, decided(left));
  if (!endpoint) return fail(Code::internal, "endpoint rules: no decision");
  return *std::move(endpoint);
}

}  // namespace toolgate::targets::smithy
