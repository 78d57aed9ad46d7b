#include "targets/openapi/styles.h"

#include "base/text.h"

namespace toolgate::targets::openapi {
namespace {

using json::Tape;
using Index = Tape::Index;

// Reserved characters (RFC 3986) that may stand in a query's value: '&', '#' and '+' would end it
// or be read as something else.
constexpr std::string_view kept_if_reserved = ":/?@!$'()*,;=[]";

struct Member {
  std::string name;
  Index value;
};

std::vector<Index> items_of(const Tape& tape, Index array) {
  std::vector<Index> items;
  Index at = array + 1;
  for (std::uint32_t i = 0; i < tape[array].count; ++i) {
    items.push_back(at);
    at = tape[at].next;
  }
  return items;
}

std::vector<Member> members_of(const Tape& tape, Index object) {
  std::vector<Member> members;
  Index at = object + 1;
  for (std::uint32_t i = 0; i < tape[object].count; ++i) {
    const Index value = tape[at].next;
    members.push_back(
        {.name = *json::unescape(tape[at].text(), json::Surrogates::replace), .value = value});
    at = tape[value].next;
  }
  return members;
}

// In the order of the text: items, or names and values in turn.
std::vector<std::string> flat(const Tape& tape, Index value, auto encode) {
  std::vector<std::string> parts;
  if (tape[value].kind == Tape::Kind::array) {
    for (const auto item : items_of(tape, value)) parts.push_back(encode(text_of(tape, item)));
  } else if (tape[value].kind == Tape::Kind::object) {
    for (const auto& member : members_of(tape, value)) {
      parts.push_back(encode(member.name));
      parts.push_back(encode(text_of(tape, member.value)));
    }
  } else {
    parts.push_back(encode(text_of(tape, value)));
  }
  return parts;
}

void add_deep(const std::string& name, const Tape& tape, Index value, auto encode,
              std::vector<Pair>& pairs) {
  if (tape[value].kind == Tape::Kind::object) {
    for (const auto& member : members_of(tape, value)) {
      add_deep(name + '[' + member.name + ']', tape, member.value, encode, pairs);
    }
  } else if (tape[value].kind == Tape::Kind::array) {
    std::size_t number = 0;
    for (const auto item : items_of(tape, value)) {
      add_deep(name + '[' + std::to_string(number++) + ']', tape, item, encode, pairs);
    }
  } else {
    pairs.push_back({.name = name, .value = encode(text_of(tape, value))});
  }
}

std::string_view delimiter_of(Style style) {
  if (style == Style::space_delimited) return "%20";
  if (style == Style::pipe_delimited) return "%7C";
  return ",";
}

}  // namespace

std::string text_of(const Tape& tape, Index index) {
  const auto& value = tape[index];
  if (value.kind == Tape::Kind::string) {
    return *json::unescape(value.text(), json::Surrogates::replace);
  }
  if (value.kind == Tape::Kind::null) return {};
  return std::string{value.raw()};
}

std::string json_of(const Tape& tape, Index index) {
  const std::string raw{tape[index].raw()};
  return tape[index].kind == Tape::Kind::string ? '"' + raw + '"' : raw;
}

void add_pairs(std::string_view name, const Spelling& spelling, const Tape& tape, Index value,
               std::vector<Pair>& pairs) {
  const std::string_view kept = spelling.reserved ? kept_if_reserved : std::string_view{};
  const auto encode = [kept](std::string_view text) { return percent_encode(text, kept); };
  const auto kind = tape[value].kind;
  const std::string own{name};
  if (spelling.as_json) {
    pairs.push_back({.name = own, .value = encode(json_of(tape, value))});
    return;
  }
  if (kind == Tape::Kind::null) return;
  const bool container = kind == Tape::Kind::array || kind == Tape::Kind::object;
  if (container && tape[value].count == 0) return;
  if (container && spelling.style == Style::deep_object) {
    add_deep(own, tape, value, encode, pairs);
  } else if (kind == Tape::Kind::array && spelling.explode) {
    for (const auto item : items_of(tape, value)) {
      pairs.push_back({.name = own, .value = encode(text_of(tape, item))});
    }
  } else if (kind == Tape::Kind::object && spelling.explode) {
    for (const auto& member : members_of(tape, value)) {
      pairs.push_back({.name = member.name, .value = encode(text_of(tape, member.value))});
    }
  } else {
    pairs.push_back(
        {.name = own, .value = join(flat(tape, value, encode), delimiter_of(spelling.style))});
  }
}

std::string in_one(std::string_view name, const Spelling& spelling, const Tape& tape, Index value,
                   Encoded encoded) {
  const auto encode = [encoded](std::string_view text) {
    return encoded == Encoded::percent ? percent_encode(text) : std::string{text};
  };
  if (spelling.as_json) return encode(json_of(tape, value));
  const bool matrix = spelling.style == Style::matrix;
  const bool label = spelling.style == Style::label;
  const auto kind = tape[value].kind;
  std::vector<std::string> parts;
  if (kind == Tape::Kind::object && spelling.explode) {
    for (const auto& member : members_of(tape, value)) {
      parts.push_back(encode(member.name) + '=' + encode(text_of(tape, member.value)));
    }
  } else if (kind == Tape::Kind::array && spelling.explode && matrix) {
    for (const auto item : items_of(tape, value)) {
      parts.push_back(encode(name) + '=' + encode(text_of(tape, item)));
    }
  } else {
    parts = flat(tape, value, encode);
    if (matrix) {
      const std::string all = join(parts, ",");
      return ';' + encode(name) + (all.empty() ? "" : "=" + all);
    }
  }
  const std::string_view between = !spelling.explode ? "," : matrix ? ";" : label ? "." : ",";
  return std::string{matrix ? ";" : label ? "." : ""} + join(parts, between);
}

std::string joined(const std::vector<Pair>& pairs) {
  std::string out;
  for (const auto& pair : pairs) {
    if (!out.empty()) out += '&';
    out += percent_encode(pair.name) + '=' + pair.value;
  }
  return out;
}

}  // namespace toolgate::targets::openapi
