// Checks of objects and arrays: members, items, and what no keyword has evaluated.
#include <algorithm>

#include <fmt/format.h>

#include "json/schema_check.h"
#include "json/schema_pattern.h"

namespace toolgate::json::graph {
namespace {

// Up to here, comparing each with each is faster than hashing all.
constexpr std::size_t pairwise_count_max = 8;
constexpr std::size_t required_bits = 64;

const Property* find(const Objects& objects, std::string_view name) {
  if (!objects.by_name.empty()) {
    const auto at = objects.by_name.find(name);
    return at == objects.by_name.end() ? nullptr : &objects.properties[at->second];
  }
  for (const Property& property : objects.properties) {
    if (property.name == name) return &property;
  }
  return nullptr;
}

}  // namespace

bool Check::objects(const Objects& objects, Index at, Marks* marks) {
  bool fits = true;
  const Tape::Value& value = tape_[at];
  if (value.count < objects.count_min &&
      !go_on(fits, wrong(
                       at,
                       [&] {
                         return fmt::format("must have at least {} properties", objects.count_min);
                       }))) {
    return false;
  }
  if (value.count > objects.count_max &&
      !go_on(fits, wrong(at, [&] {
               return fmt::format("must have at most {} properties", objects.count_max);
             }))) {
    return false;
  }
  std::uint64_t required_seen = 0;
  std::size_t ordinal = 0;
  for (Index key = at + 1; key != value.next; key = tape_[key + 1].next, ++ordinal) {
    bool known = false;
    if (!go_on(fits, member(objects, key, required_seen, known))) return false;
    if (known && marks != nullptr) marks->add(ordinal);
  }
  if (!go_on(fits, required(objects, at, required_seen))) return false;
  if (!objects.dependencies.empty()) go_on(fits, dependencies(objects, at, marks));
  return fits;
}

// `known`: some keyword has looked at the member.
bool Check::member(const Objects& objects, Index key, std::uint64_t& required_seen, bool& known) {
  bool fits = true;
  std::string plain;
  std::string_view name = tape_[key].raw();
  if (tape_[key].escaped) {
    plain = *unescape(tape_[key].text(), Surrogates::replace);
    name = plain;
  }
  if (const Property* const property = find(objects, name)) {
    const auto number = static_cast<std::size_t>(property - objects.properties.data());
    if (number < required_bits) required_seen |= std::uint64_t{1} << number;
    if (property->node != none) {
      known = true;
      if (!go_on(fits, node(property->node, key + 1, nullptr))) return false;
    }
  }
  for (const auto& [pattern, index] : objects.patterns) {
    if (!spend(1)) return false;
    if (!matches(*pattern.compiled, name)) continue;
    known = true;
    if (!go_on(fits, node(index, key + 1, nullptr))) return false;
  }
  if (!known && objects.additional != none && !objects.patterns_unknown) {
    known = true;
    if (!graph_.nodes[objects.additional].never) {
      if (!go_on(fits, node(objects.additional, key + 1, nullptr))) return false;
    } else {
      fits = false;
      if (!collecting()) return false;
      // The object's own path: the member is not one of it.
      const std::string pointer = tape_.pointer_to(key);
      note({.kind = SchemaError::Kind::additional,
            .path = pointer.substr(0, pointer.rfind('/')),
            .expected = std::string{name},
            .message = fmt::format("the property '{}' is not defined in the schema", name)});
    }
  }
  if (objects.names != none) go_on(fits, node(objects.names, key, nullptr));
  return fits;
}

bool Check::required(const Objects& objects, Index at, std::uint64_t seen) {
  const std::size_t count = objects.required_count;
  const std::uint64_t all =
      count >= required_bits ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  if ((seen & all) == all && count <= required_bits) return true;
  bool fits = true;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& name = objects.properties[i].name;
    if (i < required_bits) {
      if ((seen >> i & 1) != 0) continue;
    } else if (!spend(tape_[at].count) || tape_.find(at, name) != Tape::none) {
      continue;
    }
    fits = false;
    if (!collecting()) return false;
    note({.kind = SchemaError::Kind::missing,
          .path = tape_.pointer_to(at),
          .expected = name,
          .message = fmt::format("the property '{}' is required", name)});
  }
  return fits && stopped_ == nullptr;
}

