#include "search/query_line.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

using std::chrono::milliseconds;
constexpr QueryLine::Clock::time_point start{};

QueryLine::Query of(std::size_t bytes) {
  return {.texts = {std::string(bytes, 'x')}, .run = [](const auto&) {}};
}

std::size_t next(QueryLine& line, milliseconds later = {}) {
  const auto query = line.take(start + later);
  return query ? query->bytes : 0;
}

TEST(QueryLine, GivesTheShortestFirst) {
  QueryLine line;
  for (const std::size_t bytes : {30U, 10U, 20U}) line.add(of(bytes), start);
  EXPECT_EQ(next(line), 10U);
  EXPECT_EQ(next(line), 20U);
  EXPECT_EQ(next(line), 30U);
  EXPECT_EQ(next(line), 0U);
}

TEST(QueryLine, LongOnesGoOneAtATime) {
  QueryLine line;
  for (int i = 0; i < 2; ++i) line.add(of(5'000), start);
  const auto first = line.take(start);
  ASSERT_TRUE(first);
  EXPECT_FALSE(line.take(start));
  line.add(of(10), start);
  EXPECT_EQ(next(line), 10U);
  line.finished(*first);
  EXPECT_EQ(next(line), 5'000U);
}

TEST(QueryLine, NobodyIsOvertakenForLong) {
  QueryLine line;
  line.add(of(2'000), start);
  line.add(of(50), start + milliseconds{200});
  line.add(of(10), start + milliseconds{300});
  EXPECT_EQ(next(line, milliseconds{300}), 2'000U);
  EXPECT_EQ(next(line, milliseconds{300}), 10U);
}

TEST(QueryLine, RunsEveryQueryOnceOnAnyNumberOfThreads) {
  QueryLine line;
  std::atomic<int> ran = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 200; ++i) {
        auto query = of(i % 7 == 0 ? 1'000 : 10);
        query.run = [&](const auto&) { ++ran; };
        line.add(std::move(query), QueryLine::Clock::now());
        line.serve();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ran, 600);
}

TEST(QueryLine, DropsWhatWaits) {
  QueryLine line;
  line.add(of(10), start);
  line.clear();
  EXPECT_EQ(next(line), 0U);
}

}  // namespace
}  // namespace toolgate::search
