#include "search/ranking.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

constexpr std::size_t width = 64;

Vector direction(std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> values(width);
  for (float& value : values) value = normal(random);
  return to_vector(values);
}

// Thousands of documents of few words and any direction, a third of them twice.
struct Many {
  std::shared_ptr<const Index> index;
  VectorTable table{width};
  Request request;

  explicit Many(std::size_t count) {
    std::mt19937 random{11};
    std::vector<std::string> names;
    std::vector<Vector> vectors;
    for (std::size_t i = 0; i < count; ++i) {
      const bool again = i > 0 && random() % 3 == 0;
      names.push_back(again ? names.back() : fmt::format("w{} v{}", random() % 40, random() % 9));
      vectors.push_back(again ? vectors.back() : direction(random));
      table.add(vectors.back());
    }
    const auto doc = [&](std::size_t i) { return Doc{.prefix = {}, .name = names[i]}; };
    index = Index::build(count, doc, Words::beside_meaning);
    request.parts = {"w7 v3 w21", "w7 v3", "w21"};
    for (int i = 0; i < 3; ++i) request.vectors.push_back(direction(random));
  }
};

std::vector<std::size_t> docs_of(const std::vector<Hit>& hits) {
  std::vector<std::size_t> docs;
  for (const Hit& hit : hits) docs.push_back(hit.doc);
  return docs;
}

TEST(Rank, GivesTheFirstOfWhatItGivesOfAll) {
  Many many{3'000};
  for (const VectorTable* table : {static_cast<const VectorTable*>(&many.table), {}}) {
    many.request.limit = 3'000;
    const auto all = rank(*many.index, table, many.request);
    ASSERT_GT(all.size(), 100U);
    for (std::size_t i = 1; i < all.size(); ++i) {
      const bool falls = all[i - 1].score > all[i].score ||
                         (all[i - 1].score == all[i].score && all[i - 1].doc < all[i].doc);
      ASSERT_TRUE(falls) << i;
      EXPECT_GT(all[i].score, 0);
    }
    for (const std::size_t limit : {0U, 1U, 2U, 10U, 50U}) {
      many.request.limit = limit;
      auto first = docs_of(all);
      first.resize(limit);
      EXPECT_EQ(docs_of(rank(*many.index, table, many.request)), first) << limit;
    }
  }
}

TEST(Rank, AScoreIsTheWeighedSumOfWhatItIsMadeOf) {
  Many many{200};
  const auto hits = rank(*many.index, &many.table, many.request);
  ASSERT_EQ(hits.size(), 10U);
  for (const Hit& hit : hits) {
    EXPECT_NEAR(hit.score, (0.3 * hit.relevance + 0.1 * hit.coverage + hit.cosine) / 1.4, 1e-6);
  }
}

TEST(Rank, ShowsNobodyWhatIsNotAdmitted) {
  Many many{500};
  many.request.admits = [](std::size_t doc) { return doc % 5 == 0; };
  const auto hits = rank(*many.index, &many.table, many.request);
  ASSERT_EQ(hits.size(), 10U);
  for (const Hit& hit : hits) EXPECT_EQ(hit.doc % 5, 0U);
}

// A posting tells its document by the distance from the one before, in 16 bits.
TEST(Rank, FindsDocumentsFarApart) {
  constexpr std::size_t count = 200'000;
  const auto doc = [](std::size_t i) {
    const bool rare = i == 3 || i == 65'538 || i == 65'539 + 65'535 || i == count - 1;
    return Doc{.prefix = {}, .name = rare ? "rare" : "other"};
  };
  const auto index = Index::build(count, doc);
  const auto hits =
      rank(*index, nullptr, {.parts = {"rare"}, .vectors = {}, .limit = 10, .admits = {}});
  EXPECT_EQ(docs_of(hits), (std::vector<std::size_t>{3, 65'538, 131'074, count - 1}));
  EXPECT_EQ(index->matched("a rare one", count - 1), (std::vector<std::string>{"rare"}));
  EXPECT_TRUE(index->matched("a rare one", 4).empty());
}

// A service may change what a model's name stands for.
TEST(Rank, GoesByWordsWhereTheVectorsAreOfAnotherLength) {
  Many many{500};
  const auto by_words = docs_of(rank(*many.index, nullptr, many.request));
  many.request.vectors.back() = to_vector(std::vector<float>(width + 1, 1.F));
  const auto hits = rank(*many.index, &many.table, many.request);
  EXPECT_EQ(docs_of(hits), by_words);
  EXPECT_EQ(hits.front().cosine, 0);
}

}  // namespace
}  // namespace toolgate::search
