// The query protocol: a form whose names are paths into the input, "Tags.member.2.Key=Env".
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "aws/input.h"
#include "aws/scalars.h"
#include "base/text.h"

namespace toolgate::aws {
namespace {

constexpr std::size_t fields_count_max = 10'000;
constexpr std::size_t depth_max = 32;

// The form as a tree: a node for each part of a name between dots.
struct Node {
  std::optional<std::string> value;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;

  [[nodiscard]] const Node* child(std::string_view name) const {
    const auto found = children.find(name);
    return found == children.end() ? nullptr : found->second.get();
  }
  // Nothing was sent for it but its name: how clients send an empty list.
  [[nodiscard]] bool empty() const {
    return children.empty() && (!value.has_value() || value->empty());
  }
};

Result<std::unique_ptr<Node>> read_form(std::string_view form) {
  auto root = std::make_unique<Node>();
  const auto uri = RequestUri::parse({}, form);
  if (!uri) return cannot_read("", "a form with valid %-escapes of UTF-8");
  if (uri->query.size() > fields_count_max) {
    return cannot_read("", fmt::format("a form of at most {} fields", fields_count_max));
  }
  for (const auto& [name, value] : uri->query) {
    Node* at = root.get();
    const auto parts = split(name, '.');
    if (parts.size() > depth_max) {
      return cannot_read("", fmt::format("a form whose names have at most {} parts", depth_max));
    }
    for (const auto part : parts) {
      auto& next = at->children[std::string{part}];
      if (!next) next = std::make_unique<Node>();
      at = next.get();
    }
    at->value = value;
  }
  return root;
}

// The children named 1, 2, 3 …, in the order of their numbers.
std::map<unsigned, const Node*> numbered(const Node& node) {
  std::map<unsigned, const Node*> out;
  for (const auto& [name, child] : node.children) {
    unsigned number = 0;
    const auto* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    if (error == std::errc{} && stop == end) out.emplace(number, child.get());
  }
  return out;
}

Result<Json> read_node(const Shape& shape, const Node& node, bool flattened,
                       std::string_view path);

std::string step(std::string_view path, std::string_view name) {
  return path.empty() ? std::string{name} : fmt::format("{}.{}", path, name);
}

// A flattened list takes its items' name, when they have one, in place of its own.
std::string_view field_name(const Member& member) {
  const bool flat = member.flattened || member.shape->flattened;
  if (flat && member.shape->type == Type::list && member.shape->element->renamed) {
    return member.shape->element->wire_name;
  }
  return member.wire_name;
}

Result<Json> read_structure(const Shape& shape, const Node& node, std::string_view path) {
  JsonObject out;
  for (const auto& member : shape.members) {
    const Node* given = node.child(field_name(member));
    if (given == nullptr) continue;
    const bool flat = member.flattened || member.shape->flattened;
    TRY(out[member.name], read_node(*member.shape, *given, flat, step(path, member.name)));
  }
  return out;
}

Result<Json> read_list(const Shape& shape, const Node& node, bool flattened,
                       std::string_view path) {
  JsonArray out;
  const Node* items = &node;
  if (!flattened) {
    items = node.child(shape.element->renamed ? shape.element->wire_name : "member");
    if (items == nullptr) return node.empty() ? Result<Json>{out} : cannot_read(path, "a list");
  }
  for (const auto& [number, item] : numbered(*items)) {
    TRY(auto value, read_node(*shape.element->shape, *item, false,
                              fmt::format("{}[{}]", path, out.size())));
    out.push_back(std::move(value));
  }
  return out;
}

Result<Json> read_map(const Shape& shape, const Node& node, bool flattened,
                      std::string_view path) {
  JsonObject out;
  const Node* entries = flattened ? &node : node.child("entry");
  if (entries == nullptr) return node.empty() ? Result<Json>{out} : cannot_read(path, "a map");
  for (const auto& [number, entry] : numbered(*entries)) {
    const Node* key = entry->child(shape.key->renamed ? shape.key->wire_name : "key");
    const Node* value = entry->child(shape.element->renamed ? shape.element->wire_name : "value");
    if (key == nullptr || !key->value || value == nullptr) {
      return cannot_read(step(path, std::to_string(number)), "a key and a value");
    }
    TRY(out[*key->value],
        read_node(*shape.element->shape, *value, false, step(path, *key->value)));
  }
  return out;
}

Result<Json> read_node(const Shape& shape, const Node& node, bool flattened,
                       std::string_view path) {
  switch (shape.type) {
    case Type::structure: return read_structure(shape, node, path);
    case Type::list: return read_list(shape, node, flattened, path);
    case Type::map: return read_map(shape, node, flattened, path);
    case Type::document: return cannot_read(path, "sent in another protocol");
    default:
      if (!node.value) return cannot_read(path, "a single value");
      return scalar_from_text(shape, *node.value, path);
  }
}

}  // namespace

Result<Json> read_query(const OperationShape& operation, std::string_view form) {
  TRY(const auto root, read_form(form));
  if (operation.input == nullptr) return Json(JsonObject{});
  return read_structure(*operation.input, *root, "");
}

}  // namespace toolgate::aws
