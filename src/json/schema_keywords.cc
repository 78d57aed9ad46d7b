// Each keyword of JSON Schema, compiled: one function a keyword, one table of them.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "json/schema_compiler.h"
#include "json/schema_uri.h"

namespace toolgate::json::graph {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> type_names{{
    {"string", type::string},
    {"integer", type::integer},
    {"number", type::number},
    {"boolean", type::boolean},
    {"array", type::array},
    {"object", type::object},
    {"null", type::null},
}};

}  // namespace

const Compiler::Keyword* Compiler::keyword_named(std::string_view name) {
  static constexpr std::array<Keyword, 43> keywords{{
      {"type", &Compiler::types},
      {"const", &Compiler::constant},
      {"enum", &Compiler::enumeration},
      {"minimum", &Compiler::minimum},
      {"maximum", &Compiler::maximum},
      {"exclusiveMinimum", &Compiler::exclusive_minimum},
      {"exclusiveMaximum", &Compiler::exclusive_maximum},
      {"multipleOf", &Compiler::multiple_of},
      {"minLength", &Compiler::min_length},
      {"maxLength", &Compiler::max_length},
      {"pattern", &Compiler::pattern_of},
      {"format", &Compiler::format},
      {"minItems", &Compiler::min_items},
      {"maxItems", &Compiler::max_items},
      {"minContains", &Compiler::min_contains},
      {"maxContains", &Compiler::max_contains},
      {"uniqueItems", &Compiler::unique_items},
      {"prefixItems", &Compiler::prefix_items},
      {"items", &Compiler::items},
      {"additionalItems", &Compiler::additional_items},
      {"contains", &Compiler::contains},
      {"unevaluatedItems", &Compiler::unevaluated_items},
      {"minProperties", &Compiler::min_properties},
      {"maxProperties", &Compiler::max_properties},
      {"required", &Compiler::required},
      {"properties", &Compiler::properties},
      {"patternProperties", &Compiler::pattern_properties},
      {"additionalProperties", &Compiler::additional_properties},
      {"propertyNames", &Compiler::property_names},
      {"dependencies", &Compiler::dependencies},
      {"dependentRequired", &Compiler::dependencies},
      {"dependentSchemas", &Compiler::dependencies},
      {"unevaluatedProperties", &Compiler::unevaluated_properties},
      {"allOf", &Compiler::all_of},
      {"anyOf", &Compiler::any_of},
      {"oneOf", &Compiler::one_of},
      {"not", &Compiler::negation},
      {"if", &Compiler::condition},
      {"then", &Compiler::then},
      {"else", &Compiler::otherwise},
      {"$ref", &Compiler::reference},
      {"$dynamicRef", &Compiler::reference},
      {"$recursiveRef", &Compiler::reference},
  }};
  const auto* const row = std::ranges::find(keywords, name, &Keyword::name);
  return row == keywords.end() ? nullptr : row;
}

void Compiler::types(Index value) {
  std::uint8_t all = 0;
  const auto add = [&](Index name) {
    const auto* const row = std::ranges::find_if(type_names, [&](const auto& known) {
      return tape_[name].kind == Kind::string && equals(tape_[name].text(), known.first);
    });
    if (row == type_names.end()) leave_out(fmt::format("'{}' is no type", tape_[name].raw()));
    all |= row == type_names.end() ? type::any : row->second;
  };
  if (tape_[value].kind == Kind::array) {
    for (Index item = value + 1; item != tape_[value].next; item = tape_[item].next) add(item);
  } else {
    add(value);
  }
  now_.types = all;
}

void Compiler::constant(Index value) {
  now_.values.push_back({.one_of = {value}, .constant = true, .strings = {}});
}

void Compiler::enumeration(Index value) {
  if (tape_[value].kind != Kind::array) return leave_out("expected an array");
  Values values;
  for (Index item = value + 1; item != tape_[value].next; item = tape_[item].next) {
    values.one_of.push_back(item);
    auto text = tape_[item].kind == Kind::string ? unescape(tape_[item].text()) : std::nullopt;
    if (text) values.strings.insert(*std::move(text));
  }
  const bool all_strings = values.strings.size() == values.one_of.size();
  if (!all_strings || values.strings.size() <= linear_count_max) values.strings.clear();
  now_.values.push_back(std::move(values));
}

// Draft 4 writes true for the exclusive kinds, beside the limit.
void Compiler::minimum(Index value) {
  limit(is_true("exclusiveMinimum") ? Limit::Kind::above : Limit::Kind::at_least, value);
}
void Compiler::maximum(Index value) {
  limit(is_true("exclusiveMaximum") ? Limit::Kind::below : Limit::Kind::at_most, value);
}
void Compiler::exclusive_minimum(Index value) {
  if (tape_[value].kind != Kind::boolean) limit(Limit::Kind::above, value);
}
void Compiler::exclusive_maximum(Index value) {
  if (tape_[value].kind != Kind::boolean) limit(Limit::Kind::below, value);
}
void Compiler::multiple_of(Index value) { limit(Limit::Kind::multiple, value); }

