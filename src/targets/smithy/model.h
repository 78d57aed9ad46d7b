// A Smithy 2.0 model (JSON AST) as shapes that point at each other. The same reader serves a whole
// model and the cut of it that a tool's recipe keeps (recipe.h).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "json/json.h"

namespace toolgate::targets::smithy {

enum class Type : std::uint8_t {
  structure,
  union_of,
  list,
  map,
  string,
  enumeration,
  int_enumeration,
  boolean,
  integer,
  floating,
  timestamp,
  blob,
  document,
  operation,
  resource,
  service,
};

// Where a member of an operation's input or output stands in the HTTP message.
enum class Place : std::uint8_t {
  body,
  label,
  query,
  query_map,
  header,
  header_map,
  payload,
  status,
};
enum class TimeFormat : std::uint8_t { by_place, date_time, http_date, epoch_seconds };

struct XmlNamespace {
  std::string_view prefix;
  std::string_view uri;  // empty: none
};

struct Shape;

// A member of a structure or union; a list's "member"; a map's "key" and "value". Names on the wire
// are empty where the model gives none.
struct Member {
  std::string_view name;
  const Shape* target = nullptr;
  const JsonObject* traits = nullptr;  // null: none

  std::string_view json_name;
  std::string_view xml_name;
  std::string_view ec2_name;
  std::string_view place_name;     // of the query parameter, header or prefix
  std::string_view media_type;     // the member's, else its target's
  std::string_view context_param;  // of the endpoint's rules
  XmlNamespace xml_namespace;
  Place place = Place::body;
  TimeFormat time = TimeFormat::by_place;  // the member's, else its target's
  bool required = false;
  bool flattened = false;
  bool attribute = false;
  bool host_label = false;
  bool idempotency_token = false;
};

struct Shape {
  std::string_view id;  // "com.amazonaws.dynamodb#AttributeValue"
  Type type = Type::structure;
  std::string_view simple;  // the AST's own word for the type: "bigInteger"
  std::vector<Member> members;
  const JsonObject* traits = nullptr;
  const JsonObject* node = nullptr;  // null for the prelude's shapes
  std::string_view xml_name;
  XmlNamespace xml_namespace;
  bool sparse = false;
  bool streaming = false;

  [[nodiscard]] std::string_view name() const;  // the id's part after '#'
  [[nodiscard]] const Member* find(std::string_view member) const;
  [[nodiscard]] bool is_structure() const {
    return type == Type::structure || type == Type::union_of;
  }
  [[nodiscard]] bool is_aggregate() const { return type <= Type::map; }
};

// The value of a trait, or null: of a member or shape, by its whole id.
[[nodiscard]] const Json* trait(const JsonObject* traits, std::string_view id);
[[nodiscard]] std::string_view text_trait(const JsonObject* traits, std::string_view id);

// Immutable once read; any thread.
class Model {
 public:
  // Fails with Code::invalid, naming the shape and what was expected: no JSON, another version than
  // 2.x, a shape of an unknown type, a target that is not in the model, a broken mixin.
  static Result<std::unique_ptr<const Model>> parse(std::string_view text);

  [[nodiscard]] const Shape* find(std::string_view id) const;
  [[nodiscard]] const std::deque<Shape>& shapes() const { return shapes_; }
  // The whole document, for what a recipe keeps beside its shapes.
  [[nodiscard]] const Json& document() const { return document_; }

 private:
  Result<void> read_shapes();
  Result<void> read_shape(std::string_view id, const JsonObject& node);
  Result<void> resolve(Shape& shape);
  void add_prelude();
  Result<void> count_one();

  std::size_t parts_ = 0;  // shapes and members
  Json document_;
  std::deque<Shape> shapes_;
  TextMap<Shape*> by_id_;
};

}  // namespace toolgate::targets::smithy
