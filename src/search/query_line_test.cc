#include "search/query_line.h"

#include <array>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

using std::chrono::milliseconds;
constexpr QueryLine::Clock::time_point start{};

QueryLine::Query of(std::size_t bytes) {
  return {.texts = {std::string(bytes, 'x')}, .done = [](const auto&) {}};
}

// A text's vector is its length: who gets another's is seen.
QueryLine::Vectors lengths(std::span<const std::string> texts) {
  std::vector<Vector> vectors;
  for (const auto& text : texts) {
    vectors.push_back({.values = {}, .scale = static_cast<float>(text.size())});
  }
  return vectors;
}

// The sizes of the queries of the next pass.
std::vector<std::size_t> next(QueryLine& line) {
  std::vector<std::size_t> sizes;
  if (const auto pass = line.take()) {
    for (const auto& query : pass->queries) sizes.push_back(query.bytes);
  }
  return sizes;
}
using Sizes = std::vector<std::size_t>;

TEST(QueryLine, TakesTheShortestFirstAndAsManyAsAPassIsFor) {
  QueryLine line{4};
  for (const std::size_t bytes : {200U, 80U, 250U, 70U, 81U, 79U}) line.add(of(bytes), start);
  EXPECT_EQ(next(line), (Sizes{70, 79, 80, 81}));
  EXPECT_EQ(next(line), (Sizes{200}));
  EXPECT_EQ(next(line), (Sizes{250}));
  EXPECT_EQ(next(line), (Sizes{}));
  for (int i = 0; i < 6; ++i) line.add(of(5), start);
  EXPECT_EQ(next(line), (Sizes{5, 5, 5, 5}));
  EXPECT_EQ(next(line), (Sizes{5, 5}));
}

TEST(QueryLine, SharesNoPassWhereThatIsNotFaster) {
  QueryLine line;
  for (const std::size_t bytes : {20U, 10U}) line.add(of(bytes), start);
  EXPECT_EQ(next(line), (Sizes{10}));
  EXPECT_EQ(next(line), (Sizes{20}));
}

TEST(QueryLine, WhoNeedsNoPassDoesNotWaitForOne) {
  QueryLine line{4};
  line.add(of(10), start);
  line.add({.texts = {}, .done = [](const auto&) {}}, start);
  EXPECT_EQ(next(line), (Sizes{0}));
  EXPECT_EQ(next(line), (Sizes{10}));
}

TEST(QueryLine, LongOnesGoOneAtATimeAndAlone) {
  QueryLine line{4};
  for (int i = 0; i < 2; ++i) line.add(of(5'000), start);
  auto first = line.take();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->has_long_one);
  EXPECT_FALSE(line.take());
  line.add(of(10), start);
  EXPECT_EQ(next(line), (Sizes{10}));
  auto made = lengths(first->texts);
  line.finish(*std::move(first), std::move(made));
  EXPECT_EQ(next(line), (Sizes{5'000}));
}

TEST(QueryLine, ALongOneLetsShortOnesPassBetweenItsTexts) {
  QueryLine line{4};
  std::vector<float> answered;
  QueryLine::Query longest{.texts = {}, .done = [&](QueryLine::Vectors made) {
                             ASSERT_TRUE(made);
                             for (const Vector& one : *made) answered.push_back(one.scale);
                           }};
  for (const std::size_t bytes : {300U, 100U, 200U, 21U}) {
    longest.texts.emplace_back(bytes, 'x');
  }
  line.add(std::move(longest), start);
  const std::array<Sizes, 3> pieces{Sizes{300}, Sizes{100, 200}, Sizes{21}};
  for (const Sizes& piece : pieces) {
    auto pass = line.take();
    ASSERT_TRUE(pass);
    Sizes sizes;
    for (const auto& text : pass->texts) sizes.push_back(text.size());
    EXPECT_EQ(sizes, piece);
    line.add(of(10), start);
    EXPECT_EQ(next(line), (Sizes{10}));
    EXPECT_TRUE(answered.empty());
    auto made = lengths(pass->texts);
    line.finish(*std::move(pass), std::move(made));
  }
  EXPECT_EQ(answered, (std::vector<float>{300, 100, 200, 21}));
  EXPECT_FALSE(line.take());
}

TEST(QueryLine, NobodyIsOvertakenForLong) {
  QueryLine line{4};
  line.add(of(2'000), start);
  line.add(of(50), start + milliseconds{200});
  line.add(of(10), start + milliseconds{300});
  EXPECT_EQ(next(line), (Sizes{50}));
  EXPECT_EQ(next(line), (Sizes{2'000}));
  EXPECT_EQ(next(line), (Sizes{10}));
}

// Of callers who ask again at once, the one with the longest question gets its turn too.
TEST(QueryLine, AShortOneIsNotOvertakenByWhoComesMuchLater) {
  QueryLine line;
  line.add(of(120), start);
  line.add(of(60), start + milliseconds{1});
  line.add(of(60), start + milliseconds{2});
  line.add({.texts = {}, .done = [](const auto&) {}}, start + milliseconds{4});
  EXPECT_EQ(next(line), (Sizes{0}));
  EXPECT_EQ(next(line), (Sizes{60}));
  EXPECT_EQ(next(line), (Sizes{120}));
  EXPECT_EQ(next(line), (Sizes{60}));
}

TEST(QueryLine, GivesEveryQueryItsOwnVectorsOnceOnAnyNumberOfThreads) {
  QueryLine line{4};
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t bytes = i % 7 == 0 ? 1'000 : 10 + i % 50;
        line.add({.texts = {std::string(bytes, 'x'), std::string(bytes + 1, 'y')},
                  .done =
                      [&answered, bytes](QueryLine::Vectors made) {
                        const auto size = static_cast<float>(bytes);
                        if (made && made->size() == 2 && made->front().scale == size &&
                            made->back().scale == size + 1) {
                          ++answered;
                        }
                      }},
                 QueryLine::Clock::now());
        line.serve(lengths);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, 600);
}

TEST(QueryLine, TellsEveryQueryOfAPassThatItFailed) {
  QueryLine line{4};
  int failed = 0;
  for (const std::size_t bytes : {10U, 20U, 5'000U}) {
    auto query = of(bytes);
    query.done = [&](const auto& made) { failed += made ? 0 : 1; };
    line.add(std::move(query), start);
  }
  line.serve([](auto) -> QueryLine::Vectors { return fail(Code::invalid, "no model"); });
  EXPECT_EQ(failed, 3);
}

TEST(QueryLine, DropsWhatWaits) {
  QueryLine line{4};
  line.add(of(10), start);
  line.clear();
  EXPECT_FALSE(line.take());
}

}  // namespace
}  // namespace toolgate::search
