// Subschemas to nodes, each once, until none is left to compile.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "json/schema_compiler.h"
#include "json/schema_pattern.h"

namespace toolgate::json::graph {
namespace {

constexpr std::size_t unenforced_count_max = 100;
constexpr std::size_t quoted_bytes_max = 200;

}  // namespace

void Compiler::run() {
  node_of(0);
  drain();
  if (!graph_.dynamic) return;
  // Any of them may be what a dynamic reference ends at.
  for (std::size_t i = 0; i < resources_.dynamic_anchors().size(); ++i) {
    const auto anchor = resources_.dynamic_anchors()[i];
    const NodeIndex node = node_of(anchor.place.index);
    graph_.resources.resize(resources_.count());
    graph_.resources[anchor.place.resource].dynamic_anchors.emplace(anchor.name, node);
    drain();  // may name further anchors
  }
  graph_.resources.resize(resources_.count());
}

NodeIndex Compiler::node_of(Index subschema) {
  const auto next = static_cast<NodeIndex>(graph_.nodes.size());
  const auto [at, fresh] = node_of_.emplace(subschema, next);
  if (fresh) {
    graph_.nodes.emplace_back();
    left_.push_back(subschema);
  }
  return at->second;
}

NodeIndex Compiler::anything() {
  if (anything_ == none) {
    anything_ = static_cast<NodeIndex>(graph_.nodes.size());
    graph_.nodes.emplace_back();
  }
  return anything_;
}

void Compiler::drain() {
  while (!left_.empty()) {
    const Index subschema = left_.back();
    left_.pop_back();
    compile(subschema);
  }
}

void Compiler::compile(Index subschema) {
  at_ = subschema;
  now_ = Node{};
  now_.resource = resources_.resource_of(subschema);
  required_.clear();
  const Index reference_alone = resources_.dialect_of(subschema) == Dialect::modern
                                    ? Tape::none
                                    : member("$ref");  // draft 7: it hides its siblings
  if (tape_[subschema].kind == Kind::boolean) {
    now_.never = tape_[subschema].raw() == "false";
  } else if (reference_alone != Tape::none) {
    keyword_ = "$ref";
    reference(reference_alone);
  } else {
    for (Index key = subschema + 1; key != tape_[subschema].next; key = tape_[key + 1].next) {
      keyword_ = tape_[key].raw();
      const Keyword* const keyword = keyword_named(keyword_);
      if (keyword != nullptr) (this->*keyword->compile)(key + 1);
    }
    if (!required_.empty() || now_.objects != nullptr) order_properties();
  }
  now_.plain = !now_.never && now_.values.empty() && !now_.numbers && !now_.strings &&
               !now_.arrays && !now_.objects && !now_.logic && !now_.unevaluated;
  graph_.nodes[node_of_.at(subschema)] = std::move(now_);
}

// The required ones to the front, in their order; the others keep theirs.
void Compiler::order_properties() {
  Objects& objects = made(now_.objects);
  std::vector<Property> ordered;
  TextMap<std::uint32_t> by_name;
  const auto add = [&](Property property) {
    const auto next = static_cast<std::uint32_t>(ordered.size());
    const auto [at, fresh] = by_name.emplace(property.name, next);
    if (fresh) {
      ordered.push_back(std::move(property));
    } else if (property.node != none) {
      ordered[at->second].node = property.node;
    }
  };
  for (auto& name : required_) add({.name = std::move(name), .node = none});
  objects.required_count = ordered.size();
  for (auto& property : objects.properties) add(std::move(property));
  objects.properties = std::move(ordered);
  if (objects.properties.size() > linear_count_max) objects.by_name = std::move(by_name);
}

bool Compiler::is_true(std::string_view name) const {
  const Index value = member(name);
  return value != Tape::none && tape_[value].raw() == "true" && tape_[value].kind == Kind::boolean;
}

void Compiler::leave_out(std::string_view what, std::string_view why) {
  if (graph_.unenforced.size() == unenforced_count_max) return;
  graph_.unenforced.push_back(fmt::format("{} at {}: {}", what.substr(0, quoted_bytes_max),
                                          at_ == 0 ? "/" : tape_.pointer_to(at_),
                                          why.substr(0, quoted_bytes_max)));
}

NodeIndex Compiler::subschema(Index value) {
  if (tape_[value].kind == Kind::object || tape_[value].kind == Kind::boolean) {
    return node_of(value);
  }
  leave_out("expected a schema");
  return none;
}

std::vector<NodeIndex> Compiler::subschemas(Index value) {
  std::vector<NodeIndex> nodes;
  if (tape_[value].kind != Kind::array) {
    leave_out("expected an array of schemas");
    return nodes;
  }
  for (Index item = value + 1; item != tape_[value].next; item = tape_[item].next) {
    // Without it the others would mean something else.
    const NodeIndex node = subschema(item);
    if (node == none) return {};
    nodes.push_back(node);
  }
  return nodes;
}

std::vector<std::string> Compiler::names(Index value) {
  std::vector<std::string> all;
  bool strings = tape_[value].kind == Kind::array;
  for (Index item = value + 1; strings && item != tape_[value].next; item = tape_[item].next) {
    strings = tape_[item].kind == Kind::string;
    if (strings) all.push_back(*unescape(tape_[item].text(), Surrogates::replace));
  }
  if (!strings) leave_out("expected an array of names");
  return all;
}

void Compiler::each_member(Index value, const std::function<void(std::string, Index)>& each) {
  if (tape_[value].kind != Kind::object) return leave_out("expected an object");
  for (Index key = value + 1; key != tape_[value].next; key = tape_[key + 1].next) {
    each(*unescape(tape_[key].text(), Surrogates::replace), key + 1);
  }
}

void Compiler::set_count(std::size_t& count, Index value) {
  const bool number = tape_[value].kind == Kind::integer || tape_[value].kind == Kind::number;
  const Decimal decimal = number ? Decimal{tape_[value].raw()} : Decimal{};
  if (!number || !decimal.is_integer() || decimal.is_negative()) {
    return leave_out("expected a whole number, zero or more");
  }
  count = static_cast<std::size_t>(
      decimal.to_int64().value_or(std::numeric_limits<std::int64_t>::max()));
}

void Compiler::limit(Limit::Kind kind, Index value) {
  if (tape_[value].kind != Kind::integer && tape_[value].kind != Kind::number) {
    return leave_out("expected a number");
  }
  const std::string_view raw = tape_[value].raw();
  Limit limit{.kind = kind, .value = Decimal{raw}, .text = std::string{raw}, .small = {}};
  if (kind == Limit::Kind::multiple) {
    if (limit.value.is_zero() || limit.value.is_negative()) {
      return leave_out("expected a number greater than zero");
    }
    if (limit.value.is_long()) return leave_out("more than 19 digits are not supported");
  }
  limit.small = limit.value.to_int64();
  made(now_.numbers).limits.push_back(std::move(limit));
}

std::optional<Pattern> Compiler::pattern(Index text) {
  const std::string plain = *unescape(tape_[text].text(), Surrogates::replace);
  auto compiled = compile_pattern(plain);
  if (compiled) return Pattern{.compiled = *std::move(compiled), .text = plain};
  leave_out(fmt::format("pattern '{}'", plain), compiled.error());
  return std::nullopt;
}

Result<Graph> compile(std::string_view text, const Schema::Bounds& bounds) {
  if (text.size() > bounds.schema_bytes_max) {
    return fail(Code::invalid,
                fmt::format("a schema of more than {} bytes", bounds.schema_bytes_max));
  }
  Graph graph;
  graph.bounds = bounds;
  graph.text = std::make_unique<const std::string>(text);
  if (!is_utf8(text) || !graph.tape.read(*graph.text)) {
    return fail(Code::invalid, "the schema is no JSON text of at most 64 levels");
  }
  const auto kind = graph.tape[0].kind;
  if (kind != Tape::Kind::object && kind != Tape::Kind::boolean) {
    return fail(Code::invalid, "a schema must be an object or a boolean");
  }
  Compiler{graph, graph.tape}.run();
  const bool uses_values =
      std::ranges::any_of(graph.nodes, [](const Node& node) { return !node.values.empty(); });
  if (!uses_values) {
    graph.tape = {};
    graph.text.reset();
  }
  return graph;
}

}  // namespace toolgate::json::graph
