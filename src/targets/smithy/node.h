// One value of a call's arguments, where it stands on their tape.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/tape.h"

namespace toolgate::targets::smithy {

class Node {
 public:
  using Kind = json::Tape::Kind;

  Node(const json::Tape& tape, json::Tape::Index at) : tape_{&tape}, at_{at} {}

  [[nodiscard]] Kind kind() const { return value().kind; }
  [[nodiscard]] bool is_null() const { return kind() == Kind::null; }
  [[nodiscard]] bool is_string() const { return kind() == Kind::string; }
  [[nodiscard]] bool is_number() const { return kind() == Kind::integer || kind() == Kind::number; }
  // As it stands in the arguments, quotes included.
  [[nodiscard]] std::string_view raw() const {
    const auto raw = value().raw();
    return is_string() ? std::string_view{raw.data() - 1, raw.size() + 2} : raw;
  }
  // A string's characters; of a number or boolean what stands there. A lone surrogate, which no
  // UTF-8 can hold, becomes U+FFFD.
  [[nodiscard]] std::string text() const {
    if (!is_string()) return std::string{value().raw()};
    return json::unescape(value().text(), json::Surrogates::replace).value_or("");
  }
  [[nodiscard]] std::size_t count() const { return value().count; }

  // each(Node name, Node value) for every member of an object, each(Node) for every item of an
  // array; neither for other values.
  template <class Each>
  void members(Each each) const {
    if (kind() != Kind::object) return;
    for (auto key = at_ + 1; key != value().next; key = (*tape_)[key + 1].next) {
      each(Node{*tape_, key}, Node{*tape_, key + 1});
    }
  }
  template <class Each>
  void items(Each each) const {
    if (kind() != Kind::array) return;
    for (auto item = at_ + 1; item != value().next; item = (*tape_)[item].next) {
      each(Node{*tape_, item});
    }
  }
  // The member of that name; a null one counts as absent.
  [[nodiscard]] std::optional<Node> find(std::string_view name) const {
    const auto found = tape_->find(at_, name);
    if (found == json::Tape::none || (*tape_)[found].kind == Kind::null) return std::nullopt;
    return Node{*tape_, found};
  }

 private:
  [[nodiscard]] const json::Tape::Value& value() const { return (*tape_)[at_]; }

  const json::Tape* tape_;
  json::Tape::Index at_;
};

}  // namespace toolgate::targets::smithy
