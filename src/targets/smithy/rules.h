// Endpoint rule sets (smithy.rules#endpointRuleSet; "Endpoint rule set", Smithy specification). A
// tool's rules are simplified when its target is created: region and settings are known then, so
// that most come down to one URL. What depends on arguments is left for the call.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::targets::smithy {

// The values of parameters and of what conditions assign, innermost last. Null: not set. Nothing:
// not known before the call.
class Scope {
 public:
  using Value = std::optional<Json>;

  void set(std::string_view name, Value value) { names_.emplace_back(name, std::move(value)); }
  [[nodiscard]] const Value& find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  void cut(std::size_t size) { names_.resize(size); }

 private:
  std::vector<std::pair<std::string, Value>> names_;
};

// How many conditions may still be looked at: a rule set of AWS has some 400.
using RuleBudget = std::size_t;
inline constexpr RuleBudget conditions_per_model_max = 200'000;

// The rules with everything known put in, without what can no longer be reached. Fails with
// Code::invalid for a function that is not known, and when the budget is used up.
[[nodiscard]] Result<JsonArray> simplify(const JsonArray& rules, Scope& scope, RuleBudget& budget);

struct Endpoint {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string signing_name;    // empty: the model's
  std::string signing_region;  // empty: the target's
  bool names_bucket = true;    // of S3: the URL holds the bucket, which the path must not repeat
};
// The endpoint that the first of simplified rules names, when nothing more is needed to know it;
// nothing when a condition is left. Fails with Code::invalid and the rule's own message.
[[nodiscard]] Result<std::optional<Endpoint>> decided(const JsonArray& rules);

// rule_functions.cc: nothing for a function that is not known; null where it has no value.
[[nodiscard]] std::optional<Json> call_rule_function(std::string_view name, const JsonArray& args);
[[nodiscard]] Json rule_attribute(const Json& value, std::string_view path);

// partitions.cc: the outputs of the partition that a region lies in, as aws.partition gives them.
[[nodiscard]] Json partition_of(std::string_view region);

}  // namespace toolgate::targets::smithy
