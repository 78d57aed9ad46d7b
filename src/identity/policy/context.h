// What is known of a request when it is decided: condition keys and their values.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace toolgate::identity::policy {

// Keys differ by more than case (IAM User Guide, "Condition"). A key with no value at all is as
// good as absent.
class Context {
 public:
  using Values = std::vector<std::string>;

  Context() = default;
  Context(std::initializer_list<std::pair<std::string_view, std::string_view>> keys) {
    for (const auto& [key, value] : keys) set(key, std::string{value});
  }

  void set(std::string_view key, std::string value) {
    values_.insert_or_assign(lower(key), Values{std::move(value)});
  }
  void set_all(std::string_view key, Values values) {
    values_.insert_or_assign(lower(key), std::move(values));
  }

  // `lowered` is the key in lower case. Null when it is absent.
  [[nodiscard]] const Values* find(std::string_view lowered) const {
    const auto found = values_.find(lowered);
    return found == values_.end() || found->second.empty() ? nullptr : &found->second;
  }

 private:
  TextMap<Values> values_;
};

}  // namespace toolgate::identity::policy
