// [ip, user, ..., status = 5* && status != 503, bytes > 1000]
#include <algorithm>
#include <vector>

#include "services/logs/filter_pattern.h"
#include "services/logs/filter_scanner.h"

namespace toolgate::services::logs {
namespace {

struct Comparison {
  Operator op = Operator::equal;
  Expected value{};
};
// Any of the alternatives, each of which is all of its comparisons; none: anything.
struct Field {
  std::vector<std::vector<Comparison>> alternatives;

  [[nodiscard]] bool matches(std::string_view text) const {
    if (alternatives.empty()) return true;
    const auto number = as_number(text);
    const auto holds = [&](const Comparison& each) {
      return each.value.holds(each.op, text, number);
    };
    return std::ranges::any_of(alternatives,
                               [&](const auto& all) { return std::ranges::all_of(all, holds); });
  }
};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Words between spaces; one in "" or [] is one, without those.
std::vector<std::string_view> fields_of(std::string_view event, std::size_t count_max) {
  std::vector<std::string_view> fields;
  std::size_t at = 0;
  while (fields.size() <= count_max) {
    at = event.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos) break;
    const char open = event[at];
    const char close = open == '"' ? '"' : open == '[' ? ']' : '\0';
    const auto closed = close != '\0' ? event.find(close, at + 1) : std::string_view::npos;
    if (closed != std::string_view::npos) {
      fields.push_back(event.substr(at + 1, closed - at - 1));
      at = closed + 1;
      continue;
    }
    const auto end = std::min(event.size(), event.find_first_of(" \t\r\n", at));
    fields.push_back(event.substr(at, end - at));
    at = end;
  }
  return fields;
}

// More words than this are no line of fields.
constexpr std::size_t fields_count_max = 1'000;

class Fields final : public Matcher {
 public:
  [[nodiscard]] bool matches(std::string_view event) const override {
    const auto words = fields_of(event, fields_count_max);
    const std::size_t named = before.size() + after.size();
    if (has_rest ? words.size() < named : words.size() != named) return false;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (!before[i].matches(words[i])) return false;
    }
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (!after[i].matches(words[words.size() - after.size() + i])) return false;
    }
    return true;
  }
  std::vector<Field> before;
  std::vector<Field> after;  // of "..."
  bool has_rest = false;
};

Result<Field> scan_field(Scanner& scanner) {
  Field field;
  const std::string_view name = scanner.take_while(is_name);
  if (name.empty()) return scanner.expected("the name of a field");
  scanner.skip_spaces();
  auto op = take_operator(scanner);
  if (!op) return field;
  std::vector<Comparison> all;
  for (;;) {
    scanner.skip_spaces();
    Comparison comparison{.op = *op};
    TRY(comparison.value, Expected::scan(scanner));
    if (!comparison.value.fits(*op)) return scanner.expected("a number");
    all.push_back(std::move(comparison));
    scanner.skip_spaces();
    const bool also = scanner.take("&&");
    const bool either = !also && scanner.take("||");
    if (!also) field.alternatives.push_back(std::exchange(all, {}));
    if (!also && !either) return field;
    scanner.skip_spaces();
    if (scanner.take_while(is_name) != name) return scanner.expected("the same field's name");
    scanner.skip_spaces();
    op = take_operator(scanner);
    if (!op) return scanner.expected("=, !=, <, <=, > or >=");
  }
}

}  // namespace

Result<SharedMatcher> parse_field_pattern(std::string_view pattern) {
  Scanner scanner{pattern};
  auto fields = std::make_shared<Fields>();
  scanner.skip_spaces();
  if (!scanner.take("[")) return scanner.expected("[");
  do {
    scanner.skip_spaces();
    if (scanner.take("...")) {
      if (fields->has_rest) return scanner.expected("one ... at most");
      fields->has_rest = true;
    } else {
      TRY(Field field, scan_field(scanner));
      (fields->has_rest ? fields->after : fields->before).push_back(std::move(field));
    }
    scanner.skip_spaces();
  } while (scanner.take(","));
  if (!scanner.take("]")) return scanner.expected(", or ]");
  scanner.skip_spaces();
  if (!scanner.at_end()) return scanner.expected("the end");
  return fields;
}

}  // namespace toolgate::services::logs
