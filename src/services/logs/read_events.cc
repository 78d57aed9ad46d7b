// GetLogEvents and FilterLogEvents, and the tokens that lead on.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "aws/paging.h"
#include "services/logs/filter_pattern.h"
#include "services/logs/names.h"
#include "services/logs/service.h"

namespace toolgate::services::logs {
namespace {

using aws::Answer;
using aws::Call;
using journal::Event;
using journal::Position;
using journal::Query;

Position position_of(const Event& event) { return {event.timestamp, event.sequence}; }

std::string digits_of(Position position) {
  return fmt::format("{:020}{:020}", position.timestamp, position.sequence);
}
std::optional<Position> position_from(std::string_view digits) {
  constexpr std::size_t half = 20;
  if (digits.size() != 2 * half) return std::nullopt;
  Position position;
  const auto read = [](std::string_view part, auto& number) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    return error == std::errc{} && end == part.data() + part.size();
  };
  if (!read(digits.substr(0, half), position.timestamp) ||
      !read(digits.substr(half), position.sequence)) {
    return std::nullopt;
  }
  return position;
}

std::unexpected<Error> bad_token() {
  return fail(Code::invalid, "The specified nextToken is invalid.");
}

// The range of a call. `until` is exclusive; FilterLogEvents' endTime is not.
enum class EndTime : unsigned char { exclusive, inclusive };
Result<void> set_range(const Call& call, EndTime end_time, Query& query) {
  query.from = json::find_int(call.input, "startTime");
  query.until = json::find_int(call.input, "endTime");
  if (query.from && query.until && *query.from > *query.until) {
    return fail(Code::invalid, "startTime: expected a time that is not after endTime");
  }
  if (query.until && end_time == EndTime::inclusive) ++*query.until;
  if (const auto limit = json::find_int(call.input, "limit")) {
    query.events_count_max = static_cast<std::size_t>(*limit);
  }
  return {};
}

// "f/…/s" reads on from an event, "b/…/s" what is before one.
std::string stream_token(char direction, Position position) {
  return fmt::format("{}/{}/s", direction, digits_of(position));
}
Result<void> set_position(std::string_view token, Query& query) {
  const bool shaped = token.size() > 4 && token[1] == '/' && token.ends_with("/s");
  const auto position =
      shaped ? position_from(token.substr(2, token.size() - 4)) : std::optional<Position>{};
  if (!position || (token[0] != 'f' && token[0] != 'b')) return bad_token();
  if (token[0] == 'f') {
    query.after = position;
    query.end = Query::End::oldest;
  } else {
    query.before = position;
    query.end = Query::End::newest;
  }
  return {};
}

// A reader that follows keeps asking with the token it got; when there is nothing new it gets the
// same one (GetLogEvents, API reference).
void add_tokens(const Query& query, const std::vector<Event>& events, JsonObject& output) {
  Position first = query.before.value_or(query.after.value_or(Position{}));
  Position last = query.after.value_or(query.before.value_or(Position{}));
  if (!events.empty()) {
    first = position_of(events.front());
    last = position_of(events.back());
  }
  output["nextForwardToken"] = stream_token('f', last);
  output["nextBackwardToken"] = stream_token('b', first);
}

Task<Result<Answer>> get_log_events(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto key, group_named(call));
  Query query;
  query.streams = {aws::text(call, "logStreamName")};
  CO_TRY_DO(set_range(call, EndTime::exclusive, query));
  const bool from_head = json::find_bool(call.input, "startFromHead").value_or(false);
  query.end = from_head ? Query::End::oldest : Query::End::newest;
  if (const auto token = aws::text_if(call, "nextToken")) CO_TRY_DO(set_position(*token, query));
  CO_TRY(const auto found, co_await logs.journal.find(std::move(key), query));
  JsonArray events;
  for (const auto& event : found.events) {
    events.push_back(JsonObject{{"timestamp", event.timestamp},
                                {"message", event.text},
                                {"ingestionTime", event.ingested}});
  }
  JsonObject output{{"events", std::move(events)}};
  add_tokens(query, found.events, output);
  co_return Answer{std::move(output), {}};
}

Result<void> set_streams(const Call& call, Query& query) {
  const auto* names = json::find_array(call.input, "logStreamNames");
  const auto prefix = aws::text_if(call, "logStreamNamePrefix");
  if (names != nullptr && prefix) {
    return fail(Code::invalid,
                "logStreamNames and logStreamNamePrefix: expected one of them at most");
  }
  query.stream_prefix = prefix.value_or("");
  for (const Json& name : names != nullptr ? *names : JsonArray{}) {
    query.streams.emplace_back(std::string_view{name.get_string()});
  }
  return {};
}

Task<Result<Answer>> filter_log_events(Logs& logs, Call& call, net::Worker&) {
  CO_TRY(auto key, group_named(call));
  Query query;
  CO_TRY_DO(set_streams(call, query));
  CO_TRY_DO(set_range(call, EndTime::inclusive, query));
  CO_TRY(const auto matcher,
         parse_filter_pattern(aws::text_if(call, "filterPattern").value_or("")));
  if (matcher) query.matches = [matcher](std::string_view text) { return matcher->matches(text); };
  const bool oldest_first = json::find_bool(call.input, "startFromHead").value_or(true);
  query.end = oldest_first ? Query::End::oldest : Query::End::newest;
  CO_TRY(const auto page, aws::page_request(call, {.size = "limit"}));
  if (!page.after.empty()) {
    const auto position = position_from(page.after);
    if (!position) co_return bad_token();
    (oldest_first ? query.after : query.before) = position;
  }
  CO_TRY(auto found, co_await logs.journal.find(std::move(key), query));
  if (!oldest_first) std::ranges::reverse(found.events);
  JsonArray events;
  for (const auto& event : found.events) {
    events.push_back(JsonObject{{"logStreamName", event.stream},
                                {"timestamp", event.timestamp},
                                {"message", event.text},
                                {"ingestionTime", event.ingested},
                                {"eventId", digits_of(position_of(event))}});
  }
  JsonObject output{{"events", std::move(events)}, {"searchedLogStreams", JsonArray{}}};
  if (found.more && !found.events.empty()) {
    output["nextToken"] = aws::next_token(call, digits_of(position_of(found.events.back())));
  }
  co_return Answer{std::move(output), {}};
}

}  // namespace

void add_read_operations(Logs& logs, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(logs, "GetLogEvents", get_log_events));
  rows.push_back(aws::row(logs, "FilterLogEvents", filter_log_events));
}

}  // namespace toolgate::services::logs
