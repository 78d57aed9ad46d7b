#include "json/schema_check.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/limits.h"
#include "json/schema_pattern.h"

namespace toolgate::json::graph {
namespace {

// A tape larger than this (1.5 MB) is not kept for the thread's next check.
constexpr std::size_t kept_values_max = 65'536;
constexpr std::size_t listed_values_max = 20;
constexpr std::size_t listed_bytes_max = 500;

constexpr std::uint8_t type_of(Tape::Kind kind) {
  switch (kind) {
    case Tape::Kind::null:
      return type::null;
    case Tape::Kind::boolean:
      return type::boolean;
    case Tape::Kind::integer:
      return type::integer;
    case Tape::Kind::number:
      return type::fraction;
    case Tape::Kind::string:
      return type::string;
    case Tape::Kind::array:
      return type::array;
    case Tape::Kind::object:
      return type::object;
  }
  return 0;
}

std::string names_of(std::uint8_t types) {
  std::vector<std::string> names;
  const auto add = [&](std::uint8_t one, const char* name) {
    if ((types & one) == one) names.emplace_back(name);
  };
  add(type::string, "string");
  if ((types & type::fraction) == 0) add(type::integer, "integer");
  add(type::number, "number");
  add(type::boolean, "boolean");
  add(type::array, "array");
  add(type::object, "object");
  add(type::null, "null");
  return names.size() == 1 ? names[0] : fmt::format("[{}]", join(names, ", "));
}

std::size_t characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (c & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

// An integer of few digits, whose value costs nothing to find.
std::optional<std::int64_t> small_integer(const Tape::Value& value) {
  if (value.kind != Tape::Kind::integer || value.size > 18) return std::nullopt;
  std::int64_t number = 0;
  std::from_chars(value.begin, value.begin + value.size, number);
  return number;
}

bool holds(const Limit& limit, int order) {
  switch (limit.kind) {
    case Limit::Kind::at_least:
      return order >= 0;
    case Limit::Kind::at_most:
      return order <= 0;
    case Limit::Kind::above:
      return order > 0;
    case Limit::Kind::below:
      return order < 0;
    case Limit::Kind::multiple:
      break;
  }
  return true;
}

bool holds(const Limit& limit, const Tape::Value& value) {
  const auto small = limit.small ? small_integer(value) : std::nullopt;
  if (limit.kind == Limit::Kind::multiple) {
    return small ? *small % *limit.small == 0 : Decimal{value.raw()}.is_multiple_of(limit.value);
  }
  if (small) return holds(limit, *small < *limit.small ? -1 : *small > *limit.small ? 1 : 0);
  return holds(limit, compare(Decimal{value.raw()}, limit.value));
}

std::string_view name_of(Limit::Kind kind) {
  switch (kind) {
    case Limit::Kind::at_least:
      return "at least";
    case Limit::Kind::at_most:
      return "at most";
    case Limit::Kind::above:
      return "greater than";
    case Limit::Kind::below:
      return "less than";
    case Limit::Kind::multiple:
      return "a multiple of";
  }
  return {};
}

}  // namespace

std::vector<SchemaError> Check::take_errors() {
  if (stopped_ != nullptr) {
    errors_.clear();
    note({.path = {}, .message = stopped_});
  }
  return std::move(errors_);
}

bool Check::node(NodeIndex index, Index at, Marks* marks) {
  const Node& node = graph_.nodes[index];
  if (!spend(1)) return false;
  if (node.never) return wrong(at, [] { return "is not allowed"; });
  if (!type(node, at)) return false;
  if (node.plain) return true;
  if (depth_ == depth_max) return stop("the arguments' schema is nested too deeply");
  const Scope here{.outer = scope_, .resource = node.resource};
  if (graph_.dynamic && (scope_ == nullptr || scope_->resource != node.resource)) scope_ = &here;
  ++depth_;
  bool fits = false;
  if (node.unevaluated == nullptr) {
    fits = inside(node, at, marks);
  } else {
    Marks own;
    fits = inside(node, at, &own) && unevaluated(*node.unevaluated, at, own);
    if (fits && marks != nullptr) marks->add(own);
  }
  --depth_;
  scope_ = here.outer;
  return fits;
}

bool Check::inside(const Node& node, Index at, Marks* marks) {
  bool fits = true;
  const Kind kind = tape_[at].kind;
  if (!node.values.empty() && !go_on(fits, values(node, at))) return false;
  if (kind == Kind::object) {
    if (node.objects && !go_on(fits, objects(*node.objects, at, marks))) return false;
  } else if (kind == Kind::string) {
    if (node.strings && !go_on(fits, strings(*node.strings, at))) return false;
  } else if (kind == Kind::array) {
    if (node.arrays && !go_on(fits, arrays(*node.arrays, at, marks))) return false;
  } else if (kind == Kind::integer || kind == Kind::number) {
    if (node.numbers && !go_on(fits, numbers(*node.numbers, at))) return false;
  }
  if (node.logic) go_on(fits, logic(*node.logic, at, marks));
  return fits;
}

bool Check::type(const Node& node, Index at) {
  const Kind kind = tape_[at].kind;
  if ((node.types & type_of(kind)) != 0) return true;
  if (kind == Kind::number && (node.types & type::integer) != 0 &&
      Decimal{tape_[at].raw()}.is_integer()) {
    return true;
  }
  if (collecting()) {
    const std::uint8_t found = kind == Kind::number ? type::number : type_of(kind);
    SchemaError error{.kind = SchemaError::Kind::type,
                      .path = tape_.pointer_to(at),
                      .found = names_of(found),
                      .expected = names_of(node.types)};
    error.message = fmt::format("{} found, {} expected", error.found, error.expected);
    note(std::move(error));
  }
  return false;
}

bool Check::values(const Node& node, Index at) {
  const auto is_one_of = [&](const Values& values) {
    if (!values.strings.empty()) {
      if (tape_[at].kind != Kind::string) return false;
      const Text text = tape_[at].text();
      if (!text.escaped) return values.strings.contains(text.raw);
      const auto plain = unescape(text);
      return plain && values.strings.contains(*plain);
    }
    // Comparing looks at most at every value of the instance, once for each of the list.
    const std::size_t size = tape_[at].next - at;
    const std::size_t count = tape_[at].count;
    return std::ranges::any_of(values.one_of, [&](Index value) {
      return graph_.tape[value].count == count && spend(size) &&
             equal(graph_.tape, value, tape_, at);
    });
  };
  for (const Values& values : node.values) {
    if (is_one_of(values)) continue;
    return wrong(at, [&] {
      std::string list;
      for (std::size_t i = 0; i < values.one_of.size(); ++i) {
        if (i == listed_values_max || list.size() > listed_bytes_max) {
          list += ", …";
          break;
        }
        const auto& value = graph_.tape[values.one_of[i]];
        if (i != 0) list += ", ";
        const bool quoted = value.kind == Kind::string;
        list += fmt::format("{0}{1}{0}", quoted ? "\"" : "", value.raw());
      }
      return values.constant ? "must be " + list : "must be one of: " + list;
    });
  }
  return true;
}

bool Check::numbers(const Numbers& numbers, Index at) {
  bool fits = true;
  for (const Limit& limit : numbers.limits) {
    if (holds(limit, tape_[at])) continue;
    fits = wrong(at, [&] { return fmt::format("must be {} {}", name_of(limit.kind), limit.text); });
    if (!collecting()) break;
  }
  return fits;
}

bool Check::strings(const Strings& strings, Index at) {
  bool fits = true;
  std::string plain;
  std::string_view text = tape_[at].raw();
  if (tape_[at].escaped) {
    plain = *unescape(tape_[at].text(), Surrogates::replace);
    text = plain;
  }
  if (strings.length_min != 0 || strings.length_max != unbounded) {
    const std::size_t length = characters(text);
    if (length < strings.length_min && !go_on(fits, wrong(
                                                        at,
                                                        [&] {
                                                          return fmt::format(
                                                              "must have at least {} characters",
                                                              strings.length_min);
                                                        }))) {
      return false;
    }
    if (length > strings.length_max &&
        !go_on(fits, wrong(at, [&] {
                 return fmt::format("must have at most {} characters", strings.length_max);
               }))) {
      return false;
    }
  }
  if (strings.pattern && !matches(*strings.pattern->compiled, text)) {
    fits =
        wrong(at, [&] { return fmt::format("must match the pattern {}", strings.pattern->text); });
  }
  return fits;
}

bool Check::logic(const Logic& logic, Index at, Marks* marks) {
  bool fits = true;
  for (const Reference& one : logic.references) {
    if (!go_on(fits, reference(one, at, marks))) return false;
  }
  for (const NodeIndex one : logic.all_of) {
    if (!go_on(fits, node(one, at, marks))) return false;
  }
  if (!logic.any_of.empty() && !go_on(fits, any_of(logic.any_of, at, marks))) return false;
  if (!logic.one_of.empty() && !go_on(fits, one_of(logic.one_of, at, marks))) return false;
  if (logic.negated != none && quietly(logic.negated, at, nullptr) &&
      !go_on(fits, wrong(at, [] { return "must not fit the schema under 'not'"; }))) {
    return false;
  }
  if (logic.condition != none) {
    const NodeIndex chosen = quietly(logic.condition, at, marks) ? logic.then : logic.otherwise;
    if (chosen != none) go_on(fits, node(chosen, at, marks));
  }
  return fits;
}

bool Check::reference(const Reference& reference, Index at, Marks* marks) {
  NodeIndex target = reference.node;
  if (reference.dynamic_name) {
    for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer) {
      const auto& anchors = graph_.resources[scope->resource].dynamic_anchors;
      const auto anchor = anchors.find(*reference.dynamic_name);
      if (anchor != anchors.end()) target = anchor->second;  // the outermost one wins
    }
  }
  if (references_ == graph_.bounds.references_followed_max) {
    return stop("the references of the arguments' schema do not end");
  }
  ++references_;
  const bool fits = node(target, at, marks);
  --references_;
  return fits;
}

// A branch that does not fit leaves no marks.
bool Check::branch(NodeIndex index, Index at, Marks* marks) {
  if (marks == nullptr) return node(index, at, nullptr);
  Marks own;
  const bool fits = node(index, at, &own);
  if (fits) marks->add(own);
  return fits;
}

bool Check::quietly(NodeIndex index, Index at, Marks* marks) {
  const bool collect = std::exchange(collect_, false);
  const bool fits = branch(index, at, marks);
  collect_ = collect;
  return fits;
}

// Where no branch fits, the errors of all of them are shown: one is what the caller meant.
bool Check::any_of(const std::vector<NodeIndex>& branches, Index at, Marks* marks) {
  const std::size_t errors_before = errors_.size();
  bool fits = false;
  for (const NodeIndex one : branches) {
    fits = branch(one, at, marks) || fits;
    if (fits && marks == nullptr) break;
  }
  if (fits) errors_.resize(errors_before);
  return fits;
}

bool Check::one_of(const std::vector<NodeIndex>& branches, Index at, Marks* marks) {
  const std::size_t errors_before = errors_.size();
  std::size_t fitting = 0;
  for (const NodeIndex one : branches) {
    fitting += branch(one, at, marks) ? 1 : 0;
    if (fitting > 1 && !collect_) return false;
  }
  if (fitting == 0) return false;
  errors_.resize(errors_before);
  if (fitting == 1) return true;
  return wrong(at, [&] {
    return fmt::format("must fit exactly one of {} schemas, but fits {}", branches.size(), fitting);
  });
}

std::vector<SchemaError> check(const Graph& graph, std::string_view instance) {
  // Many tools have a schema that says next to nothing.
  const Node& root = graph.nodes[0];
  if (root.plain && !root.never &&
      (root.types == type::any ||
       ((root.types & type::object) != 0 && Scanner{instance}.peek() == '{'))) {
    return {};
  }
  thread_local Tape tape;
  std::vector<SchemaError> errors;
  if (!tape.read(instance)) {
    errors.push_back({.path = {}, .message = "no JSON text of at most 64 levels"});
    return errors;
  }
  Check first{graph, tape, Check::Errors::first};
  if (!first.run()) {
    errors = first.take_errors();
    if (errors.empty()) {
      Check all{graph, tape, Check::Errors::all};
      all.run();
      errors = all.take_errors();
    }
    // Two ways to the same answer; a good instance is only what both call good.
    if (errors.empty()) errors.push_back({.path = {}, .message = "does not fit its schema"});
  }
  tape.shrink(kept_values_max);
  return errors;
}

}  // namespace toolgate::json::graph
