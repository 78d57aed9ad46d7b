#include "targets/smithy/model.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/limits.h"
#include "targets/smithy/mixins.h"
#include "targets/smithy/traits.h"

namespace toolgate::targets::smithy {
namespace {

// A value of a document costs up to some 60 bytes, so that a model cannot cost more than 100 MB.
// The greatest of AWS's, of EC2, holds some 400,000.
constexpr std::size_t values_count_max = 600'000;

// Shapes and members together, which take some hundreds of bytes each. EC2 has 19,000.
constexpr std::size_t parts_count_max = 100'000;

struct TypeName {
  std::string_view name;
  Type type;
};
constexpr std::array type_names{
    TypeName{"structure", Type::structure},
    TypeName{"union", Type::union_of},
    TypeName{"list", Type::list},
    TypeName{"set", Type::list},
    TypeName{"map", Type::map},
    TypeName{"string", Type::string},
    TypeName{"enum", Type::enumeration},
    TypeName{"intEnum", Type::int_enumeration},
    TypeName{"boolean", Type::boolean},
    TypeName{"byte", Type::integer},
    TypeName{"short", Type::integer},
    TypeName{"integer", Type::integer},
    TypeName{"long", Type::integer},
    TypeName{"bigInteger", Type::integer},
    TypeName{"float", Type::floating},
    TypeName{"double", Type::floating},
    TypeName{"bigDecimal", Type::floating},
    TypeName{"timestamp", Type::timestamp},
    TypeName{"blob", Type::blob},
    TypeName{"document", Type::document},
    TypeName{"operation", Type::operation},
    TypeName{"resource", Type::resource},
    TypeName{"service", Type::service},
};

std::optional<TypeName> type_of(std::string_view name) {
  const auto* const found = std::ranges::find(type_names, name, &TypeName::name);
  if (found == type_names.end()) return std::nullopt;
  return *found;
}

struct PreludeShape {
  std::string_view id;
  std::string_view type;
};
constexpr std::array prelude{
    PreludeShape{"smithy.api#String", "string"},
    PreludeShape{"smithy.api#Boolean", "boolean"},
    PreludeShape{"smithy.api#PrimitiveBoolean", "boolean"},
    PreludeShape{"smithy.api#Byte", "byte"},
    PreludeShape{"smithy.api#PrimitiveByte", "byte"},
    PreludeShape{"smithy.api#Short", "short"},
    PreludeShape{"smithy.api#PrimitiveShort", "short"},
    PreludeShape{"smithy.api#Integer", "integer"},
    PreludeShape{"smithy.api#PrimitiveInteger", "integer"},
    PreludeShape{"smithy.api#Long", "long"},
    PreludeShape{"smithy.api#PrimitiveLong", "long"},
    PreludeShape{"smithy.api#Float", "float"},
    PreludeShape{"smithy.api#PrimitiveFloat", "float"},
    PreludeShape{"smithy.api#Double", "double"},
    PreludeShape{"smithy.api#PrimitiveDouble", "double"},
    PreludeShape{"smithy.api#BigInteger", "bigInteger"},
    PreludeShape{"smithy.api#BigDecimal", "bigDecimal"},
    PreludeShape{"smithy.api#Timestamp", "timestamp"},
    PreludeShape{"smithy.api#Blob", "blob"},
    PreludeShape{"smithy.api#Document", "document"},
    PreludeShape{"smithy.api#Unit", "structure"},
};

// Every value but the first stands after one of these; what stands in strings is counted too, which
// only makes the bound a little stricter.
bool too_many_values(std::string_view text) {
  const auto count =
      std::ranges::count_if(text, [](char c) { return c == ',' || c == '{' || c == '['; });
  return static_cast<std::size_t>(count) > values_count_max;
}

std::unexpected<Error> broken(std::string_view shape, std::string_view why) {
  return fail(Code::invalid, fmt::format("Smithy model: shape {}: {}", shape, why));
}

}  // namespace

std::string_view Shape::name() const {
  const auto hash = id.find('#');
  return hash == id.npos ? id : id.substr(hash + 1);
}

const Member* Shape::find(std::string_view member) const {
  const auto found = std::ranges::find(members, member, &Member::name);
  return found == members.end() ? nullptr : &*found;
}

Result<std::unique_ptr<const Model>> Model::parse(std::string_view text) {
  if (too_many_values(text)) {
    return fail(Code::invalid,
                fmt::format("Smithy model: more than {} values in one document", values_count_max));
  }
  auto document = json::parse(text);
  if (!document) {
    return fail(Code::invalid, "Smithy model: no JSON document: " + document.error().message);
  }
  auto model = std::make_unique<Model>();
  model->document_ = *std::move(document);
  TRY_DO(model->read_shapes());
  return std::unique_ptr<const Model>{std::move(model)};
}

const Shape* Model::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Result<void> Model::read_shapes() {
  const auto version = json::find_string(document_, "smithy");
  if (!version || !version->starts_with("2")) {
    return fail(Code::invalid,
                "Smithy model: member smithy: expected \"2.0\", the version of the JSON AST that "
                "is read");
  }
  auto* shapes = document_.get_object().if_contains("shapes");
  if (shapes == nullptr || !shapes->is_object()) {
    return fail(Code::invalid, "Smithy model: member shapes: expected an object of shapes by id");
  }
  TRY_DO(complete_shapes(shapes->get_object()));
  for (const auto& member : shapes->get_object()) {
    const auto* node = member.value().if_object();
    if (node == nullptr) return broken(member.key(), "expected an object");
    TRY_DO(read_shape(member.key(), *node));
  }
  add_prelude();
  for (auto& shape : shapes_) TRY_DO(resolve(shape));
  return {};
}

Result<void> Model::read_shape(std::string_view id, const JsonObject& node) {
  const Json* type = node.if_contains("type");
  if (type == nullptr || !type->is_string()) return broken(id, "member type: expected a string");
  const std::string_view word = type->get_string();
  const auto known = type_of(word);
  if (!known) return broken(id, fmt::format("type {} is not one of Smithy 2.0", word));
  TRY_DO(count_one());
  Shape& shape = shapes_.emplace_back();
  shape.id = id;
  shape.type = known->type;
  shape.simple = word;
  shape.node = &node;
  if (const Json* traits = node.if_contains("traits")) shape.traits = traits->if_object();
  read_traits(shape);
  // A string with the enum trait of Smithy 1.0 stays a string: its values stand in the trait.
  by_id_.insert_or_assign(std::string{id}, &shape);
  return {};
}

Result<void> Model::count_one() {
  if (++parts_ <= parts_count_max) return {};
  return fail(Code::invalid,
              fmt::format("Smithy model: more than {} shapes and members", parts_count_max));
}

void Model::add_prelude() {
  for (const auto& each : prelude) {
    if (by_id_.contains(each.id)) continue;
    const auto known = type_of(each.type);
    Shape& shape = shapes_.emplace_back();
    shape.id = each.id;
    shape.type = known->type;
    shape.simple = each.type;
    by_id_.emplace(each.id, &shape);
  }
}

// The members, once every shape is there.
Result<void> Model::resolve(Shape& shape) {
  if (shape.node == nullptr || shape.type >= Type::operation) return {};
  const auto add = [&](std::string_view name, const Json& node) -> Result<void> {
    const auto target = json::find_string(node, "target");
    if (!target) return broken(shape.id, fmt::format("member {}: expected a target", name));
    const Shape* found = find(*target);
    if (found == nullptr || found->type >= Type::operation) {
      return broken(shape.id, fmt::format("member {}: no shape {}", name, *target));
    }
    TRY_DO(count_one());
    Member& member = shape.members.emplace_back();
    member.name = name;
    member.target = found;
    if (const Json* traits = json::find(node, "traits")) member.traits = traits->if_object();
    read_traits(member);
    return {};
  };
  if (shape.type == Type::list || shape.type == Type::map) {
    for (const std::string_view name : {"member", "key", "value"}) {
      const bool wanted = (name == "member") == (shape.type == Type::list);
      if (!wanted) continue;
      const Json* node = shape.node->if_contains(name);
      if (node == nullptr) return broken(shape.id, fmt::format("expected a member {}", name));
      TRY_DO(add(name, *node));
    }
    if (shape.type == Type::map && shape.members[0].target->is_aggregate()) {
      return broken(shape.id, "a map's key: expected a string");
    }
    return {};
  }
  const Json* members = shape.node->if_contains("members");
  if (members == nullptr || !members->is_object()) return {};
  shape.members.reserve(members->get_object().size());
  for (const auto& each : members->get_object()) TRY_DO(add(each.key(), each.value()));
  return {};
}

}  // namespace toolgate::targets::smithy
