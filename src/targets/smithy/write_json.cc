// Arguments as JSON, by the shapes of the model.
#include <fmt/format.h>

#include "json/decimal.h"
#include "json/json.h"
#include "targets/smithy/times.h"
#include "targets/smithy/write.h"

namespace toolgate::targets::smithy {
namespace {

// JSON Schema takes 1.0 and 1e2 for integers; services do not.
std::string integer_text(Node node) {
  if (node.kind() == Node::Kind::number) {
    if (const auto value = json::Decimal{node.raw()}.to_int64()) return std::to_string(*value);
  }
  return std::string{node.raw()};
}

class JsonWriter {
 public:
  JsonWriter(std::string& out, JsonNames names) : out_{out}, names_{names} {}

  Result<void> value(const Member& member, Node node) {
    const Shape& shape = *member.target;
    if (node.is_null()) {
      out_ += "null";
      return {};
    }
    switch (shape.type) {
      case Type::structure:
      case Type::union_of:
        return structure(shape, node);
      case Type::list:
        return list(shape, node);
      case Type::map:
        return map(shape, node);
      case Type::timestamp: {
        TRY(const std::string text, simple_text(member, node, TimeFormat::epoch_seconds));
        const bool plain =
            member.time == TimeFormat::by_place || member.time == TimeFormat::epoch_seconds;
        out_ += plain ? text : json::quote(text);
        return {};
      }
      case Type::integer:
      case Type::int_enumeration:
        out_ += node.is_string() ? std::string{node.raw()} : integer_text(node);
        return {};
      default:
        out_ += node.raw();
        return {};
    }
  }

 private:
  Result<void> structure(const Shape& shape, Node node) {
    Result<void> done;
    char between = '{';
    node.members([&](Node name, Node each) {
      if (!done || each.is_null()) return;
      const Member* member = shape.find(name.text());
      if (member == nullptr) return;
      out_ += between;
      between = ',';
      const bool renamed = names_ == JsonNames::json_name && !member->json_name.empty();
      json::quote_to(out_, renamed ? member->json_name : member->name);
      out_ += ':';
      done = value(*member, each);
    });
    if (between == '{') out_ += '{';
    out_ += '}';
    return done;
  }

  Result<void> list(const Shape& shape, Node node) {
    if (node.kind() != Node::Kind::array) return bad_argument(shape.name(), "an array");
    Result<void> done;
    char between = '[';
    node.items([&](Node each) {
      if (!done) return;
      out_ += between;
      between = ',';
      done = value(shape.members[0], each);
    });
    if (between == '[') out_ += '[';
    out_ += ']';
    return done;
  }

  Result<void> map(const Shape& shape, Node node) {
    if (node.kind() != Node::Kind::object) return bad_argument(shape.name(), "an object");
    Result<void> done;
    char between = '{';
    node.members([&](Node name, Node each) {
      if (!done) return;
      out_ += between;
      between = ',';
      out_ += name.raw();
      out_ += ':';
      done = value(shape.members[1], each);
    });
    if (between == '{') out_ += '{';
    out_ += '}';
    return done;
  }

  std::string& out_;
  JsonNames names_;
};

}  // namespace

std::unexpected<Error> bad_argument(std::string_view name, std::string_view expected) {
  return fail(Code::invalid, fmt::format("argument {}: expected {}", name, expected));
}

Result<std::string> simple_text(const Member& member, Node value, TimeFormat time) {
  if (value.kind() == Node::Kind::object || value.kind() == Node::Kind::array) {
    return bad_argument(member.name, "a simple value");
  }
  const Type type = member.target->type;
  if (type == Type::integer || type == Type::int_enumeration) {
    return value.is_string() ? value.text() : integer_text(value);
  }
  if (type != Type::timestamp) return value.text();
  const auto moment = parse_moment(value.text());
  if (!moment) {
    return bad_argument(member.name,
                        "a point in time: 2026-11-21T04:05:06Z, or seconds since 1970");
  }
  return print_moment(*moment, member.time == TimeFormat::by_place ? time : member.time);
}

Result<void> write_json(std::string& out, const Member& member, Node value, JsonNames names) {
  return JsonWriter{out, names}.value(member, value);
}

}  // namespace toolgate::targets::smithy
