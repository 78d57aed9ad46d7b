// Arguments as XML, by the shapes of the model.
#include <utility>

#include "base/xml.h"
#include "targets/smithy/write.h"

namespace toolgate::targets::smithy {
namespace {

void namespace_to(std::string& out, const XmlNamespace& space) {
  if (space.uri.empty()) return;
  out += " xmlns";
  if (!space.prefix.empty()) {
    out += ':';
    out += space.prefix;
  }
  out += "=\"";
  escape_xml_to(out, space.uri);
  out += '"';
}

class XmlWriter {
 public:
  XmlWriter(std::string& out, Bound bound) : out_{out}, bound_{bound} {}

  // One element, or for a flattened list or map one an item.
  Result<void> element(std::string_view name, const Member& member, Node node,
                       const XmlNamespace& space) {
    const Shape& shape = *member.target;
    if (shape.type == Type::list && member.flattened) return items(name, shape.members[0], node);
    if (shape.type == Type::map && member.flattened) return entries(name, shape, node, space);
    out_ += '<';
    out_ += name;
    namespace_to(out_, space);
    if (shape.is_structure()) TRY_DO(attributes(shape, node));
    out_ += '>';
    TRY_DO(content(member, node));
    out_ += "</";
    out_ += name;
    out_ += '>';
    return {};
  }

 private:
  static const XmlNamespace& space_of(const Member& member) {
    return member.xml_namespace.uri.empty() ? member.target->xml_namespace : member.xml_namespace;
  }

  Result<void> content(const Member& member, Node node) {
    const Shape& shape = *member.target;
    if (shape.is_structure()) return structure(shape, node);
    if (shape.type == Type::list) {
      const Member& item = shape.members[0];
      return items(item.xml_name.empty() ? "member" : item.xml_name, item, node);
    }
    if (shape.type == Type::map) return entries("entry", shape, node, {});
    TRY(const std::string text, simple_text(member, node, TimeFormat::date_time));
    if (!fits_xml(text)) {
      return bad_argument(member.name, "text without control characters, which XML cannot hold");
    }
    escape_xml_to(out_, text);
    return {};
  }

  Result<void> attributes(const Shape& shape, Node node) {
    for (const auto& member : shape.members) {
      if (!member.attribute) continue;
      const auto value = node.find(member.name);
      if (!value) continue;
      TRY(const std::string text, simple_text(member, *value, TimeFormat::date_time));
      if (!fits_xml(text)) return bad_argument(member.name, "text without control characters");
      out_ += ' ';
      out_ += xml_name_of(member);
      out_ += "=\"";
      escape_xml_to(out_, text);
      out_ += '"';
    }
    return {};
  }

  // In the model's order, which some services insist on.
  Result<void> structure(const Shape& shape, Node node) {
    // Of the whole input alone are members bound to other places (Smithy 2.0, "HTTP bindings").
    const bool whole = std::exchange(bound_, Bound::nowhere) == Bound::elsewhere;
    for (const auto& member : shape.members) {
      if (member.attribute || (whole && member.place != Place::body)) continue;
      const auto value = node.find(member.name);
      if (value) TRY_DO(element(xml_name_of(member), member, *value, space_of(member)));
    }
    return {};
  }

  Result<void> items(std::string_view name, const Member& item, Node node) {
    Result<void> done;
    node.items([&](Node each) {
      if (done && !each.is_null()) done = element(name, item, each, space_of(item));
    });
    return done;
  }

  Result<void> entries(std::string_view name, const Shape& map, Node node,
                       const XmlNamespace& space) {
    const Member& key = map.members[0];
    const Member& item = map.members[1];
    Result<void> done;
    node.members([&](Node each_name, Node each) {
      if (!done || each.is_null()) return;
      out_ += '<';
      out_ += name;
      namespace_to(out_, space);
      out_ += '>';
      done = element(key.xml_name.empty() ? "key" : key.xml_name, key, each_name, space_of(key));
      if (!done) return;
      done = element(item.xml_name.empty() ? "value" : item.xml_name, item, each, space_of(item));
      out_ += "</";
      out_ += name;
      out_ += '>';
    });
    return done;
  }

  std::string& out_;
  Bound bound_;
};

}  // namespace

Result<void> write_xml(std::string& out, const Member& member, Node value, XmlRoot root) {
  XmlNamespace space = member.xml_namespace;
  if (space.uri.empty()) space = member.target->xml_namespace;
  if (space.uri.empty()) space = root.inherited;
  return XmlWriter{out, root.bound}.element(root.name, member, value, space);
}

}  // namespace toolgate::targets::smithy
