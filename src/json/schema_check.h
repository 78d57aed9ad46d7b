// Walks a compiled schema and an instance side by side. Inside: schema_check.cc has the walk, the
// values and the logic, schema_check_members.cc what is inside arrays and objects.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "json/schema_graph.h"

namespace toolgate::json::graph {

// Which items or members of one instance some keyword has looked at: what unevaluatedItems and
// unevaluatedProperties ask for. Kept only under a schema that has one of them.
class Marks {
 public:
  void add(std::size_t ordinal) {
    if (ordinal >= seen_.size()) seen_.resize(ordinal + 1);
    seen_[ordinal] = true;
  }
  void add(const Marks& others) {
    for (std::size_t i = 0; i < others.seen_.size(); ++i) {
      if (others.seen_[i]) add(i);
    }
  }
  [[nodiscard]] bool has(std::size_t ordinal) const {
    return ordinal < seen_.size() && seen_[ordinal];
  }

 private:
  std::vector<bool> seen_;
};

// Says whether an instance fits or, asked for that, what is wrong with it. One use each.
class Check {
 public:
  // first: stops at the first thing wrong and writes no text, which is what a good instance costs.
  enum class Errors : std::uint8_t { first, all };

  Check(const Graph& graph, const Tape& tape, Errors errors)
      : graph_{graph},
        tape_{tape},
        collect_{errors == Errors::all},
        work_left_{work_max + work_per_value * tape.size()} {}

  bool run() { return node(0, 0, nullptr) && stopped_ == nullptr; }
  std::vector<SchemaError> take_errors();

 private:
  using Index = Tape::Index;
  using Kind = Tape::Kind;

  // A schema can make a small instance cost anything; this much is allowed, and it grows with the
  // instance. One unit is one node checked, or as much as comparing two values.
  static constexpr std::size_t work_max = 200'000;
  static constexpr std::size_t work_per_value = 64;
  // Levels of nodes inside each other, for the stack's sake.
  static constexpr std::size_t depth_max = 1'200;

  // The resources that the walk has entered, the innermost first.
  struct Scope {
    const Scope* outer;
    std::uint32_t resource;
  };

  bool node(NodeIndex index, Index at, Marks* marks);
  bool inside(const Node& node, Index at, Marks* marks);
  bool type(const Node& node, Index at);
  bool values(const Node& node, Index at);
  bool numbers(const Numbers& numbers, Index at);
  bool strings(const Strings& strings, Index at);
  bool logic(const Logic& logic, Index at, Marks* marks);
  bool reference(const Reference& reference, Index at, Marks* marks);
  bool any_of(const std::vector<NodeIndex>& branches, Index at, Marks* marks);
  bool one_of(const std::vector<NodeIndex>& branches, Index at, Marks* marks);
  bool branch(NodeIndex index, Index at, Marks* marks);
  bool quietly(NodeIndex index, Index at, Marks* marks);

  bool arrays(const Arrays& arrays, Index at, Marks* marks);
  bool contains(const Arrays& arrays, Index at, Marks* marks);
  bool unique(Index at);
  bool objects(const Objects& objects, Index at, Marks* marks);
  bool member(const Objects& objects, Index key, std::uint64_t& required_seen, bool& known);
  bool required(const Objects& objects, Index at, std::uint64_t seen);
  bool dependencies(const Objects& objects, Index at, Marks* marks);
  bool unevaluated(const Unevaluated& unevaluated, Index at, Marks& marks);

  // Takes units of work; false once there are none left.
  bool spend(std::size_t units) {
    if (work_left_ < units) return stop("checking the arguments takes too much work");
    work_left_ -= units;
    return true;
  }
  // Ends the whole check: it has no answer, which counts as "does not fit".
  bool stop(const char* why) {
    if (stopped_ == nullptr) stopped_ = why;
    work_left_ = 0;
    return false;
  }

  [[nodiscard]] bool collecting() const {
    return collect_ && errors_.size() < graph_.bounds.errors_max;
  }
  // After a step: whether the next one is worth taking.
  bool go_on(bool& fits, bool step) const {
    fits = fits && step;
    return fits || (collecting() && stopped_ == nullptr);
  }
  // Notes an error; the text is made only when it is wanted.
  template <class Message>
  bool wrong(Index at, const Message& message) {
    if (collecting()) note({.path = tape_.pointer_to(at), .message = message()});
    return false;
  }
  void note(SchemaError error) { errors_.push_back(std::move(error)); }

  const Graph& graph_;
  const Tape& tape_;
  bool collect_;
  std::vector<SchemaError> errors_;
  std::size_t work_left_;
  std::size_t depth_ = 0;
  std::size_t references_ = 0;
  const Scope* scope_ = nullptr;
  const char* stopped_ = nullptr;
};

}  // namespace toolgate::json::graph
