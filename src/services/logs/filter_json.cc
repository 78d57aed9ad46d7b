// { $.a.b[0] = "x" && ($.c > 5 || $.d NOT EXISTS) }
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "json/json.h"
#include "services/logs/filter_pattern.h"
#include "services/logs/filter_scanner.h"

namespace toolgate::services::logs {
namespace {

struct Step {
  std::string name;                  // of a member
  std::optional<std::size_t> index;  // or of an element
  bool any = false;                  // or any element: [*]
};
using Path = std::vector<Step>;

enum class Is : unsigned char { compared, null, truth, falsehood, absent };

struct Condition {
  Path path;
  Is is = Is::compared;
  Operator op = Operator::equal;
  Expected value{};
};

// All of the parts, or any of them; a leaf is one condition.
struct Node {
  enum class Kind : unsigned char { all, any, leaf };
  Kind kind = Kind::leaf;
  std::vector<Node> parts;
  Condition condition;
};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '@' || c == ':' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool compare(const Condition& condition, const Json& value) {
  switch (condition.is) {
    case Is::null:
      return value.is_null();
    case Is::truth:
      return value.is_bool() && value.get_bool();
    case Is::falsehood:
      return value.is_bool() && !value.get_bool();
    case Is::absent:
      return false;
    case Is::compared:
      break;
  }
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    return condition.value.holds(condition.op, text, std::nullopt);
  }
  // Objects, arrays and null equal nothing, and so are unequal to anything.
  if (value.is_structured() || value.is_null()) return condition.op == Operator::unequal;
  const std::string text = json::print(value);
  return condition.value.holds(condition.op, text, as_number(text));
}

// Whether anything that the path leads to holds the condition.
bool holds(const Condition& condition, const Json& value, std::size_t at) {
  if (at == condition.path.size()) return compare(condition, value);
  const Step& step = condition.path[at];
  if (step.any) {
    const auto* elements = value.if_array();
    const auto one = [&](const Json& element) { return holds(condition, element, at + 1); };
    return elements != nullptr && std::ranges::any_of(*elements, one);
  }
  const Json* next = nullptr;
  if (step.index) {
    const auto* elements = value.if_array();
    if (elements != nullptr && *step.index < elements->size()) next = &(*elements)[*step.index];
  } else if (const auto* members = value.if_object()) {
    next = members->if_contains(step.name);
  }
  if (next == nullptr) return condition.is == Is::absent;
  return holds(condition, *next, at + 1);
}

bool holds(const Node& node, const Json& event) {
  const auto part = [&](const Node& each) { return holds(each, event); };
  switch (node.kind) {
    case Node::Kind::all:
      return std::ranges::all_of(node.parts, part);
    case Node::Kind::any:
      return std::ranges::any_of(node.parts, part);
    case Node::Kind::leaf:
      break;
  }
  return holds(node.condition, event, 0);
}

class JsonPattern final : public Matcher {
 public:
  explicit JsonPattern(Node root) : root_{std::move(root)} {}
  [[nodiscard]] bool matches(std::string_view text) const override {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || text[begin] != '{') return false;
    const auto event = json::parse(text);
    return event && event->is_object() && holds(root_, *event);
  }

 private:
  Node root_;
};

Result<Path> scan_path(Scanner& scanner) {
  Path path;
  for (;;) {
    Step step;
    if (scanner.take("[\"") || scanner.take("['")) {
      return scanner.expected("a member as .name, or .\"na me\"");
    }
    if (scanner.take("[")) {
      if (scanner.take("*")) {
        step.any = true;
      } else {
        const std::string_view digits = scanner.take_while(is_digit);
        if (digits.empty() || digits.size() > 6) return scanner.expected("an index");
        step.index = static_cast<std::size_t>(*as_number(digits));
      }
      if (!scanner.take("]")) return scanner.expected("]");
    } else if (scanner.take(".")) {
      if (scanner.peek() == '"') {
        TRY(step.name, scanner.quoted());
      } else {
        step.name = scanner.take_while(is_name);
      }
      if (step.name.empty()) return scanner.expected("the name of a member");
    } else {
      return path;
    }
    path.push_back(std::move(step));
  }
}

Result<Node> scan_condition(Scanner& scanner) {
  Node leaf;
  Condition& condition = leaf.condition;
  if (!scanner.take("$")) return scanner.expected("a property, as $.name");
  TRY(condition.path, scan_path(scanner));
  if (condition.path.empty()) return scanner.expected("a property, as $.name");
  scanner.skip_spaces();
  if (scanner.take_word("NOT")) {
    scanner.skip_spaces();
    if (!scanner.take_word("EXISTS")) return scanner.expected("EXISTS");
    condition.is = Is::absent;
    return leaf;
  }
  if (scanner.take_word("IS")) {
    scanner.skip_spaces();
    if (scanner.take_word("NULL")) {
      condition.is = Is::null;
    } else if (scanner.take_word("TRUE")) {
      condition.is = Is::truth;
    } else if (scanner.take_word("FALSE")) {
      condition.is = Is::falsehood;
    } else {
      return scanner.expected("NULL, TRUE or FALSE");
    }
    return leaf;
  }
  const auto op = take_operator(scanner);
  if (!op) return scanner.expected("=, !=, <, <=, >, >=, IS or NOT EXISTS");
  condition.op = *op;
  scanner.skip_spaces();
  TRY(condition.value, Expected::scan(scanner));
  if (!condition.value.fits(*op)) return scanner.expected("a number");
  return leaf;
}

Result<Node> scan_any(Scanner& scanner, int depth);

Result<Node> scan_part(Scanner& scanner, int depth) {
  scanner.skip_spaces();
  if (!scanner.take("(")) return scan_condition(scanner);
  if (depth > conditions_depth_max) return scanner.expected("fewer parentheses");
  TRY(Node inner, scan_any(scanner, depth + 1));
  scanner.skip_spaces();
  if (!scanner.take(")")) return scanner.expected("&&, || or )");
  return inner;
}

Result<Node> scan_all(Scanner& scanner, int depth) {
  Node all{.kind = Node::Kind::all};
  do {
    TRY(Node part, scan_part(scanner, depth));
    all.parts.push_back(std::move(part));
    scanner.skip_spaces();
  } while (scanner.take("&&"));
  return all;
}

Result<Node> scan_any(Scanner& scanner, int depth) {
  Node any{.kind = Node::Kind::any};
  do {
    TRY(Node part, scan_all(scanner, depth));
    any.parts.push_back(std::move(part));
    scanner.skip_spaces();
  } while (scanner.take("||"));
  return any;
}

}  // namespace

Result<SharedMatcher> parse_json_pattern(std::string_view pattern) {
  Scanner scanner{pattern};
  scanner.skip_spaces();
  if (!scanner.take("{")) return scanner.expected("{");
  TRY(Node root, scan_any(scanner, 0));
  scanner.skip_spaces();
  if (!scanner.take("}")) return scanner.expected("&&, || or }");
  scanner.skip_spaces();
  if (!scanner.at_end()) return scanner.expected("the end");
  return std::make_shared<JsonPattern>(std::move(root));
}

}  // namespace toolgate::services::logs
