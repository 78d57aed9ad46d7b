#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/asio/detached.hpp>

#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

// Collects what the listener hears, from whatever thread.
class Heard {
 public:
  struct Commit {
    Version version;
    std::vector<Change> changes;
  };

  Store::Listener listener() {
    return [this](Version version, const std::vector<Change>& changes) {
      const std::lock_guard lock{mutex_};
      commits_.push_back({version, changes});
      grown_.notify_all();
    };
  }

  std::vector<Commit> wait_for_commits(std::size_t count) {
    std::unique_lock lock{mutex_};
    grown_.wait_for(lock, std::chrono::seconds{20}, [&] { return commits_.size() >= count; });
    return commits_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<Commit> commits_;
};

Task<void> put_many(Store& store, int writer, int count) {
  for (int i = 0; i < count; ++i) {
    (void)co_await store.commit(putting(gateway(std::to_string(writer)), std::to_string(i)));
  }
}

}  // namespace

TEST_P(StoreSuite, TellsTheListenerWhatEachCommitChanged) {
  Heard heard;
  store().on_change(heard.listener());
  put(gateway("a"), "1");
  Batch batch = putting(gateway("c"), "2");
  batch.puts.push_back({.key = gateway("b"), .body = "2"});
  batch.puts.push_back({.key = gateway("b"), .body = "3"});
  batch.deletes = {gateway("a"), gateway("never there"), gateway("c")};
  must_commit(batch);
  must_commit({});
  Batch refused = putting(gateway("x"), "1");
  refused.preconditions = {{.holds = Precondition::Holds::present, .key = gateway("none")}};
  EXPECT_FALSE(commit(refused));

  const auto commits = heard.wait_for_commits(3);
  ASSERT_EQ(commits.size(), 3U);
  EXPECT_EQ(commits[0].version, 1U);
  ASSERT_EQ(commits[0].changes.size(), 1U);
  EXPECT_EQ(commits[0].changes[0].key, gateway("a"));
  EXPECT_EQ(commits[0].changes[0].version, 1U);
  EXPECT_FALSE(commits[0].changes[0].deleted);
  ASSERT_EQ(commits[1].changes.size(), 3U);
  EXPECT_EQ(commits[1].changes[0].key, gateway("a"));
  EXPECT_TRUE(commits[1].changes[0].deleted);
  EXPECT_EQ(commits[1].changes[1].key, gateway("b"));
  EXPECT_FALSE(commits[1].changes[1].deleted);
  EXPECT_EQ(commits[1].changes[2].key, gateway("c"));
  EXPECT_FALSE(commits[1].changes[2].deleted);
  EXPECT_EQ(commits[2].version, 3U);
  EXPECT_TRUE(commits[2].changes.empty());
}

TEST_P(StoreSuite, TellsTheListenerInOrderWhoeverCommits) {
  Heard heard;
  // Uneven, so that deliveries which are not one after the other show.
  store().on_change([listener = heard.listener()](Version version, const auto& changes) {
    if (version % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds{200});
    listener(version, changes);
  });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      auto& io = context(thread + 1U);
      for (int writer = 0; writer < 5; ++writer) {
        boost::asio::co_spawn(io, put_many(store(), thread * 5 + writer, 10),
                              boost::asio::detached);
      }
      run_to_the_end(io);
    });
  }
  for (auto& thread : threads) thread.join();
  const auto commits = heard.wait_for_commits(200);
  ASSERT_EQ(commits.size(), 200U);
  for (std::size_t i = 0; i < commits.size(); ++i) {
    EXPECT_EQ(commits[i].version, i + 1);
    EXPECT_EQ(commits[i].changes.size(), 1U);
  }
}

}  // namespace toolgate::store::testing
