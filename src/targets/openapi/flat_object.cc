#include "targets/openapi/flat_object.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace toolgate::targets::openapi {
namespace {

constexpr int levels_max = 16;
constexpr int parts_count_max = 1'000;                // of all allOf together
constexpr std::size_t properties_count_max = 10'000;  // of all parts together

// Keywords that a list of properties cannot say.
constexpr std::array<std::string_view, 12> more_than_properties{"oneOf",
                                                                "not",
                                                                "if",
                                                                "enum",
                                                                "const",
                                                                "patternProperties",
                                                                "dependentSchemas",
                                                                "items",
                                                                "prefixItems",
                                                                "dependentRequired",
                                                                "propertyNames",
                                                                "unevaluatedProperties"};

bool admits_type(const Json& schema, std::string_view type) {
  const Json* types = json::find(schema, "type");
  if (types == nullptr) return true;
  if (types->is_string()) return types->get_string() == type;
  const auto* list = types->if_array();
  return list != nullptr && std::ranges::any_of(*list, [&](const Json& one) {
           return one.is_string() && one.get_string() == type;
         });
}

// anyOf: [{required: [a]}, {required: [b]}] asks for one of some properties: left to the API.
bool asks_only(const Json& choices) {
  const auto* list = choices.if_array();
  return list != nullptr && std::ranges::all_of(*list, [](const Json& choice) {
           return choice.is_object() && choice.get_object().size() == 1 &&
                  choice.get_object().contains("required");
         });
}

class Flattener {
 public:
  explicit Flattener(const References& references) : references_{references} {}

  bool add(const Json& schema, int level) {
    const auto place = references_.resolve({.value = &schema, .pointer = {}});
    if (!place || level == levels_max || ++parts_ > parts_count_max) return false;
    if (!place->value->is_object()) return false;
    const JsonObject& object = place->value->get_object();
    if (!admits_type(*place->value, "object")) return false;
    for (const auto word : more_than_properties) {
      if (object.contains(word)) return false;
    }
    if (const Json* choices = object.if_contains("anyOf")) {
      if (!asks_only(*choices)) return false;
    }
    if (const Json* others = object.if_contains("additionalProperties")) {
      const bool admits = others->is_object() || (others->is_bool() && others->get_bool());
      if (admits) flat.others = others;
    }
    if (!add_properties(object)) return false;
    const JsonArray* parts = json::find_array(*place->value, "allOf");
    if (parts == nullptr) return true;
    return std::ranges::all_of(*parts, [&](const Json& part) { return add(part, level + 1); });
  }

  FlatObject flat;
  bool any = false;  // a `properties` was there

 private:
  // False: there are too many.
  bool add_properties(const JsonObject& object) {
    if (const Json* properties = object.if_contains("properties");
        properties != nullptr && properties->is_object()) {
      any = true;
      seen_ += properties->get_object().size();
      if (seen_ > properties_count_max) return false;
      references_.spend(properties->get_object().size());
      for (const auto& member : properties->get_object()) {
        const auto [known, fresh] = by_name_.emplace(member.key(), flat.properties.size());
        if (fresh) {
          flat.properties.emplace_back(member.key(), &member.value());
        } else {
          flat.properties[known->second].second = &member.value();
        }
      }
    }
    if (const Json* required = object.if_contains("required");
        required != nullptr && required->is_array()) {
      for (const auto& name : required->get_array()) {
        if (name.is_string()) flat.required.emplace(name.get_string());
      }
    }
    return true;
  }

  const References& references_;
  TextMap<std::size_t> by_name_;
  int parts_ = 0;
  std::size_t seen_ = 0;
};

}  // namespace

std::optional<FlatObject> flatten(const Json& schema, const References& references, Side side) {
  Flattener flattener{references};
  if (!flattener.add(schema, 0) || !flattener.any) return std::nullopt;
  FlatObject flat = std::move(flattener.flat);
  std::erase_if(flat.properties, [&](const auto& property) {
    const bool out = is_left_out(*property.second, references, side);
    if (out) flat.required.erase(property.first);
    return out;
  });
  return flat;
}

bool is_object_schema(const Json& schema, const References& references) {
  const auto place = references.resolve({.value = &schema, .pointer = {}});
  if (!place || !place->value->is_object()) return false;
  const JsonObject& object = place->value->get_object();
  if (object.contains("type")) return admits_type(*place->value, "object");
  if (object.contains("properties")) return true;
  const JsonArray* parts = json::find_array(*place->value, "allOf");
  // A part that refers back to the whole would go round for ever: one level is what is looked at.
  return parts != nullptr && std::ranges::any_of(*parts, [&](const Json& part) {
           const auto inner = references.resolve({.value = &part, .pointer = {}});
           return inner && inner->value->is_object() &&
                  (inner->value->get_object().contains("properties") ||
                   (inner->value->get_object().contains("type") &&
                    admits_type(*inner->value, "object")));
         });
}

}  // namespace toolgate::targets::openapi
