// The words of the journal: groups hold streams, streams hold events.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace toolgate::journal {

struct GroupKey {
  std::string account;
  std::string region;
  std::string name;
  auto operator<=>(const GroupKey&) const = default;
};

struct Event {
  std::string stream;
  std::int64_t timestamp = 0;  // ms since 1970, as whoever wrote it says
  std::int64_t ingested = 0;   // ms since 1970, by our clock
  std::uint64_t sequence = 0;  // grows within a group, never repeats
  std::string text;
};

// Events are ordered by time, and among equals as they came.
struct Position {
  std::int64_t timestamp = 0;
  std::uint64_t sequence = 0;
  auto operator<=>(const Position&) const = default;
};

struct GroupInfo {
  std::string name;
  std::int64_t created = 0;
  std::uint64_t bytes = 0;  // on disk
  std::optional<int> retention_days;
  JsonObject attributes;  // tags and whatever else its owner wants kept
};

struct StreamInfo {
  std::string name;
  std::int64_t created = 0;
  std::uint64_t bytes = 0;  // of texts
  // Of the events; nothing while there is none.
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> last;
  std::optional<std::int64_t> last_ingested;
};

struct Query {
  std::vector<std::string> streams;  // empty: all
  std::string stream_prefix;
  std::optional<std::int64_t> from;   // timestamp, inclusive
  std::optional<std::int64_t> until;  // timestamp, exclusive
  std::optional<Position> after;      // exclusive
  std::optional<Position> before;     // exclusive
  // Which end of what matches is wanted; the events come oldest first in both cases.
  enum class End : std::uint8_t { oldest, newest };
  End end = End::oldest;
  std::size_t events_count_max = 10'000;
  std::size_t bytes_max = 1024 * 1024;                 // of texts; one event comes at least
  std::function<bool(std::string_view text)> matches;  // empty: all
};

struct Found {
  std::vector<Event> events;
  bool more = false;  // beyond them, at the end that was not wanted
};

}  // namespace toolgate::journal
