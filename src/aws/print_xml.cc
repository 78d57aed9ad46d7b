// Answers as XML, by the shapes of the contract: rest-xml, and query with its wrappers.
#include <fmt/format.h>

#include "aws/output.h"
#include "aws/scalars.h"
#include "base/xml.h"

namespace toolgate::aws {
namespace {

void print_members(std::string& out, const Shape& shape, const JsonObject& object,
                   std::string_view where) {
  for (const auto& member : shape.members) {
    const Json* value = object.if_contains(member.name);
    if (member.place != Place::body || member.attribute || value == nullptr || value->is_null() ||
        !printable(member, *value, where)) {
      continue;
    }
    print_element(out, member, member.wire_name, *value, where);
  }
  log_unknown(shape, object, where);
}

std::string attributes_of(const Shape& shape, const Json& value) {
  std::string out;
  if (shape.type != Type::structure) return out;
  for (const auto& member : shape.members) {
    const Json* text = value.get_object().if_contains(member.name);
    if (!member.attribute || text == nullptr || !text->is_string()) continue;
    out.append(" ").append(member.wire_name).append("=\"");
    escape_xml_to(out, text->get_string());
    out += '"';
  }
  return out;
}

void print_items(std::string& out, const Member& member, std::string_view name, const Json& value,
                 std::string_view where) {
  const Member& element = *member.shape->element;
  const bool flat = member.flattened || member.shape->flattened;
  const std::string_view item_name = element.renamed ? element.wire_name : flat ? name : "member";
  if (!flat) out.append("<").append(name).append(">");
  for (const auto& item : value.get_array()) {
    if (printable(element, item, where)) print_element(out, element, item_name, item, where);
  }
  if (!flat) out.append("</").append(name).append(">");
}

void print_entries(std::string& out, const Member& member, std::string_view name, const Json& value,
                   std::string_view where) {
  const Member& element = *member.shape->element;
  const Member& key = *member.shape->key;
  const bool flat = member.flattened || member.shape->flattened;
  const std::string_view entry_name = flat ? name : "entry";
  if (!flat) out.append("<").append(name).append(">");
  for (const auto& [text, item] : value.get_object()) {
    if (!printable(element, item, where)) continue;
    out.append("<").append(entry_name).append(">");
    print_element(out, key, key.renamed ? key.wire_name : "key", Json(text), where);
    print_element(out, element, element.renamed ? element.wire_name : "value", item, where);
    out.append("</").append(entry_name).append(">");
  }
  if (!flat) out.append("</").append(name).append(">");
}

std::string scalar_of(const Member& member, const Json& value) {
  TimeFormat time = member.time != TimeFormat::by_protocol ? member.time : member.shape->time;
  if (time == TimeFormat::by_protocol) time = TimeFormat::iso8601;
  return scalar_text(*member.shape, value, time, Fraction::none);
}

}  // namespace

void print_element(std::string& out, const Member& member, std::string_view name, const Json& value,
                   std::string_view where) {
  const Shape& shape = *member.shape;
  if (shape.type == Type::list) return print_items(out, member, name, value, where);
  if (shape.type == Type::map) return print_entries(out, member, name, value, where);
  out.append("<").append(name).append(attributes_of(shape, value)).append(">");
  if (shape.type == Type::structure) {
    print_members(out, shape, value.get_object(), where);
  } else {
    escape_xml_to(out, scalar_of(member, value));
  }
  out.append("</").append(name).append(">");
}

net::Response print_query(const Contract& contract, const OperationShape& operation, Answer answer,
                          std::string_view request_id) {
  std::string body =
      fmt::format(R"(<{}Response xmlns="{}">)", operation.name, contract.xml_namespace);
  if (operation.output != nullptr && answer.output.is_object()) {
    const auto wrapper = operation.result_wrapper;
    if (!wrapper.empty()) body.append("<").append(wrapper).append(">");
    print_members(body, *operation.output, answer.output.get_object(), operation.name);
    if (!wrapper.empty()) body.append("</").append(wrapper).append(">");
  }
  body += fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>",
                      request_id, operation.name);
  return net::Response::text(200, "text/xml", std::move(body));
}

}  // namespace toolgate::aws
