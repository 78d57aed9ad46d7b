// XML answers as JSON, by the shapes of the model.
#include <algorithm>

#include <fmt/format.h>

#include "json/json.h"
#include "targets/smithy/read.h"
#include "targets/smithy/write.h"

namespace toolgate::targets::smithy {
namespace {

// A number as JSON has it; "NaN" and what else XML may hold stays a text.
bool is_number(std::string_view text) {
  json::Tape tape;
  if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return false;
  return tape.read(text);
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

void simple_value(std::string& out, const Shape& shape, const std::string& text) {
  const std::string_view word = trimmed(text);
  const bool number = shape.type == Type::integer || shape.type == Type::int_enumeration ||
                      shape.type == Type::floating;
  if (number && is_number(word)) {
    out += word;
  } else if (shape.type == Type::boolean && (word == "true" || word == "false")) {
    out += word;
  } else if (shape.type == Type::string || shape.type == Type::enumeration) {
    json::quote_to(out, text);
  } else {
    json::quote_to(out, word);
  }
}

std::string_view word_or(std::string_view name, std::string_view otherwise) {
  return name.empty() ? otherwise : name;
}

// What a map's entry holds, as a member of an object.
void entry(std::string& out, const Shape& map, const xml::Element& element) {
  const Member& key = map.members[0];
  const Member& value = map.members[1];
  json::quote_to(out, element.text_of(word_or(key.xml_name, "key")));
  out += ':';
  const xml::Element* found = element.find(word_or(value.xml_name, "value"));
  if (found == nullptr) {
    out += "null";
  } else {
    value_of_xml(out, value, *found);
  }
}

// The children as the items of a list or the entries of a map; of a flattened one, whose parent has
// other children too, those of that name.
void items(std::string& out, const Shape& shape, const xml::Element& parent,
           std::optional<std::string_view> name = std::nullopt) {
  const bool list = shape.type == Type::list;
  out += list ? '[' : '{';
  bool first = true;
  for (const auto& child : parent.children) {
    if (name && child.name != *name) continue;
    if (!first) out += ',';
    first = false;
    if (list) {
      value_of_xml(out, shape.members[0], child);
    } else {
      entry(out, shape, child);
    }
  }
  out += list ? ']' : '}';
}

void attribute(std::string& out, const Member& member, std::string_view name,
               const xml::Element& element, bool& first) {
  for (const auto& [key, value] : element.attributes) {
    if (key != name) continue;
    if (!first) out += ',';
    first = false;
    json::quote_to(out, member.name);
    out += ':';
    simple_value(out, *member.target, value);
    return;
  }
}

}  // namespace

Result<xml::Element> parse_xml(std::string_view answer) {
  auto root = xml::parse(answer);
  if (!root) {
    return fail(Code::upstream,
                fmt::format("the answer is no XML that can be read: {}", root.error().message));
  }
  return root;
}

void members_of_xml(std::string& out, const Shape& shape, const xml::Element& element,
                    Bound bound) {
  bool first = out.ends_with('{');
  for (const auto& member : shape.members) {
    if (bound == Bound::elsewhere && member.place != Place::body) continue;
    const std::string_view name = xml_name_of(member);
    if (member.attribute) {
      attribute(out, member, name, element, first);
      continue;
    }
    const xml::Element* found = element.find(name);
    if (found == nullptr) continue;
    if (!first) out += ',';
    first = false;
    json::quote_to(out, member.name);
    out += ':';
    if (member.flattened && !member.target->is_structure() && member.target->is_aggregate()) {
      items(out, *member.target, element, name);
    } else {
      value_of_xml(out, member, *found);
    }
  }
}

void value_of_xml(std::string& out, const Member& member, const xml::Element& element) {
  const Shape& shape = *member.target;
  if (shape.is_structure()) {
    out += '{';
    members_of_xml(out, shape, element, Bound::nowhere);
    out += '}';
    return;
  }
  if (!shape.is_aggregate()) return simple_value(out, shape, element.text);
  items(out, shape, element);
}

}  // namespace toolgate::targets::smithy