void Compiler::min_length(Index value) { set_count(made(now_.strings).length_min, value); }
void Compiler::max_length(Index value) { set_count(made(now_.strings).length_max, value); }
void Compiler::pattern_of(Index value) {
  if (tape_[value].kind != Kind::string) return leave_out("expected a string");
  if (auto one = pattern(value)) made(now_.strings).pattern = *std::move(one);
}
void Compiler::format(Index value) {
  leave_out(fmt::format("format {}", tape_[value].raw()), "formats are not checked");
}

void Compiler::min_items(Index value) { set_count(made(now_.arrays).count_min, value); }
void Compiler::max_items(Index value) { set_count(made(now_.arrays).count_max, value); }
void Compiler::min_contains(Index value) { set_count(made(now_.arrays).contains_min, value); }
void Compiler::max_contains(Index value) { set_count(made(now_.arrays).contains_max, value); }
void Compiler::unique_items(Index value) {
  made(now_.arrays).unique = tape_[value].kind == Kind::boolean && tape_[value].raw() == "true";
}
void Compiler::prefix_items(Index value) { made(now_.arrays).prefix = subschemas(value); }
// The drafts before 2020-12 write prefixItems as an array of items, and items as additionalItems.
void Compiler::items(Index value) {
  if (tape_[value].kind == Kind::array) return prefix_items(value);
  made(now_.arrays).rest = subschema(value);
}
void Compiler::additional_items(Index value) {
  const Index beside = member("items");
  if (beside == Tape::none || tape_[beside].kind != Kind::array) return;
  made(now_.arrays).rest = subschema(value);
}
void Compiler::contains(Index value) { made(now_.arrays).contains = subschema(value); }
void Compiler::unevaluated_items(Index value) { made(now_.unevaluated).items = subschema(value); }

void Compiler::min_properties(Index value) { set_count(made(now_.objects).count_min, value); }
void Compiler::max_properties(Index value) { set_count(made(now_.objects).count_max, value); }
// Draft 3 and many careless schemas write a boolean at the property.
void Compiler::required(Index value) { required_ = names(value); }

void Compiler::properties(Index value) {
  Objects& objects = made(now_.objects);
  each_member(value, [&](std::string name, Index property) {
    const NodeIndex node = subschema(property);
    // What is no schema forbids nothing, but its name is known.
    objects.properties.push_back(
        {.name = std::move(name), .node = node == none ? anything() : node});
  });
}

void Compiler::pattern_properties(Index value) {
  Objects& objects = made(now_.objects);
  each_member(value, [&](const std::string&, Index property) {
    const NodeIndex node = subschema(property);
    auto name_pattern = pattern(property - 1);
    if (!name_pattern) objects.patterns_unknown = true;
    if (name_pattern && node != none) objects.patterns.emplace_back(*std::move(name_pattern), node);
  });
}

void Compiler::additional_properties(Index value) {
  made(now_.objects).additional = subschema(value);
}
void Compiler::property_names(Index value) { made(now_.objects).names = subschema(value); }

void Compiler::dependencies(Index value) {
  Objects& objects = made(now_.objects);
  each_member(value, [&](std::string name, Index dependent) {
    Dependency dependency{.name = std::move(name), .required = {}, .node = none};
    if (tape_[dependent].kind == Kind::array) {
      dependency.required = names(dependent);
    } else {
      dependency.node = subschema(dependent);
    }
    objects.dependencies.push_back(std::move(dependency));
  });
}

void Compiler::unevaluated_properties(Index value) {
  made(now_.unevaluated).properties = subschema(value);
}

void Compiler::all_of(Index value) { made(now_.logic).all_of = subschemas(value); }
void Compiler::any_of(Index value) { made(now_.logic).any_of = subschemas(value); }
void Compiler::one_of(Index value) { made(now_.logic).one_of = subschemas(value); }
void Compiler::negation(Index value) { made(now_.logic).negated = subschema(value); }
void Compiler::condition(Index value) { made(now_.logic).condition = subschema(value); }
void Compiler::then(Index value) { made(now_.logic).then = subschema(value); }
void Compiler::otherwise(Index value) { made(now_.logic).otherwise = subschema(value); }

void Compiler::reference(Index value) {
  const bool string = tape_[value].kind == Kind::string;
  const auto text = string ? unescape(tape_[value].text()) : std::nullopt;
  const auto place = text ? resources_.find(*text, now_.resource) : std::nullopt;
  if (!place) {
    return leave_out(fmt::format("{} {}", keyword_, tape_[value].raw()),
                     "there is no such place in the schema");
  }
  Reference reference{.node = node_of(place->index), .dynamic_name = {}};
  if (keyword_ != "$ref") {
    std::string name = fragment_of(*text);
    if (resources_.has_dynamic_anchor(*place, name)) {
      reference.dynamic_name = std::move(name);
      graph_.dynamic = true;
    }
  }
  made(now_.logic).references.push_back(std::move(reference));
}

}  // namespace toolgate::json::graph
