#include "identity/policy/condition.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "identity/policy/values.h"

namespace toolgate::identity::policy {

// How a value of the request is compared with one of the policy.
using Compare = bool (*)(std::string_view actual, const Pattern& expected, const Context& context);
// Whether a value of the policy is of the operator's type.
using IsValue = bool (*)(std::string_view text);

struct Operator {
  std::string_view name;
  bool negated = false;  // holds when no value of the policy matches
  Compare compare = nullptr;
  Pattern::Rules rules;
  IsValue is_value = nullptr;      // null: any text
  std::string_view expects;        // where is_value is set
  bool asks_for_presence = false;  // Null
};

namespace {

constexpr Pattern::Rules plain{.wildcards = Wildcards::are_literal};
constexpr Pattern::Rules any_case{.wildcards = Wildcards::are_literal,
                                  .letters = Letters::of_any_case};
constexpr Pattern::Rules wild{};

bool same_text(std::string_view actual, const Pattern& expected, const Context& context) {
  return expected.matches(actual, context);
}

bool same_arn(std::string_view actual, const Pattern& expected, const Context& context) {
  return expected.matches_arn(actual, context);
}

bool same_bool(std::string_view actual, const Pattern& expected, const Context& context) {
  const auto text = expected.value(context);
  const auto wanted = text ? bool_of(*text) : std::nullopt;
  return wanted && bool_of(actual) == wanted;
}

bool same_address(std::string_view actual, const Pattern& expected, const Context& context) {
  const auto block = expected.value(context);
  return block && ip_within(actual, *block);
}

bool same_binary(std::string_view actual, const Pattern& expected, const Context& context) {
  const auto text = expected.value(context);
  return text && same_bytes(actual, *text);
}

// Numbers and dates: `holds` is asked with what stands in the request and in the policy.
template <std::optional<double> (*read)(std::string_view), bool (*holds)(double, double)>
bool ordered(std::string_view actual, const Pattern& expected, const Context& context) {
  const auto text = expected.value(context);
  const auto wanted = text ? read(*text) : std::nullopt;
  const auto given = read(actual);
  return wanted && given && holds(*given, *wanted);
}

bool equal(double a, double b) { return a == b; }
bool less(double a, double b) { return a < b; }
bool at_most(double a, double b) { return a <= b; }
bool greater(double a, double b) { return a > b; }
bool at_least(double a, double b) { return a >= b; }

bool is_number(std::string_view text) { return number_of(text).has_value(); }
bool is_date(std::string_view text) { return date_of(text).has_value(); }
bool is_bool(std::string_view text) { return bool_of(text).has_value(); }

Operator text(std::string_view name, Pattern::Rules rules, bool negated = false) {
  return {.name = name, .negated = negated, .compare = same_text, .rules = rules};
}
Operator arn(std::string_view name, bool negated = false) {
  return {.name = name, .negated = negated, .compare = same_arn, .rules = wild};
}
Operator number(std::string_view name, Compare compare, bool negated = false) {
  return {.name = name,
          .negated = negated,
          .compare = compare,
          .rules = plain,
          .is_value = is_number,
          .expects = "a number"};
}
Operator date(std::string_view name, Compare compare, bool negated = false) {
  return {.name = name,
          .negated = negated,
          .compare = compare,
          .rules = plain,
          .is_value = is_date,
          .expects = "a date (ISO 8601) or seconds since 1970"};
}
Operator address(std::string_view name, bool negated = false) {
  return {.name = name,
          .negated = negated,
          .compare = same_address,
          .rules = plain,
          .is_value = is_ip_block,
          .expects = "an IP address or a CIDR block"};
}

const std::array operators{
    text("StringEquals", plain),
    text("StringNotEquals", plain, true),
    text("StringEqualsIgnoreCase", any_case),
    text("StringNotEqualsIgnoreCase", any_case, true),
    text("StringLike", wild),
    text("StringNotLike", wild, true),
    arn("ArnEquals"),
    arn("ArnLike"),
    arn("ArnNotEquals", true),
    arn("ArnNotLike", true),
    number("NumericEquals", ordered<number_of, equal>),
    number("NumericNotEquals", ordered<number_of, equal>, true),
    number("NumericLessThan", ordered<number_of, less>),
    number("NumericLessThanEquals", ordered<number_of, at_most>),
    number("NumericGreaterThan", ordered<number_of, greater>),
    number("NumericGreaterThanEquals", ordered<number_of, at_least>),
    date("DateEquals", ordered<date_of, equal>),
    date("DateNotEquals", ordered<date_of, equal>, true),
    date("DateLessThan", ordered<date_of, less>),
    date("DateLessThanEquals", ordered<date_of, at_most>),
    date("DateGreaterThan", ordered<date_of, greater>),
    date("DateGreaterThanEquals", ordered<date_of, at_least>),
    address("IpAddress"),
    address("NotIpAddress", true),
    Operator{.name = "Bool",
             .compare = same_bool,
             .rules = plain,
             .is_value = is_bool,
             .expects = "true or false"},
    Operator{.name = "BinaryEquals",
             .compare = same_binary,
             .rules = plain,
             .is_value = is_base64,
             .expects = "base64"},
    Operator{.name = "Null",
             .compare = same_bool,
             .rules = plain,
             .is_value = is_bool,
             .expects = "true or false",
             .asks_for_presence = true},
};

constexpr std::string_view for_all_prefix = "ForAllValues:";
constexpr std::string_view for_any_prefix = "ForAnyValue:";
constexpr std::string_view if_exists_suffix = "IfExists";

}  // namespace

Result<Condition> Condition::compile(std::string_view name, std::string_view key,
                                     const std::vector<std::string>& values, Variables variables) {
  Condition made;
  std::string_view bare = name;
  if (bare.starts_with(for_all_prefix)) {
    made.set_ = Set::for_all;
    bare.remove_prefix(for_all_prefix.size());
  } else if (bare.starts_with(for_any_prefix)) {
    made.set_ = Set::for_any;
    bare.remove_prefix(for_any_prefix.size());
  }
  if (bare.ends_with(if_exists_suffix)) {
    made.if_exists_ = true;
    bare.remove_suffix(if_exists_suffix.size());
  }
  const auto* row = std::ranges::find(operators, bare, &Operator::name);
  if (row == operators.end() || (row->asks_for_presence && name != bare)) {
    return fail(Code::invalid, fmt::format("Invalid Condition type : {}", name));
  }
  if (key.empty()) return fail(Code::invalid, fmt::format("{}: the key is empty", name));
  made.operator_ = row;
  made.key_ = lower(key);
  Pattern::Rules rules = row->rules;
  rules.variables = variables;
  for (const std::string& value : values) {
    TRY(Pattern pattern, Pattern::compile(value, rules));
    if (row->is_value != nullptr && !pattern.has_variables() && !row->is_value(value)) {
      return fail(Code::invalid,
                  fmt::format("{}: '{}' of {} is not {}", name, value, key, row->expects));
    }
    made.values_.push_back(std::move(pattern));
  }
  return made;
}

bool Condition::accepts(std::string_view value, const Context& context) const {
  const bool matched = std::ranges::any_of(values_, [&](const Pattern& expected) {
    return operator_->compare(value, expected, context);
  });
  return matched != operator_->negated;
}

bool Condition::holds(const Context& context) const {
  const Context::Values* values = context.find(key_);
  const auto accepted = [&](std::string_view value) { return accepts(value, context); };
  if (operator_->asks_for_presence) return accepted(values == nullptr ? "true" : "false");
  if (set_ == Set::for_all) return values == nullptr || std::ranges::all_of(*values, accepted);
  if (set_ == Set::for_any) return values != nullptr && std::ranges::any_of(*values, accepted);
  // Without a set operator: an absent key is no match, which is what a negated operator asks for.
  if (values == nullptr) return if_exists_ || operator_->negated;
  return operator_->negated ? std::ranges::all_of(*values, accepted)
                            : std::ranges::any_of(*values, accepted);
}

}  // namespace toolgate::identity::policy
