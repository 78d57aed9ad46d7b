#include "json/schema_resources.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "json/schema_uri.h"

namespace toolgate::json::graph {
namespace {

constexpr std::uint32_t nowhere = ~std::uint32_t{0};
constexpr std::size_t pointer_steps_max = 10'000'000;

// The keywords under which subschemas stand: the value itself or the items of an array …
constexpr std::array<std::string_view, 17> direct_keywords{
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "extends",
};
// … or the members of an object.
constexpr std::array<std::string_view, 6> map_keywords{
    "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties",
};

bool is_one_of(std::string_view keyword, auto& keywords) {
  return std::ranges::find(keywords, keyword) != keywords.end();
}

Dialect dialect_named(std::string_view meta_schema) {
  const auto names = [meta_schema](std::string_view part) {
    return meta_schema.find(part) != meta_schema.npos;
  };
  if (names("draft-03") || names("draft-04")) return Dialect::draft4;
  if (names("draft-06") || names("draft-07")) return Dialect::draft7;
  return Dialect::modern;
}

bool is_subschema(const Tape::Value& value) {
  return value.kind == Tape::Kind::object || value.kind == Tape::Kind::boolean;
}

}  // namespace

Resources::Resources(const Tape& tape)
    : tape_{tape}, resource_of_(tape.size(), nowhere), steps_left_{pointer_steps_max} {
  Dialect dialect = Dialect::modern;
  if (const auto schema = string_member(0, "$schema")) dialect = dialect_named(*schema);
  all_.push_back({.uri = {}, .root = 0, .dialect = dialect, .anchors = {}});
  by_uri_.emplace("", 0);
  visit({.index = 0, .resource = 0});
}

std::optional<std::string> Resources::string_member(Tape::Index object,
                                                    std::string_view name) const {
  const auto at = tape_.find(object, name);
  if (at == Tape::none || tape_[at].kind != Tape::Kind::string) return std::nullopt;
  return unescape(tape_[at].text());
}

void Resources::visit(Place start) {
  std::vector<Place> left{start};
  while (!left.empty()) {
    Place place = left.back();
    left.pop_back();
    if (resource_of_[place.index] != nowhere) continue;
    if (tape_[place.index].kind != Tape::Kind::object) {
      resource_of_[place.index] = place.resource;
      continue;
    }
    place.resource = enter(place);
    resource_of_[place.index] = place.resource;
    name_anchors(place);
    const Tape::Index end = tape_[place.index].next;
    for (Tape::Index key = place.index + 1; key != end; key = tape_[key + 1].next) {
      const std::string_view keyword = tape_[key].raw();
      const Tape::Index value = key + 1;
      const bool direct = is_one_of(keyword, direct_keywords);
      if (direct && is_subschema(tape_[value])) {
        left.push_back({.index = value, .resource = place.resource});
      } else if (direct && tape_[value].kind == Tape::Kind::array) {
        for (auto item = value + 1; item != tape_[value].next; item = tape_[item].next) {
          if (is_subschema(tape_[item])) left.push_back({item, place.resource});
        }
      } else if (tape_[value].kind == Tape::Kind::object && is_one_of(keyword, map_keywords)) {
        for (auto name = value + 1; name != tape_[value].next; name = tape_[name + 1].next) {
          if (is_subschema(tape_[name + 1])) left.push_back({name + 1, place.resource});
        }
      }
    }
  }
}

// The resource that the place begins, or else the one that it stands in.
std::uint32_t Resources::enter(Place place) {
  Dialect dialect = all_[place.resource].dialect;
  const auto id = string_member(place.index, dialect == Dialect::draft4 ? "id" : "$id");
  if (!id) return place.resource;
  if (dialect != Dialect::modern && tape_.find(place.index, "$ref") != Tape::none) {
    return place.resource;
  }
  if (id->starts_with('#')) {  // how draft 7 and before write $anchor
    if (dialect != Dialect::modern) {
      all_[place.resource].anchors.emplace(id->substr(1), place.index);
    }
    return place.resource;
  }
  std::string uri = resolve_uri(all_[place.resource].uri, *id);
  if (place.index == 0) {
    by_uri_.emplace(uri, 0);
    all_[0].uri = std::move(uri);
    return 0;
  }
  if (const auto schema = string_member(place.index, "$schema")) dialect = dialect_named(*schema);
  const auto number = static_cast<std::uint32_t>(all_.size());
  by_uri_.emplace(uri, number);
  all_.push_back({.uri = std::move(uri), .root = place.index, .dialect = dialect, .anchors = {}});
  return number;
}

void Resources::name_anchors(Place place) {
  auto& anchors = all_[place.resource].anchors;
  if (auto name = string_member(place.index, "$anchor")) {
    anchors.emplace(*std::move(name), place.index);
  }
  if (auto name = string_member(place.index, "$dynamicAnchor")) {
    anchors.emplace(*name, place.index);
    dynamic_.push_back({.name = *std::move(name), .place = place});
  }
  const auto recursive = tape_.find(place.index, "$recursiveAnchor");
  if (recursive != Tape::none && tape_[recursive].raw() == "true") {
    dynamic_.push_back({.name = {}, .place = place});
  }
}

bool Resources::has_dynamic_anchor(Place place, std::string_view name) const {
  return std::ranges::any_of(dynamic_, [&](const DynamicAnchor& anchor) {
    return anchor.place.index == place.index && anchor.name == name;
  });
}

std::optional<Place> Resources::find(std::string_view reference, std::uint32_t from) {
  const auto resource = by_uri_.find(resolve_uri(all_[from].uri, reference));
  if (resource == by_uri_.end()) return std::nullopt;
  const std::string fragment = fragment_of(reference);
  const std::uint32_t in = resource->second;
  if (fragment.empty() || fragment.starts_with('/')) return follow(fragment, in);
  const auto anchor = all_[in].anchors.find(fragment);
  if (anchor == all_[in].anchors.end()) return std::nullopt;
  return Place{.index = anchor->second, .resource = in};
}

// A JSON pointer (RFC 6901) from the root of a resource.
std::optional<Place> Resources::follow(std::string_view pointer, std::uint32_t resource) {
  Place at{.index = all_[resource].root, .resource = resource};
  const auto segments = split(pointer, '/');
  for (std::size_t i = 1; i < segments.size(); ++i) {
    std::string name;
    for (std::size_t c = 0; c < segments[i].size(); ++c) {
      const bool escape = segments[i][c] == '~' && c + 1 < segments[i].size();
      name += escape ? (segments[i][++c] == '1' ? '/' : '~') : segments[i][c];
    }
    const Tape::Value& value = tape_[at.index];
    if (steps_left_ < value.count) return std::nullopt;
    steps_left_ -= value.count;
    if (value.kind == Tape::Kind::array) {
      std::size_t number = 0;
      const char* const end = name.data() + name.size();
      if (std::from_chars(name.data(), end, number).ptr != end || number >= value.count) {
        return std::nullopt;
      }
      ++at.index;
      while (number-- > 0) at.index = tape_[at.index].next;
    } else {
      at.index = tape_.find(at.index, name);
      if (at.index == Tape::none) return std::nullopt;
    }
    if (resource_of_[at.index] != nowhere) at.resource = resource_of_[at.index];
  }
  if (!is_subschema(tape_[at.index])) return std::nullopt;
  // A place under a keyword that is not ours becomes a subschema by being referred to.
  visit(at);
  at.resource = resource_of_[at.index];
  return at;
}

}  // namespace toolgate::json::graph
