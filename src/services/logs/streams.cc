// Log streams, by name and by their last event.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "aws/paging.h"
#include "services/logs/names.h"
#include "services/logs/service.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;
using journal::StreamInfo;

Task<Result<Answer>> create_log_stream(Logs& logs, Call& call, net::Worker&) {
  CO_TRY_DO(named(co_await logs.journal.create_stream(
      group_of(call, aws::text(call, "logGroupName")), aws::text(call, "logStreamName"))));
  co_return Answer{};
}

Task<Result<Answer>> delete_log_stream(Logs& logs, Call& call, net::Worker&) {
  CO_TRY_DO(co_await logs.journal.delete_stream(group_of(call, aws::text(call, "logGroupName")),
                                                aws::text(call, "logStreamName")));
  co_return Answer{};
}

JsonObject stream_shape(const Call& call, std::string_view group, const StreamInfo& info) {
  const auto resource = fmt::format("log-group:{}:log-stream:{}", group, info.name);
  JsonObject shape{{"logStreamName", info.name},
                   {"creationTime", info.created},
                   {"arn", arn_of(call, resource)},
                   // Zero since 2019 (LogStream, API reference).
                   {"storedBytes", 0},
                   {"uploadSequenceToken", "0"}};
  if (info.first) shape["firstEventTimestamp"] = *info.first;
  if (info.last) shape["lastEventTimestamp"] = *info.last;
  if (info.last_ingested) shape["lastIngestionTime"] = *info.last_ingested;
  return shape;
}

// Where a stream stands in the listing: by name, or by its last event and then by name.
struct Rank {
  std::int64_t time = 0;
  std::string name;
  auto operator<=>(const Rank&) const = default;
};

Result<Rank> rank_of_token(const std::string& token) {
  const auto colon = token.find(':');
  Rank rank{.name = colon == std::string::npos ? "" : token.substr(colon + 1)};
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), rank.time);
  if (error != std::errc{} || end != token.data() + colon) {
    return fail(Code::invalid, "The specified nextToken is invalid.");
  }
  return rank;
}

Task<Result<Answer>> describe_log_streams(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(const auto page, aws::page_request(call, {.size = "limit", .default_size = 50}));
  CO_TRY(const auto key, group_named(call));
  const bool by_time = aws::text_if(call, "orderBy") == "LastEventTime";
  const bool descending = json::find_bool(call.input, "descending").value_or(false);
  const auto prefix = aws::text_if(call, "logStreamNamePrefix");
  if (by_time && prefix) {
    co_return fail(Code::invalid, "Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  CO_TRY(const auto infos, logs.journal.streams(key, prefix.value_or("")));
  std::vector<std::pair<Rank, const StreamInfo*>> ranked;
  for (const auto& info : infos) {
    ranked.push_back({{by_time ? info.last.value_or(0) : 0, info.name}, &info});
  }
  std::ranges::sort(ranked, [descending](const auto& a, const auto& b) {
    return descending ? b.first < a.first : a.first < b.first;
  });
  std::optional<Rank> after;
  if (!page.after.empty()) {
    CO_TRY(after, rank_of_token(page.after));
  }
  JsonArray shapes;
  std::string next;
  const Rank* last = nullptr;
  for (const auto& [rank, info] : ranked) {
    if (after && !(descending ? rank < *after : *after < rank)) continue;
    if (shapes.size() == page.size) {
      next = fmt::format("{}:{}", last->time, last->name);
      break;
    }
    last = &rank;
    shapes.push_back(stream_shape(call, key.name, *info));
  }
  JsonObject output{{"logStreams", std::move(shapes)}};
  if (!next.empty()) output["nextToken"] = aws::next_token(call, next);
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_stream_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "CreateLogStream", create_log_stream));
  rows.push_back(aws::row(logs, "DeleteLogStream", delete_log_stream));
  rows.push_back(aws::row(logs, "DescribeLogStreams", describe_log_streams));
}

}  // namespace toolgate::services::logs
