// A compiled schema: a graph of nodes, one a subschema, that refer to each other by index. Made by
// schema_compile.cc, walked by schema_check.cc; immutable in between.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "json/decimal.h"
#include "json/schema.h"
#include "json/tape.h"

namespace re2 {
class RE2;
}

namespace toolgate::json::graph {

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex none = ~NodeIndex{0};
inline constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

// The types of JSON Schema, as a set. A number is either an integer or not.
namespace type {
inline constexpr std::uint8_t null = 1, boolean = 2, integer = 4, fraction = 8, string = 16,
                              array = 32, object = 64;
inline constexpr std::uint8_t number = integer | fraction, any = 127;
}  // namespace type

struct Limit {
  enum class Kind : std::uint8_t { at_least, at_most, above, below, multiple };
  Kind kind;
  Decimal value;
  std::string text;
  std::optional<std::int64_t> small;  // the value, when it is a plain integer: compared quickly
};

struct Pattern {
  std::shared_ptr<const re2::RE2> compiled;
  std::string text;
};

struct Numbers {
  std::vector<Limit> limits;
};

struct Strings {
  std::size_t length_min = 0, length_max = unbounded;  // characters
  std::optional<Pattern> pattern;
};

struct Arrays {
  std::size_t count_min = 0, count_max = unbounded;
  bool unique = false;
  std::vector<NodeIndex> prefix;
  NodeIndex rest = none;
  NodeIndex contains = none;
  std::size_t contains_min = 1, contains_max = unbounded;
};

struct Property {
  std::string name;
  NodeIndex node = none;  // none: known only because it is required
};

// A name whose presence asks for more.
struct Dependency {
  std::string name;
  std::vector<std::string> required;
  NodeIndex node = none;
};

struct Objects {
  std::size_t count_min = 0, count_max = unbounded;
  std::vector<Property> properties;  // the required ones first, in their order
  std::size_t required_count = 0;
  TextMap<std::uint32_t> by_name;  // only where there are too many for a linear search
  std::vector<std::pair<Pattern, NodeIndex>> patterns;
  bool patterns_unknown = false;  // one could not be compiled: nobody knows what is additional
  NodeIndex additional = none;
  NodeIndex names = none;
  std::vector<Dependency> dependencies;
};

// Where the members that no other keyword has looked at are checked.
struct Unevaluated {
  NodeIndex properties = none, items = none;
};

struct Reference {
  NodeIndex node = none;
  // The anchor of this name in the outermost resource that has one is meant instead.
  std::optional<std::string> dynamic_name;
};

struct Logic {
  std::vector<Reference> references;
  std::vector<NodeIndex> all_of, any_of, one_of;
  NodeIndex negated = none;
  NodeIndex condition = none, then = none, otherwise = none;
};

// Values as indices of the schema's own tape.
struct Values {
  std::vector<Tape::Index> one_of;
  bool constant = false;
  // The same, when all are strings and many.
  std::unordered_set<std::string, TextHash, std::equal_to<>> strings;
};

struct Node {
  bool never = false;  // the schema false
  bool plain = true;   // nothing but a type
  std::uint8_t types = type::any;
  std::uint32_t resource = 0;
  std::vector<Values> values;  // enum and const
  std::unique_ptr<Numbers> numbers;
  std::unique_ptr<Strings> strings;
  std::unique_ptr<Arrays> arrays;
  std::unique_ptr<Objects> objects;
  std::unique_ptr<Logic> logic;
  std::unique_ptr<Unevaluated> unevaluated;
};

// A schema document or an embedded one with an $id of its own.
struct Resource {
  TextMap<NodeIndex> dynamic_anchors;
};

struct Graph {
  std::unique_ptr<const std::string> text;  // what the tape's slices point into
  Tape tape;
  std::vector<Node> nodes;  // the root is 0
  std::vector<Resource> resources;
  bool dynamic = false;  // a reference depends on the way that leads to it
  std::vector<std::string> unenforced;
  Schema::Bounds bounds;
};

[[nodiscard]] Result<Graph> compile(std::string_view text, const Schema::Bounds& bounds);

// Checks one instance; see Schema::check.
[[nodiscard]] std::vector<SchemaError> check(const Graph& graph, std::string_view instance);

}  // namespace toolgate::json::graph

namespace toolgate::json {

struct Schema::Impl {
  graph::Graph graph;
};

}  // namespace toolgate::json