bool Check::dependencies(const Objects& objects, Index at, Marks* marks) {
  bool fits = true;
  for (const Dependency& dependency : objects.dependencies) {
    if (!spend(tape_[at].count)) return false;
    if (tape_.find(at, dependency.name) == Tape::none) continue;
    for (const std::string& name : dependency.required) {
      if (!spend(tape_[at].count)) return false;
      if (tape_.find(at, name) != Tape::none) continue;
      fits = false;
      if (!collecting()) return false;
      note({.kind = SchemaError::Kind::missing,
            .path = tape_.pointer_to(at),
            .expected = name,
            .message =
                fmt::format("the property '{}' is required beside '{}'", name, dependency.name)});
    }
    if (dependency.node != none && !go_on(fits, node(dependency.node, at, marks))) return false;
  }
  return fits;
}

bool Check::arrays(const Arrays& arrays, Index at, Marks* marks) {
  bool fits = true;
  const Tape::Value& value = tape_[at];
  if (value.count < arrays.count_min &&
      !go_on(
          fits,
          wrong(
              at, [&] { return fmt::format("must have at least {} items", arrays.count_min); }))) {
    return false;
  }
  if (value.count > arrays.count_max && !go_on(fits, wrong(at, [&] {
                                                 return fmt::format("must have at most {} items",
                                                                    arrays.count_max);
                                               }))) {
    return false;
  }
  if (!arrays.prefix.empty() || arrays.rest != none) {
    std::size_t ordinal = 0;
    for (Index item = at + 1; item != value.next; item = tape_[item].next, ++ordinal) {
      const NodeIndex index = ordinal < arrays.prefix.size() ? arrays.prefix[ordinal] : arrays.rest;
      if (index == none) break;
      if (!go_on(fits, node(index, item, nullptr))) return false;
      if (marks != nullptr) marks->add(ordinal);
    }
  }
  if (arrays.contains != none && !go_on(fits, contains(arrays, at, marks))) return false;
  if (arrays.unique && value.count > 1) go_on(fits, unique(at));
  return fits;
}

bool Check::contains(const Arrays& arrays, Index at, Marks* marks) {
  std::size_t fitting = 0;
  std::size_t ordinal = 0;
  for (Index item = at + 1; item != tape_[at].next; item = tape_[item].next, ++ordinal) {
    if (!quietly(arrays.contains, item, nullptr)) continue;
    ++fitting;
    if (marks != nullptr) marks->add(ordinal);
  }
  if (fitting < arrays.contains_min) {
    return wrong(at, [&] {
      return fmt::format("must have at least {} items that fit 'contains', but has {}",
                         arrays.contains_min, fitting);
    });
  }
  if (fitting > arrays.contains_max) {
    return wrong(at, [&] {
      return fmt::format("must have at most {} items that fit 'contains', but has {}",
                         arrays.contains_max, fitting);
    });
  }
  return true;
}

bool Check::unique(Index at) {
  const auto refuse = [&](Index item) {
    return wrong(at, [&] {
      return fmt::format("must have no two equal items, but {} stands there twice",
                         tape_.pointer_to(item));
    });
  };
  const Index end = tape_[at].next;
  if (!spend(end - at)) return false;
  if (tape_[at].count <= pairwise_count_max) {
    for (Index one = at + 1; one != end; one = tape_[one].next) {
      for (Index other = tape_[one].next; other != end; other = tape_[other].next) {
        if (equal(tape_, one, tape_, other)) return refuse(other);
      }
    }
    return true;
  }
  std::vector<std::pair<std::uint64_t, Index>> hashes;
  hashes.reserve(tape_[at].count);
  for (Index item = at + 1; item != end; item = tape_[item].next) {
    hashes.emplace_back(hash(tape_, item), item);
  }
  std::ranges::sort(hashes);
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    // Different values of one hash are rare: those few are compared each with each.
    for (std::size_t j = i; j-- > 0 && hashes[j].first == hashes[i].first;) {
      if (!spend(1)) return false;
      if (equal(tape_, hashes[j].second, tape_, hashes[i].second)) return refuse(hashes[i].second);
    }
  }
  return true;
}

bool Check::unevaluated(const Unevaluated& unevaluated, Index at, Marks& marks) {
  const Tape::Value& value = tape_[at];
  const bool object = value.kind == Kind::object;
  const NodeIndex index = object ? unevaluated.properties : unevaluated.items;
  if (index == none || (!object && value.kind != Kind::array)) return true;
  bool fits = true;
  std::size_t ordinal = 0;
  for (Index child = at + 1; child != value.next; ++ordinal) {
    const Index item = object ? child + 1 : child;
    if (!marks.has(ordinal)) {
      if (!go_on(fits, node(index, item, nullptr))) return false;
      marks.add(ordinal);
    }
    child = tape_[item].next;
  }
  return fits;
}

}  // namespace toolgate::json::graph
