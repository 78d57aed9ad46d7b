// Turns a schema document into the graph. Inside: schema_compile.cc drives and reads the values of
// keywords, schema_keywords.cc has one function a keyword and the table of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/schema_graph.h"
#include "json/schema_resources.h"

namespace toolgate::json::graph {

template <class Part>
Part& made(std::unique_ptr<Part>& part) {
  if (part == nullptr) part = std::make_unique<Part>();
  return *part;
}

// Below, comparing names one by one is faster than hashing.
inline constexpr std::size_t linear_count_max = 8;

class Compiler {
 public:
  // `tape` holds the whole document; the graph's indices of values are its.
  Compiler(Graph& graph, const Tape& tape) : graph_{graph}, tape_{tape}, resources_{tape} {}
  void run();

 private:
  using Index = Tape::Index;
  using Kind = Tape::Kind;
  struct Keyword {
    std::string_view name;
    void (Compiler::*compile)(Index value);
  };
  static const Keyword* keyword_named(std::string_view name);

  // The node of a subschema, compiled before run() ends.
  NodeIndex node_of(Index subschema);
  NodeIndex anything();  // the node of the schema true
  void drain();
  void compile(Index subschema);
  void order_properties();

  // Of the subschema that is being compiled.
  [[nodiscard]] Index member(std::string_view name) const { return tape_.find(at_, name); }
  [[nodiscard]] bool is_true(std::string_view name) const;
  // Notes that something is not enforced.
  void leave_out(std::string_view what, std::string_view why);
  void leave_out(std::string_view why) { leave_out(keyword_, why); }

  // The values of keywords; when one is something else, that is noted and it counts as absent.
  NodeIndex subschema(Index value);
  std::vector<NodeIndex> subschemas(Index value);
  std::vector<std::string> names(Index value);
  void each_member(Index value, const std::function<void(std::string, Index)>& each);
  void set_count(std::size_t& count, Index value);
  void limit(Limit::Kind kind, Index value);
  std::optional<Pattern> pattern(Index text);

  void types(Index value);
  void constant(Index value);
  void enumeration(Index value);
  void minimum(Index value);
  void maximum(Index value);
  void exclusive_minimum(Index value);
  void exclusive_maximum(Index value);
  void multiple_of(Index value);
  void min_length(Index value);
  void max_length(Index value);
  void pattern_of(Index value);
  void format(Index value);
  void min_items(Index value);
  void max_items(Index value);
  void min_contains(Index value);
  void max_contains(Index value);
  void unique_items(Index value);
  void prefix_items(Index value);
  void items(Index value);
  void additional_items(Index value);
  void contains(Index value);
  void unevaluated_items(Index value);
  void min_properties(Index value);
  void max_properties(Index value);
  void required(Index value);
  void properties(Index value);
  void pattern_properties(Index value);
  void additional_properties(Index value);
  void property_names(Index value);
  void dependencies(Index value);
  void unevaluated_properties(Index value);
  void all_of(Index value);
  void any_of(Index value);
  void one_of(Index value);
  void negation(Index value);
  void condition(Index value);
  void then(Index value);
  void otherwise(Index value);
  void reference(Index value);

  Graph& graph_;
  const Tape& tape_;
  Resources resources_;
  std::unordered_map<Index, NodeIndex> node_of_;
  std::vector<Index> left_;  // subschemas to compile
  NodeIndex anything_ = none;

  // The subschema that is being compiled.
  Index at_ = 0;
  Node now_;
  std::vector<std::string> required_;
  std::string_view keyword_;
};

}  // namespace toolgate::json::graph
