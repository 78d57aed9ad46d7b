#include "json/tape.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

#include "base/limits.h"
#include "json/bytes.h"
#include "json/decimal.h"

namespace toolgate::json {
namespace {

using Index = Tape::Index;
using Kind = Tape::Kind;
using Value = Tape::Value;

// Up to here, looking for each member among all is faster than sorting.
constexpr std::size_t pairwise_count_max = 8;

// Reads one text; the containers that are open stand in a fixed stack.
class Reader {
 public:
  Reader(std::string_view text, std::vector<Value>& values)
      : at_{text.data()}, end_{at_ + text.size()}, values_{values} {}

  bool document() {
    for (;;) {
      if (!value()) return false;
      // A value has ended; close what ends with it and step to the next.
      for (;;) {
        at_ = bytes::skip_space(at_, end_);
        if (depth_ == 0) return at_ == end_;
        if (at_ == end_) return false;
        Value& open = values_[open_[depth_ - 1]];
        const bool object = open.kind == Kind::object;
        if (*at_ == ',') {
          ++at_;
          ++open.count;
          if (object && !key()) return false;
          break;
        }
        if (*at_ != (object ? '}' : ']')) return false;
        close();
      }
    }
  }

 private:
  // A scalar, an empty container, or the way into one down to its first scalar.
  bool value() {
    for (;;) {
      at_ = bytes::skip_space(at_, end_);
      if (at_ == end_) return false;
      if (*at_ != '{' && *at_ != '[') return scalar();
      if (depth_ == open_.size()) return false;
      const bool object = *at_ == '{';
      open_[depth_++] = static_cast<Index>(values_.size());
      add(at_++, 0, object ? Kind::object : Kind::array);
      at_ = bytes::skip_space(at_, end_);
      if (at_ == end_) return false;
      if (*at_ == (object ? '}' : ']')) {
        close();
        return true;
      }
      values_[open_[depth_ - 1]].count = 1;
      if (object && !key()) return false;
    }
  }

  bool key() {
    at_ = bytes::skip_space(at_, end_);
    if (at_ == end_ || *at_ != '"' || !string()) return false;
    at_ = bytes::skip_space(at_, end_);
    return at_ != end_ && *at_++ == ':';
  }

  bool string() {
    bool escaped = false;
    const char* const after = bytes::string_end(at_ + 1, end_, escaped);
    if (after == nullptr) return false;
    add(at_ + 1, static_cast<std::size_t>(after - at_ - 2), Kind::string, escaped);
    at_ = after;
    return true;
  }

  bool scalar() {
    if (*at_ == '"') return string();
    const char* after = nullptr;
    Kind kind = Kind::boolean;
    if (*at_ == '-' || bytes::is_digit(*at_)) {
      bool integral = true;
      after = bytes::number_end(at_, end_, integral);
      kind = integral ? Kind::integer : Kind::number;
    } else {
      after = bytes::literal_end(at_, end_);
      if (*at_ == 'n') kind = Kind::null;
    }
    if (after == nullptr) return false;
    add(at_, static_cast<std::size_t>(after - at_), kind);
    at_ = after;
    return true;
  }

  void add(const char* begin, std::size_t size, Kind kind, bool escaped = false) {
    values_.push_back({.begin = begin,
                       .size = static_cast<std::uint32_t>(size),
                       .next = static_cast<Index>(values_.size() + 1),
                       .count = 0,
                       .kind = kind,
                       .escaped = escaped});
  }

  void close() {
    Value& open = values_[open_[--depth_]];
    ++at_;
    open.size = static_cast<std::uint32_t>(at_ - open.begin);
    open.next = static_cast<Index>(values_.size());
  }

