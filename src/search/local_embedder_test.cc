#include "search/local_embedder.h"

#include <atomic>
#include <cstdlib>
#include <optional>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "search/testing_model.h"

namespace toolgate::search {
namespace {

using Vectors = Result<std::vector<Vector>>;

std::string model_path() {
  testing_model();  // says what is missing
  return std::getenv("TOOLGATE_MODEL");
}

class LocalEmbedderTest : public ::testing::Test {
 protected:
  // What one query was given, and on which thread.
  struct Answer {
    Vectors vectors;
    std::thread::id thread;
    bool resumed_at_home = false;
  };

  static Task<void> ask(LocalEmbedderTest& test, std::vector<std::string> texts, Answer& answer,
                        std::size_t& left) {
    co_await test.embedder.embed_query(
        std::move(texts),
        [&answer](Vectors made) {
          answer.vectors = std::move(made);
          answer.thread = std::this_thread::get_id();
        },
        test.worker, within(std::chrono::seconds{2}), test.pool);
    answer.resumed_at_home = std::this_thread::get_id() == test.home;
    --left;
  }
  static Task<void> read(LocalEmbedderTest& test, std::vector<std::string> texts,
                         Embedder::Purpose purpose, std::optional<Vectors>& made) {
    made = co_await test.embedder.embed(std::move(texts), purpose, test.worker,
                                        within(std::chrono::seconds{60}));
  }

  std::vector<Answer> ask_all(const std::vector<std::vector<std::string>>& queries) {
    std::vector<Answer> answers(queries.size());
    std::size_t left = queries.size();
    for (std::size_t i = 0; i < queries.size(); ++i) {
      boost::asio::co_spawn(io, ask(*this, queries[i], answers[i], left), boost::asio::detached);
    }
    const auto guard = boost::asio::make_work_guard(io);
    io.restart();
    while (left > 0) io.run_one();
    return answers;
  }
  Vectors embed(std::vector<std::string> texts, Embedder::Purpose purpose) {
    std::optional<Vectors> made;
    boost::asio::co_spawn(io, read(*this, std::move(texts), purpose, made), boost::asio::detached);
    const auto guard = boost::asio::make_work_guard(io);
    io.restart();
    while (!made) io.run_one();
    return *std::move(made);
  }

  boost::asio::io_context io{1};
  net::Worker worker{0, io};
  Offload pool{1};
  std::thread::id home = std::this_thread::get_id();
  LocalEmbedder embedder{model_path()};
};

TEST_F(LocalEmbedderTest, EveryQueryGetsItsOwnVectorsOffTheThreadThatAsks) {
  std::vector<std::vector<std::string>> queries;
  for (int i = 0; i < 20; ++i) {
    queries.push_back({"tool number " + std::to_string(i)});
    // One with more than fits into a pass.
    if (i % 7 == 3) queries.back().resize(9, queries.back().front() + std::string(40, 'a'));
  }
  const auto answers = ask_all(queries);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    ASSERT_TRUE(answers[i].vectors);
    EXPECT_NE(answers[i].thread, home);
    EXPECT_TRUE(answers[i].resumed_at_home);
    const auto same = embed(queries[i], Embedder::Purpose::document);
    ASSERT_TRUE(same);
    ASSERT_EQ(answers[i].vectors->size(), queries[i].size());
    for (std::size_t t = 0; t < same->size(); ++t) {
      EXPECT_EQ((*answers[i].vectors)[t].values, (*same)[t].values);
    }
  }
  const auto awaited = embed(queries[0], Embedder::Purpose::query);
  ASSERT_TRUE(awaited);
  EXPECT_EQ(awaited->front().values, answers[0].vectors->front().values);
}

TEST_F(LocalEmbedderTest, TellsTheNextOneWhenTooManyWait) {
  std::string text;  // so long that each is a pass of its own
  while (text.size() < 200) text += "one of many ";
  const auto answers = ask_all(std::vector<std::vector<std::string>>(50, {text}));
  std::size_t refused = 0;
  for (const auto& answer : answers) {
    if (answer.vectors) continue;
    EXPECT_EQ(answer.vectors.error().code, Code::throttled);
    EXPECT_NE(answer.thread, home);
    ++refused;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_LE(refused, 50U - 32U);
}

TEST_F(LocalEmbedderTest, WithoutTextsAQueryOnlyWantsAThread) {
  const auto answers = ask_all({{}});
  ASSERT_TRUE(answers[0].vectors);
  EXPECT_TRUE(answers[0].vectors->empty());
  EXPECT_NE(answers[0].thread, home);
}

TEST_F(LocalEmbedderTest, ReadsItsWordsAgainAfterARest) {
  const auto before = embed({"the weather of tomorrow"}, Embedder::Purpose::document);
  embedder.rest();
  const auto after = embed({"the weather of tomorrow"}, Embedder::Purpose::document);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->front().values, after->front().values);
}

TEST_F(LocalEmbedderTest, SaysThatTheServerEnds) {
  embedder.stop();
  const auto answers = ask_all({{"too late"}});
  ASSERT_FALSE(answers[0].vectors);
  EXPECT_EQ(answers[0].vectors.error().code, Code::unavailable);
}

}  // namespace
}  // namespace toolgate::search
