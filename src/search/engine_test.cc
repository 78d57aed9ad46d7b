// The engine with an embedder of the test's own and the store in memory.
#include "search/engine.h"

#include <atomic>
#include <chrono>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/run_task.h"
#include "store/memory/memory_store.h"

namespace toolgate::search {
namespace {

// A text's direction is the place of its first letter: texts that begin alike are near.
class LetterEmbedder final : public Embedder {
 public:
  struct Told {
    std::vector<std::string> documents;  // that were embedded, one after the other
    std::size_t queries = 0;
    std::size_t failures = 0;  // how many of the next calls fail
    std::string id = "letters";
    std::size_t width = 26;
  };
  explicit LetterEmbedder(Told& told) : told_{told} {}

  Task<Result<std::string>> id() override { co_return told_.id; }
  Task<Result<std::vector<Vector>>> embed(std::vector<std::string> texts, Purpose purpose,
                                          net::Worker& /*worker*/, Deadline /*at*/) override {
    if (told_.failures > 0) {
      --told_.failures;
      co_return fail(Code::unavailable, "not now");
    }
    std::vector<Vector> vectors;
    for (const auto& text : texts) {
      std::vector<float> values(told_.width);
      if (!text.empty()) values[static_cast<std::size_t>(text[0] - 'a') % 26] = 1;
      vectors.push_back(to_vector(values));
      if (purpose == Purpose::document) told_.documents.push_back(text);
    }
    if (purpose == Purpose::query) ++told_.queries;
    co_return vectors;
  }
  [[nodiscard]] std::size_t batch() const override { return 2; }

 private:
  Told& told_;
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    store::Batch batch;
    batch.puts.push_back({.key = gateway, .body = "{}"});
    EXPECT_TRUE(run(store->commit(std::move(batch))));
  }

  template <class T>
  T run(Task<T> task) {
    return run_task(io, std::move(task));
  }
  // Runs until `reached` or for ten seconds.
  bool until(const std::function<bool()>& reached) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    const auto guard = boost::asio::make_work_guard(io);
    io.restart();
    while (!reached() && std::chrono::steady_clock::now() < end) {
      io.run_one_for(std::chrono::milliseconds{50});
    }
    return reached();
  }

  std::unique_ptr<Engine> engine() {
    return std::make_unique<Engine>(
        Engine::Options{.store = store.get(),
                        .offload = &offload,
                        .background = &worker,
                        .embedder = std::make_unique<LetterEmbedder>(told)});
  }
  std::shared_ptr<Finder> finder(const std::vector<std::string>& names) {
    std::vector<Doc> docs;
    for (const auto& name : names) docs.push_back({.name = name, .description = "x"});
    return std::make_shared<Finder>(gateway, docs, Words::beside_meaning);
  }
  // With its vectors.
  std::shared_ptr<Finder> filled(Engine& with, const std::vector<std::string>& names) {
    auto made = finder(names);
    with.add(made);
    EXPECT_TRUE(until([&] { return made->vectors() != nullptr; }));
    return made;
  }
  std::vector<std::size_t> found(Engine& with, const std::shared_ptr<Finder>& in,
                                 std::string query) {
    std::vector<std::size_t> docs;
    const auto hits = run(with.find(in, {.query = std::move(query)}, worker));
    for (const Hit& hit : hits) docs.push_back(hit.doc);
    return docs;
  }

  store::Key gateway{.account = "1", .region = "r", .kind = "gateway", .id = "g"};
  SystemClock clock;
  boost::asio::io_context io{1};
  net::Worker worker{0, io};
  std::unique_ptr<store::Store> store = store::make_memory_store(clock);
  LetterEmbedder::Told told;
  Offload offload{2};
};

TEST_F(EngineTest, FindsByWordsAtOnceAndByMeaningOnceThereAreVectors) {
  const auto searcher = engine();
  const auto tools = finder({"alpha", "beta", "gamma"});
  EXPECT_EQ(found(*searcher, tools, "beta"), (std::vector<std::size_t>{1}));
  EXPECT_TRUE(found(*searcher, tools, "gnu").empty());
  searcher->add(tools);
  ASSERT_TRUE(until([&] { return tools->vectors() != nullptr; }));
  EXPECT_EQ(found(*searcher, tools, "gnu"), (std::vector<std::size_t>{2}));
  EXPECT_NE(searcher->exposition().find("toolgate_search_by_meaning_total 1\n"), std::string::npos);
  EXPECT_EQ(tools->texts(), nullptr);
}

TEST_F(EngineTest, EmbedsOnlyWhatChanged) {
  const auto searcher = engine();
  const auto before = filled(*searcher, {"alpha", "beta", "gamma"});
  EXPECT_EQ(told.documents.size(), 3U);
  const auto after = filled(*searcher, {"gamma", "delta", "alpha"});
  EXPECT_EQ(told.documents.size(), 4U);
  EXPECT_EQ(told.documents.back().substr(0, 5), "delta");
  EXPECT_EQ(found(*searcher, after, "dodo"), (std::vector<std::size_t>{1}));
  EXPECT_EQ(found(*searcher, after, "anything"), (std::vector<std::size_t>{2}));
}

