// One line of a statement's Condition: an operator, a key and the values that it is compared with.
// Source: IAM User Guide, "Condition operators" and "Set operators for multivalued context keys".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/policy/context.h"
#include "identity/policy/pattern.h"

namespace toolgate::identity::policy {

struct Operator;  // a row of the table in condition.cc

class Condition {
 public:
  // `name` with all that may stand around it: "ForAllValues:StringLikeIfExists". Fails with
  // Code::invalid and what was expected.
  static Result<Condition> compile(std::string_view name, std::string_view key,
                                   const std::vector<std::string>& values, Variables variables);

  [[nodiscard]] bool holds(const Context& context) const;

 private:
  enum class Set : unsigned char { none, for_all, for_any };

  // Whether one value of the request is what the condition asks for.
  [[nodiscard]] bool accepts(std::string_view value, const Context& context) const;

  const Operator* operator_ = nullptr;
  Set set_ = Set::none;
  bool if_exists_ = false;
  std::string key_;  // in lower case
  std::vector<Pattern> values_;
};

}  // namespace toolgate::identity::policy
