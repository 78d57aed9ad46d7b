// Filter patterns of CloudWatch Logs: which events a reader wants (user guide, "Filter pattern
// syntax"). Three kinds: terms (a "two words" ?either ?or -without %regex%), JSON properties
// { $.level = "E*" && $.ms > 5 }, and fields between spaces [ip, user, ..., status = 5*].
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toolgate::services::logs {

// One kind of pattern, parsed. Immutable: any thread.
class Matcher {
 public:
  virtual ~Matcher() = default;
  [[nodiscard]] virtual bool matches(std::string_view text) const = 0;
};
using SharedMatcher = std::shared_ptr<const Matcher>;

// Null for a pattern that every event matches. Fails with Code::invalid, which says what was
// expected and where.
[[nodiscard]] Result<SharedMatcher> parse_filter_pattern(std::string_view pattern);

// The kinds.
[[nodiscard]] Result<SharedMatcher> parse_term_pattern(std::string_view pattern);
[[nodiscard]] Result<SharedMatcher> parse_json_pattern(std::string_view pattern);
[[nodiscard]] Result<SharedMatcher> parse_field_pattern(std::string_view pattern);

}  // namespace toolgate::services::logs
