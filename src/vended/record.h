// An entry as the record that is written: AgentCore's vended log of a gateway, one JSON object
// (developer guide, "Gateway observability": resource_arn, event_timestamp, body, account_id,
// request_id, trace_id, span_id). Secrets are gone.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "vended/entry.h"

namespace toolgate::vended {

class Record {
 public:
  // `bytes`: about as long as it will be.
  explicit Record(std::size_t bytes) { text_.reserve(bytes); }

  // A member's raw value is what is appended to text() after it.
  std::string& begin(std::string_view name);

  // All members, or those that `only` names, in the record's order.
  [[nodiscard]] std::string print(std::span<const std::string> only) const;
  [[nodiscard]] std::string print() &&;

 private:
  static constexpr std::size_t members_count_max = 8;
  struct Member {
    std::string_view name;
    std::size_t at = 0;  // of its value in text_
  };
  [[nodiscard]] std::size_t end_of(std::size_t member) const;

  std::string text_;  // "{" and the members, without the closing brace
  std::array<Member, members_count_max> members_{};
  std::size_t count_ = 0;
};

// Makes records. What a request's secret members held is looked for in its answer too.
// Of one thread.
class Recorder {
 public:
  [[nodiscard]] Record record(const Entry& entry);

  static constexpr std::size_t open_count_max = 4'096;

 private:
  // Nothing: as it was.
  std::optional<std::string> changed_body(const Entry& entry, bool& is_error);

  TextMap<std::vector<std::string>> open_;  // by request and message: values of what has started
};

// A record of our own, that so many were not written.
[[nodiscard]] Record dropped_record(const Entry& of, std::uint64_t count);

}  // namespace toolgate::vended