  const char* at_;
  const char* end_;
  std::vector<Value>& values_;
  std::array<Index, limits::json_depth_max> open_;
  std::size_t depth_ = 0;
};

bool equal_text(Text a, Text b) {
  if (a.raw == b.raw) return true;
  if (!a.escaped && !b.escaped) return false;
  const auto plain_a = unescape(a);
  const auto plain_b = unescape(b);
  return plain_a && plain_b && *plain_a == *plain_b;
}

std::uint64_t hash_text(Text text) {
  if (!text.escaped) return std::hash<std::string_view>{}(text.raw);
  // One that cannot be unescaped equals only its own bytes.
  const auto plain = unescape(text);
  return std::hash<std::string_view>{}(plain ? std::string_view{*plain} : text.raw);
}

std::uint64_t mix(std::uint64_t hash) {
  hash = (hash ^ hash >> 32) * 0x9E3779B97F4A7C15U;
  return hash ^ hash >> 29;
}

// A member's hash and its key: members of equal objects come out in the same order.
std::vector<std::pair<std::uint64_t, Index>> sorted_members(const Tape& tape, Index object) {
  std::vector<std::pair<std::uint64_t, Index>> members;
  members.reserve(tape[object].count);
  for (Index key = object + 1; key != tape[object].next; key = tape[key + 1].next) {
    members.emplace_back(mix(hash(tape, key) + mix(hash(tape, key + 1))), key);
  }
  std::ranges::sort(members);
  return members;
}

bool equal_members(const Tape& a, Index key_a, const Tape& b, Index key_b) {
  return equal_text(a[key_a].text(), b[key_b].text()) && equal(a, key_a + 1, b, key_b + 1);
}

// Members stand in any order; one that stands there several times counts as often.
bool equal_objects(const Tape& a, Index at_a, const Tape& b, Index at_b) {
  if (a[at_a].count != b[at_b].count) return false;
  if (a[at_a].count > pairwise_count_max) {
    const auto left = sorted_members(a, at_a);
    const auto right = sorted_members(b, at_b);
    return std::ranges::equal(left, right, [&](const auto& one, const auto& other) {
      return one.first == other.first && equal_members(a, one.second, b, other.second);
    });
  }
  for (Index key = at_a + 1; key != a[at_a].next; key = a[key + 1].next) {
    bool found = false;
    for (Index other = at_b + 1; !found && other != b[at_b].next; other = b[other + 1].next) {
      found = equal_members(a, key, b, other);
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

bool Tape::read(std::string_view text) {
  values_.clear();
  if (text.size() >= std::numeric_limits<std::uint32_t>::max()) return false;
  if (Reader{text, values_}.document()) return true;
  values_.clear();
  return false;
}

Tape::Index Tape::find(Index object, std::string_view name) const {
  Index found = none;
  if (values_[object].kind != Kind::object) return found;
  for (Index key = object + 1; key != values_[object].next; key = values_[key + 1].next) {
    if (equals(values_[key].text(), name)) found = key + 1;
  }
  return found;
}

void append_pointer(std::string& pointer, std::string_view segment) {
  pointer += '/';
  for (const char c : segment) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string Tape::pointer_to(Index index) const {
  std::string pointer;
  Index at = 0;
  while (at < index) {
    const bool object = values_[at].kind == Kind::object;
    Index child = at + 1;
    for (std::size_t number = 0;; ++number) {
      const Index value = object ? child + 1 : child;
      if (index < values_[value].next) {
        append_pointer(pointer, object ? *unescape(values_[child].text(), Surrogates::replace)
                                       : std::to_string(number));
        at = value;
        break;
      }
      child = values_[value].next;
    }
  }
  return pointer;
}

void Tape::shrink(std::size_t values_max) {
  if (values_.capacity() <= values_max) return;
  values_.clear();
  values_.shrink_to_fit();
}

// Recursion is bounded by the depth that a tape accepts.
bool equal(const Tape& a, Index at_a, const Tape& b, Index at_b) {
  const Value& left = a[at_a];
  const Value& right = b[at_b];
  const auto is_number = [](Kind kind) { return kind == Kind::integer || kind == Kind::number; };
  if (is_number(left.kind) && is_number(right.kind)) {
    return left.raw() == right.raw() || compare(Decimal{left.raw()}, Decimal{right.raw()}) == 0;
  }
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case Kind::string:
      return equal_text(left.text(), right.text());
    case Kind::object:
      return equal_objects(a, at_a, b, at_b);
    case Kind::array: {
      if (left.count != right.count) return false;
      Index other = at_b + 1;
      for (Index item = at_a + 1; item != left.next; item = a[item].next, other = b[other].next) {
        if (!equal(a, item, b, other)) return false;
      }
      return true;
    }
    default:
      return left.raw() == right.raw();
  }
}

std::uint64_t hash(const Tape& tape, Index at) {
  const Value& value = tape[at];
  switch (value.kind) {
    case Kind::integer:
    case Kind::number:
      return mix(Decimal{value.raw()}.hash());
    case Kind::string:
      return mix(hash_text(value.text()) + 1);
    case Kind::array: {
      std::uint64_t sum = value.count + 2;
      for (Index item = at + 1; item != value.next; item = tape[item].next) {
        sum = mix(sum + hash(tape, item));
      }
      return sum;
    }
    case Kind::object: {
      std::uint64_t sum = value.count + 3;
      for (Index key = at + 1; key != value.next; key = tape[key + 1].next) {
        sum += mix(hash(tape, key) + mix(hash(tape, key + 1)));
      }
      return mix(sum);
    }
    default:
      return mix(static_cast<std::uint64_t>(*value.begin));
  }
}

}  // namespace toolgate::json
