// Finding events: segments that matter, in order of time, and of those the wanted end.
#include <algorithm>
#include <queue>

#include "journal/group.h"

namespace toolgate::journal {
namespace {

Position position_of(const Event& event) { return {event.timestamp, event.sequence}; }

// The first (or last) events that were shown to it, no more than the bounds allow.
class Nearest {
 public:
  Nearest(Query::End end, std::size_t count_max, std::size_t bytes_max)
      : newest_{end == Query::End::newest}, count_max_{count_max}, bytes_max_{bytes_max} {}

  // Whether an event there could still come in.
  [[nodiscard]] bool wants(Position position) const {
    if (!full_) return true;
    const Position farthest = position_of(events_.front());
    return newest_ ? position > farthest : position < farthest;
  }
  void add(Event event) {
    if (!wants(position_of(event))) {
      more_ = true;
      return;
    }
    bytes_ += event.text.size();
    events_.push_back(std::move(event));
    std::ranges::push_heap(events_, nearer());
    // All but the farthest fill the page: it will never come in again.
    while (events_.size() > 1 &&
           (events_.size() > count_max_ || bytes_ - events_.front().text.size() >= bytes_max_)) {
      std::ranges::pop_heap(events_, nearer());
      bytes_ -= events_.back().text.size();
      events_.pop_back();
      more_ = true;
    }
    full_ = events_.size() == count_max_ || bytes_ >= bytes_max_;
  }
  void leave_out() { more_ = true; }
  Found take() {
    std::ranges::sort(events_, {}, position_of);
    return {.events = std::move(events_), .more = more_};
  }

 private:
  // Of two, the one farther from the wanted end stands on top of the heap.
  [[nodiscard]] std::function<bool(const Event&, const Event&)> nearer() const {
    return [newest = newest_](const Event& a, const Event& b) {
      return newest ? position_of(b) < position_of(a) : position_of(a) < position_of(b);
    };
  }

  bool newest_;
  std::size_t count_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  bool full_ = false;
  bool more_ = false;
  std::vector<Event> events_;
};

bool in_range(const Query& query, std::int64_t oldest, Position position) {
  return position.timestamp >= std::max(oldest, query.from.value_or(oldest)) &&
         (!query.until || position.timestamp < *query.until) &&
         (!query.after || position > *query.after) && (!query.before || position < *query.before);
}

bool may_hold(const Query& query, std::int64_t oldest, const Contents& contents) {
  return contents.last >= std::max(oldest, query.from.value_or(oldest)) &&
         (!query.until || contents.first < *query.until) &&
         (!query.after || contents.last >= query.after->timestamp) &&
         (!query.before || contents.first <= query.before->timestamp);
}

}  // namespace

Result<std::map<std::uint32_t, std::string>> Group::wanted(const Query& query) const {
  const std::scoped_lock lock{mutex_};
  std::map<std::uint32_t, std::string> ids;
  if (query.streams.empty()) {
    for (const auto& [name, row] : streams_) {
      if (name.starts_with(query.stream_prefix)) ids[row.id] = name;
    }
    return ids;
  }
  for (const auto& name : query.streams) {
    const auto found = streams_.find(name);
    if (found == streams_.end()) {
      return fail(Code::not_found, "The specified log stream does not exist.");
    }
    ids[found->second.id] = name;
  }
  return ids;
}

std::vector<Group::View> Group::views() const {
  const std::scoped_lock lock{mutex_};
  std::vector<View> all;
  for (const auto& segment : segments_) {
    if (segment->contents().size > 0) all.push_back({segment, segment->contents()});
  }
  return all;
}

Result<Found> Group::find(const Query& query, std::int64_t oldest) const {
  TRY(const auto streams, wanted(query));
  auto segments = views();
  const bool newest = query.end == Query::End::newest;
  std::ranges::sort(segments, [newest](const View& a, const View& b) {
    return newest ? a.contents.last > b.contents.last : a.contents.first < b.contents.first;
  });
  Nearest nearest{query.end, std::max<std::size_t>(1, query.events_count_max), query.bytes_max};
  for (const auto& [segment, contents] : segments) {
    const auto holds = [&](const auto& part) { return streams.contains(part.first); };
    if (!may_hold(query, oldest, contents) || std::ranges::none_of(contents.streams, holds)) {
      continue;
    }
    // Nothing in this one, nor in those behind it, is nearer than what was found.
    const Position nearest_here =
        newest ? Position{contents.last, ~0ULL} : Position{contents.first, 0};
    if (!nearest.wants(nearest_here)) {
      nearest.leave_out();
      break;
    }
    TRY(const std::string bytes, segment->read(contents.size));
    std::string_view rest = bytes;
    while (const auto record = take_record(rest)) {
      const auto stream = streams.find(record->stream);
      if (stream == streams.end() || !in_range(query, oldest, record->position)) continue;
      if (query.matches && !query.matches(record->text)) continue;
      nearest.add({.stream = stream->second,
                   .timestamp = record->position.timestamp,
                   .ingested = record->ingested,
                   .sequence = record->position.sequence,
                   .text = std::string{record->text}});
    }
  }
  return nearest.take();
}

}  // namespace toolgate::journal