TEST_F(EngineTest, EmbedsNothingAfterARestart) {
  filled(*engine(), {"alpha", "beta", "gamma"});
  told.documents.clear();
  const auto again = engine();
  const auto tools = filled(*again, {"alpha", "beta", "gamma"});
  EXPECT_TRUE(told.documents.empty());
  EXPECT_EQ(found(*again, tools, "gnu"), (std::vector<std::size_t>{2}));
  // Another model's vectors are others.
  told.id = "other letters";
  filled(*engine(), {"alpha", "beta", "gamma"});
  EXPECT_EQ(told.documents.size(), 3U);
}

TEST_F(EngineTest, EqualToolsAreEmbeddedOnce) {
  filled(*engine(), std::vector<std::string>(50, "same"));
  EXPECT_EQ(told.documents.size(), 1U);
}

TEST_F(EngineTest, GoesByWordsWhileTheEmbedderFails) {
  const auto searcher = engine();
  const auto tools = filled(*searcher, {"alpha", "beta"});
  told.failures = 1;
  EXPECT_EQ(found(*searcher, tools, "beta"), (std::vector<std::size_t>{1}));
  EXPECT_NE(searcher->exposition().find("toolgate_search_query_failures_total 1\n"),
            std::string::npos);
  EXPECT_EQ(found(*searcher, tools, "bull"), (std::vector<std::size_t>{1}));
}

TEST_F(EngineTest, NothingIsEmbeddedForAGatewayWithoutTools) {
  const auto searcher = engine();
  const auto tools = filled(*searcher, {});
  EXPECT_TRUE(found(*searcher, tools, "beta").empty());
  EXPECT_EQ(told.queries, 0U);
  EXPECT_TRUE(searcher->exposition().contains("toolgate_search_query_failures_total 0\n"));
}

// What stands behind a service's model name may change.
TEST_F(EngineTest, VectorsOfAnotherLengthAreMadeAgain) {
  filled(*engine(), {"alpha", "beta"});
  const auto searcher = engine();
  const auto tools = filled(*searcher, {"alpha", "beta"});
  told.width = 30;
  EXPECT_EQ(found(*searcher, tools, "beta"), (std::vector<std::size_t>{1}));
  EXPECT_TRUE(found(*searcher, tools, "bull").empty());
  EXPECT_TRUE(searcher->exposition().contains("toolgate_search_by_words_total 2\n"));
  EXPECT_TRUE(searcher->exposition().contains("toolgate_search_query_failures_total 2\n"));
  const auto after = filled(*searcher, {"alpha", "beta", "gamma"});
  EXPECT_EQ(after->vectors()->table.width(), 30U);
  EXPECT_EQ(found(*searcher, after, "gnu"), (std::vector<std::size_t>{2}));
  // What is kept is of the new length alone.
  told.documents.clear();
  EXPECT_EQ(filled(*engine(), {"alpha", "beta", "gamma"})->vectors()->table.width(), 30U);
  EXPECT_TRUE(told.documents.empty());
}

TEST_F(EngineTest, TriesAgainAfterAFailure) {
  told.failures = 1;
  const auto searcher = engine();
  filled(*searcher, {"alpha"});
  EXPECT_NE(searcher->exposition().find("toolgate_search_embedding_failures_total 1\n"),
            std::string::npos);
}

TEST_F(EngineTest, KnowsTheQueriesOfLate) {
  const auto searcher = engine();
  const auto tools = filled(*searcher, {"alpha", "beta"});
  for (int i = 0; i < 3; ++i) found(*searcher, tools, "bull");
  EXPECT_EQ(told.queries, 1U);
}

TEST_F(EngineTest, ForgetsADeletedGateway) {
  const auto searcher = engine();
  filled(*searcher, {"alpha", "beta"});
  const store::Key vectors{.account = "1", .region = "r", .kind = "tool_vectors", .id = "g/"};
  const auto count = [&] { return run(store->list(vectors, 100, ""))->documents.size(); };
  EXPECT_GT(count(), 0U);
  searcher->forget(gateway);
  EXPECT_TRUE(until([&] { return count() == 0; }));
}

TEST_F(EngineTest, ShowsOnlyWhatTheCallerMaySee) {
  const auto searcher = engine();
  const auto tools = filled(*searcher, {"alpha one", "alpha two", "alpha three"});
  Question question{
      .query = "alpha", .limit = 1, .admits = [](std::size_t doc) { return doc == 2; }};
  const auto hits = run(searcher->find(tools, std::move(question), worker));
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].doc, 2U);
}

}  // namespace
}  // namespace toolgate::search
