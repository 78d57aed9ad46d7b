// PutLogEvents: order, ages and sizes, and which events are rejected.
#include <fmt/format.h>

#include "json/members.h"
#include "services/logs/names.h"
#include "services/logs/service.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;

// PutLogEvents, API reference: each event counts 26 bytes beside its text.
constexpr std::size_t batch_bytes_max = 1'048'576;
constexpr std::size_t event_overhead_bytes = 26;
constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t batch_span_ms_max = day_ms;
constexpr std::int64_t future_ms_max = 2 * hour_ms;
constexpr std::int64_t past_ms_max = 14 * day_ms;

Result<std::vector<journal::Journal::Line>> lines_of(const JsonArray& events) {
  std::vector<journal::Journal::Line> lines;
  std::size_t bytes = 0;
  for (const Json& event : events) {
    lines.push_back(
        {json::find_int(event, "timestamp").value_or(0), json::member(event, "message")});
    bytes += lines.back().text.size() + event_overhead_bytes;
    if (lines.size() > 1 && lines.back().timestamp < lines[lines.size() - 2].timestamp) {
      return fail(Code::invalid,
                  "Log events in a single PutLogEvents request must be in chronological order.");
    }
  }
  if (bytes > batch_bytes_max) {
    return fail(Code::invalid, fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes,
                                           batch_bytes_max));
  }
  if (lines.back().timestamp - lines.front().timestamp > batch_span_ms_max) {
    return fail(Code::invalid,
                "The batch of log events in a single PutLogEvents request cannot "
                "span more than 24 hours.");
  }
  return lines;
}

// Takes out what is too old, expired or too new, and says which: they are at the two ends.
JsonObject reject(std::vector<journal::Journal::Line>& lines, std::int64_t now,
                  std::optional<int> retention_days) {
  JsonObject rejected;
  std::size_t too_old = 0;
  std::size_t expired = 0;
  std::size_t kept_end = lines.size();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::int64_t timestamp = lines[i].timestamp;
    if (timestamp < now - past_ms_max) too_old = i + 1;
    if (retention_days && timestamp < now - *retention_days * day_ms) expired = i + 1;
    if (timestamp > now + future_ms_max && kept_end == lines.size()) kept_end = i;
  }
  if (too_old > 0) rejected["tooOldLogEventEndIndex"] = too_old;
  if (expired > 0) rejected["expiredLogEventEndIndex"] = expired;
  if (kept_end < lines.size()) rejected["tooNewLogEventStartIndex"] = kept_end;
  lines.resize(kept_end);
  const auto begin = std::min(kept_end, std::max(too_old, expired));
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(begin));
  return rejected;
}

Task<Result<Answer>> put_log_events(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto lines, lines_of(*json::find_array(call.input, "logEvents")));
  const auto key = group_of(call, aws::text(call, "logGroupName"));
  const auto info = logs.journal.group(key);
  if (!info) co_return fail(Code::not_found, "The specified log group does not exist.");
  JsonObject rejected = reject(lines, milliseconds_of(call.now), info->retention_days);
  CO_TRY_DO(
      named(co_await logs.journal.put(key, aws::text(call, "logStreamName"), std::move(lines))));
  // Tokens are not asked for any more, but old clients read one.
  JsonObject output{{"nextSequenceToken", "0"}};
  if (!rejected.empty()) output["rejectedLogEventsInfo"] = std::move(rejected);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_write_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "PutLogEvents", put_log_events));
}

}  // namespace toolgate::services::logs
