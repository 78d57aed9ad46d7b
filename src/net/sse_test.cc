#include "net/sse.h"

#include <vector>

#include <gtest/gtest.h>

namespace toolgate::net {
namespace {

struct Seen {
  std::string type, data, id;
  bool operator==(const Seen&) const = default;
};
void PrintTo(const Seen& seen, std::ostream* out) {
  *out << seen.type << "|" << seen.data << "|" << seen.id;
}

std::vector<Seen> parse(std::string_view text, std::size_t step) {
  std::vector<Seen> all;
  SseParser parser{1'000};
  for (std::size_t at = 0; at < text.size(); at += step) {
    const auto fed = parser.feed(text.substr(at, step), [&](const SseEvent& event) {
      all.push_back({std::string{event.type}, std::string{event.data}, std::string{event.id}});
      return true;
    });
    EXPECT_TRUE(fed);
  }
  return all;
}

TEST(SseParser, ReadsTheSameEventsWhateverThePieces) {
  const struct {
    std::string_view text;
    std::vector<Seen> events;
  } table[] = {
      {"data: a\n\n", {{"message", "a", ""}}},
      {"data:a\r\n\r\n", {{"message", "a", ""}}},
      {"data:  a\r\r", {{"message", " a", ""}}},
      {"event: x\ndata: 1\ndata: 2\nid: 7\n\ndata: 3\n\n",
       {{"x", "1\n2", "7"}, {"message", "3", "7"}}},
      {"\xEF\xBB\xBF"
       "data: a\n\n",
       {{"message", "a", ""}}},
      {": comment\n\ndata\n\n", {{"message", "", ""}}},
      {"data\ndata\n\n", {{"message", "\n", ""}}},
      {"event: x\n\ndata: y\n\n", {{"message", "y", ""}}},
      {"foo: bar\nretry: 10\ndata: {\"a\":1}\n\n", {{"message", "{\"a\":1}", ""}}},
      {"data: no end", {}},
      {"data: a\n", {}},
      {"id: a\ndata: 1\n\nid\ndata: 2\n\n", {{"message", "1", "a"}, {"message", "2", ""}}},
      {"\n\n\n", {}},
  };
  for (const auto& row : table) {
    for (const std::size_t step : {1UL, 2UL, 3UL, 1'000UL}) {
      EXPECT_EQ(parse(row.text, step), row.events) << row.text << " by " << step;
    }
  }
}

TEST(SseParser, PassesOverIdsWithNul) {
  EXPECT_EQ(parse(std::string_view{"id: a\0b\ndata: 1\n\n", 17}, 100),
            (std::vector<Seen>{{"message", "1", ""}}));
}

TEST(SseParser, StopsWhenTheCallbackSaysSo) {
  SseParser parser{100};
  int count = 0;
  EXPECT_TRUE(parser.feed("data: 1\n\ndata: 2\n\n", [&](const SseEvent&) {
    ++count;
    return false;
  }));
  EXPECT_EQ(count, 1);
}

TEST(SseParser, RefusesAnEventAboveTheLimit) {
  const auto ignore = [](const SseEvent&) { return true; };
  SseParser in_one_line{10};
  EXPECT_EQ(in_one_line.feed("data: 123456", ignore).error().code, Code::too_large);
  SseParser in_many_lines{10};
  Result<void> fed;
  for (int i = 0; i < 20 && fed; ++i) fed = in_many_lines.feed("data:\n", ignore);
  EXPECT_FALSE(fed);
  SseParser many_events{16};
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(many_events.feed("data: 12345\n\n", ignore));
}

}  // namespace
}  // namespace toolgate::net
