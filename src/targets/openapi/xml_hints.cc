#include "targets/openapi/xml_hints.h"

namespace toolgate::targets::openapi {
namespace {

constexpr int levels_max = 12;
constexpr int schemas_count_max = 2'000;

class Hints {
 public:
  explicit Hints(const References& references) : references_{references} {}

  // `named`: the root, which is called as its schema is.
  JsonObject of(const Json& schema, int level, bool named) {
    JsonObject hints;
    if (level == levels_max || ++schemas_ > schemas_count_max) return hints;
    const auto place = references_.resolve({.value = &schema, .pointer = {}});
    if (!place) return hints;
    if (named && !place->pointer.empty()) hints["name"] = last_step(place->pointer);
    if (const Json* xml = json::find(*place->value, "xml"); xml != nullptr && xml->is_object()) {
      for (const std::string_view word : {"name", "prefix", "namespace", "attribute", "wrapped"}) {
        if (const Json* value = json::find(*xml, word)) hints[word] = *value;
      }
    }
    if (const Json* items = json::find(*place->value, "items")) {
      auto own = of(*items, level + 1, false);
      if (!own.empty()) hints["items"] = std::move(own);
    }
    JsonObject members;
    add_members(*place->value, level, members);
    if (!members.empty()) hints["members"] = std::move(members);
    return hints;
  }

 private:
  void add_members(const Json& schema, int level, JsonObject& members) {
    if (level == levels_max || schemas_ > schemas_count_max) return;
    const Json* properties = json::find(schema, "properties");
    if (properties != nullptr && properties->is_object()) {
      for (const auto& member : properties->get_object()) {
        if (schemas_ > schemas_count_max) return;
        auto own = of(member.value(), level + 1, false);
        if (!own.empty()) members[member.key()] = std::move(own);
      }
    }
    const JsonArray* parts = json::find_array(schema, "allOf");
    if (parts == nullptr) return;
    for (const auto& part : *parts) {
      if (++schemas_ > schemas_count_max) return;
      const auto place = references_.resolve({.value = &part, .pointer = {}});
      if (place) add_members(*place->value, level + 1, members);
    }
  }

  const References& references_;
  int schemas_ = 0;
};

}  // namespace

Json xml_hints(const Json& schema, const References& references) {
  return Hints{references}.of(schema, 0, true);
}

}  // namespace toolgate::targets::openapi
