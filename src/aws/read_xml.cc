#include "aws/read_xml.h"

#include <fmt/format.h>

#include "aws/refuse.h"
#include "aws/scalars.h"

namespace toolgate::aws {
namespace {

std::string step(std::string_view path, std::string_view name) {
  return path.empty() ? std::string{name} : fmt::format("{}.{}", path, name);
}

// In S3's words, and then in which way.
std::unexpected<Error> malformed(std::string_view how) {
  return refuse(Code::invalid, "MalformedXML",
                fmt::format("The XML you provided was not well-formed or did not validate against "
                            "our published schema ({}).",
                            how));
}

std::unexpected<Error> not_a(std::string_view path, std::string_view expected) {
  auto error = cannot_read(path, expected);
  error.error().name = "MalformedXML";
  return error;
}

Result<Json> scalar(const Shape& shape, std::string_view text, std::string_view path) {
  auto value = scalar_from_text(shape, text, path);
  if (!value) value.error().name = "MalformedXML";
  return value;
}

// A flattened list's items stand in the parent, under the member's or the items' own name.
Result<std::optional<Json>> flat_list(const Member& member, const xml::Element& parent,
                                      std::string_view path) {
  const Member& element = *member.shape->element;
  const auto name = member.renamed || !element.renamed ? member.wire_name : element.wire_name;
  JsonArray list;
  for (const auto& child : parent.children) {
    if (child.name != name) continue;
    TRY(auto item, value_of_xml(*element.shape, child, fmt::format("{}[{}]", path, list.size())));
    list.push_back(std::move(item));
  }
  if (list.empty()) return std::nullopt;
  return Json(std::move(list));
}

Result<Json> list_of(const Shape& shape, const xml::Element& element, std::string_view path) {
  JsonArray list;
  const auto name = shape.element->renamed ? shape.element->wire_name : "member";
  for (const auto& child : element.children) {
    if (child.name != name) continue;
    TRY(auto item,
        value_of_xml(*shape.element->shape, child, fmt::format("{}[{}]", path, list.size())));
    list.push_back(std::move(item));
  }
  return Json(std::move(list));
}

Result<Json> structure_of(const Shape& shape, const xml::Element& element, std::string_view path) {
  JsonObject out;
  for (const auto& member : shape.members) {
    const auto where = step(path, member.name);
    if (member.attribute) {
      for (const auto& [name, value] : element.attributes) {
        if (name != member.wire_name) continue;
        TRY(out[member.name], scalar(*member.shape, value, where));
      }
      continue;
    }
    if (member.shape->type == Type::list && (member.flattened || member.shape->flattened)) {
      TRY(auto list, flat_list(member, element, where));
      if (list) out[member.name] = std::move(*list);
      continue;
    }
    for (const auto& child : element.children) {
      if (child.name != member.wire_name) continue;
      if (out.contains(member.name)) return not_a(where, "given once");
      TRY(out[member.name], value_of_xml(*member.shape, child, where));
    }
  }
  return Json(std::move(out));
}

Result<Json> map_of(const Shape& shape, const xml::Element& element, std::string_view path) {
  JsonObject out;
  for (const auto& entry : element.children) {
    const xml::Element* key = nullptr;
    const xml::Element* value = nullptr;
    for (const auto& child : entry.children) {
      if (child.name == (shape.key->renamed ? shape.key->wire_name : "key")) key = &child;
      if (child.name == (shape.element->renamed ? shape.element->wire_name : "value")) {
        value = &child;
      }
    }
    if (key == nullptr || value == nullptr) return not_a(path, "entries of a key and a value");
    TRY(out[key->text], value_of_xml(*shape.element->shape, *value, step(path, key->text)));
  }
  return Json(std::move(out));
}

}  // namespace

Result<xml::Element> parse_xml(std::string_view text) {
  auto root = xml::parse(text);
  if (!root) return malformed(root.error().message);
  return root;
}

Result<Json> read_xml_payload(const Member& member, std::string_view text) {
  TRY(const auto root, parse_xml(text));
  if (root.name != member.wire_name) {
    return malformed(
        fmt::format("the root element is {}; expected {}", root.name, member.wire_name));
  }
  return value_of_xml(*member.shape, root, member.name);
}

Result<Json> value_of_xml(const Shape& shape, const xml::Element& element, std::string_view path) {
  switch (shape.type) {
    case Type::structure:
      return structure_of(shape, element, path);
    case Type::list:
      return list_of(shape, element, path);
    case Type::map:
      return map_of(shape, element, path);
    case Type::document:
      return not_a(path, "sent in another protocol");
    default:
      break;
  }
  if (!element.children.empty()) return not_a(path, "a single value");
  return scalar(shape, element.text, path);
}

}  // namespace toolgate::aws
