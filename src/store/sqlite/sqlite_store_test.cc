#include "store/sqlite/sqlite_store.h"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <sys/stat.h>

#include "base/offload.h"
#include "base/test_folder.h"
#include "store/sqlite/connection.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

class Sqlite : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open() { return open_sqlite(path_, offload_, clock_).value(); }
  Error refusal() { return open_sqlite(path_, offload_, clock_).error(); }

  // What stands in the file, beside the store.
  std::int64_t number(const std::string& sql) {
    auto connection = sqlite::Connection::open(path_).value();
    sqlite::Query query{connection, sql};
    EXPECT_TRUE(query.step().value());
    return query.integer(0);
  }
  void execute(const char* sql) { ASSERT_TRUE(sqlite::Connection::open(path_)->execute(sql)); }

  ManualClock clock_;
  Offload offload_{2};
  TestFolder folder_;
  std::string path_ = folder_.path("store.db");
};

Version must_commit(Store& store, Batch batch) {
  return wait_for(store.commit(std::move(batch))).value();
}

}  // namespace

TEST_F(Sqlite, KeepsEverythingWhenItIsOpenedAgain) {
  std::string next;
  {
    const auto store = open();
    Batch batch = putting(gateway("a"), "1");
    batch.puts.push_back({.key = gateway("b"), .body = "2"});
    batch.claims = {{.owner = gateway("a"), .name = "orders"}};
    batch.jobs = {{.kind = "work", .subject = gateway("a"), .payload = "{}"}};
    batch.idempotency = {.scope = "s", .token = "t", .digest = "d", .answer = "x"};
    must_commit(*store, batch);
    next = wait_for(store->list(gateway(""), 1, {}))->next;
  }
  const auto store = open();
  EXPECT_EQ(store->version(), 1U);
  EXPECT_EQ(wait_for(store->get(gateway("a"))).value()->body, "1");
  EXPECT_EQ(wait_for(store->list(gateway(""), 1, next))->documents.at(0).key.id, "b");
  EXPECT_EQ(wait_for(store->owner_of(gateway(""), "orders")).value(), gateway("a"));
  EXPECT_EQ(wait_for(store->find_idempotent("s", "t")).value()->answer, "x");
  EXPECT_EQ(wait_for(store->claim_job("w", std::chrono::seconds{1})).value()->spec.kind, "work");
  EXPECT_EQ(must_commit(*store, {}), 2U);
}

TEST_F(Sqlite, RefusesATokenOfAnotherStore) {
  const auto fill = [](Store& store) {
    for (const auto* id : {"a", "b"}) must_commit(store, putting(gateway(id), "1"));
  };
  const auto store = open();
  fill(*store);
  const auto other = open_sqlite(folder_.path("other.db"), offload_, clock_).value();
  fill(*other);
  const auto next = wait_for(other->list(gateway(""), 1, {}))->next;
  EXPECT_TRUE(wait_for(other->list(gateway(""), 1, next)));
  EXPECT_EQ(wait_for(store->list(gateway(""), 1, next)).error().code, Code::invalid);
}

TEST_F(Sqlite, KeepsItsFilesPrivate) {
  const auto old_mask = ::umask(0);
  const auto store = open();
  must_commit(*store, putting(gateway("a"), "1"));
  ::umask(old_mask);
  for (const auto* name : {"store.db", "store.db-wal", "store.db-shm"}) {
    struct stat about = {};
    ASSERT_EQ(::stat(folder_.path(name).c_str(), &about), 0) << name;
    EXPECT_EQ(about.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(Sqlite, FoldsTheLogIntoTheFileWhenItCloses) {
  {
    const auto store = open();
    must_commit(*store, putting(gateway("a"), "1"));
    EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
    (void)wait_for(store->get(gateway("a")));
  }
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(Sqlite, KeepsTheLogSmall) {
  const auto store = open();
  for (int i = 0; i < 150; ++i) {
    // Each another: SQLite does not write what is there already.
    const std::string body(1024UL * 1024, static_cast<char>('0' + i % 70));
    must_commit(*store, putting(gateway(std::to_string(i % 3)), body));
  }
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 60UL * 1024 * 1024);
}

TEST_F(Sqlite, RefusesANewerSchema) {
  open();
  execute("PRAGMA user_version=2");
  const Error error = refusal();
  EXPECT_EQ(error.code, Code::unavailable);
  EXPECT_NE(error.message.find("newer version"), std::string::npos) << error.message;
}

TEST_F(Sqlite, RefusesWhatIsNoStoreOfOurs) {
  std::ofstream{path_} << "this is not a database, but it is long enough to look at"
                       << std::string(500, ' ');
  EXPECT_EQ(refusal().code, Code::unavailable);
  std::filesystem::remove(path_);
  std::ofstream{path_}.close();
  execute("CREATE TABLE theirs(x)");
  EXPECT_EQ(refusal().code, Code::unavailable);
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_master"), 1);
  path_ = folder_.path("no/such/folder/store.db");
  EXPECT_EQ(refusal().code, Code::unavailable);
  path_ = folder_.path();
  EXPECT_EQ(refusal().code, Code::unavailable);
}

TEST_F(Sqlite, SaysThatARowIsBrokenAndGoesOn) {
  const auto store = open();
  must_commit(*store, putting(gateway("a"), "1"));
  execute(
      "CREATE TRIGGER broken BEFORE INSERT ON documents WHEN new.id='bad' "
      "BEGIN SELECT RAISE(ABORT, 'broken'); END");
  // Several wait at once, so that they share a transaction.
  auto& io = context();
  std::vector<std::optional<Result<Version>>> answers(20);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto id = i % 5 == 0 ? std::string{"bad"} : std::to_string(i);
    boost::asio::co_spawn(io, keep(store->commit(putting(gateway(id), "1")), answers[i]),
                          boost::asio::detached);
  }
  run_to_the_end(io);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    EXPECT_EQ(answers[i]->has_value(), i % 5 != 0) << i;
    if (i % 5 == 0) EXPECT_EQ(answers[i]->error().code, Code::internal);
  }
  EXPECT_EQ(store->version(), 17U);
}

// RAISE(ROLLBACK) ends the whole transaction, as a full disk does.
TEST_F(Sqlite, DoesNotLetOneLostTransactionTakeOthersWithIt) {
  const auto store = open();
  execute(
      "CREATE TRIGGER broken BEFORE INSERT ON documents WHEN new.id='bad' "
      "BEGIN SELECT RAISE(ROLLBACK, 'broken'); END");
  auto& io = context();
  std::vector<std::optional<Result<Version>>> answers(20);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto id = i % 5 == 4 ? std::string{"bad"} : std::to_string(i);
    boost::asio::co_spawn(io, keep(store->commit(putting(gateway(id), "1")), answers[i]),
                          boost::asio::detached);
  }
  run_to_the_end(io);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i]->has_value(), i % 5 != 4) << i;
  }
  EXPECT_EQ(store->version(), 16U);
  EXPECT_EQ(number("SELECT count(*) FROM documents"), 16);
}

TEST_F(Sqlite, ForgetsOldAnswersAndOldChanges) {
  {
    const auto store = open();
    for (int i = 0; i < 3; ++i) {
      Batch batch = putting(gateway("a"), "1");
      batch.idempotency = {.scope = "s", .token = std::to_string(i), .digest = "", .answer = ""};
      must_commit(*store, batch);
    }
  }
  EXPECT_EQ(number("SELECT count(*) FROM answers"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM changes"), 3);
  execute("UPDATE meta SET version=20000");
  clock_.move(std::chrono::hours{25});
  const auto store = open();
  must_commit(*store, putting(gateway("b"), "1"));
  EXPECT_EQ(number("SELECT count(*) FROM answers"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM changes"), 1);
}

TEST_F(Sqlite, SharesItsFileWithAnotherProcess) {
  const auto ours = open();
  const auto theirs = open();
  std::mutex mutex;
  std::condition_variable heard;
  std::vector<Change> changes;
  std::vector<Version> versions;
  ours->on_change([&](Version version, const std::vector<Change>& changed) {
    const std::lock_guard lock{mutex};
    versions.push_back(version);
    changes.insert(changes.end(), changed.begin(), changed.end());
    heard.notify_all();
  });
  EXPECT_EQ(must_commit(*theirs, putting(gateway("a"), "theirs")), 1U);
  EXPECT_EQ(wait_for(ours->get(gateway("a"))).value()->body, "theirs");
  EXPECT_EQ(must_commit(*ours, putting(gateway("b"), "ours")), 2U);
  Batch gone;
  gone.deletes = {gateway("a")};
  EXPECT_EQ(must_commit(*theirs, gone), 3U);
  {
    // Nobody here commits: the change is heard all the same.
    std::unique_lock lock{mutex};
    heard.wait_for(lock, std::chrono::seconds{20}, [&] { return versions.size() == 3; });
    EXPECT_EQ(versions, (std::vector<Version>{1, 2, 3}));
    ASSERT_EQ(changes.size(), 3U);
    EXPECT_EQ(changes[0].key, gateway("a"));
    EXPECT_EQ(changes[1].key, gateway("b"));
    EXPECT_EQ(changes[2].key, gateway("a"));
    EXPECT_TRUE(changes[2].deleted);
  }
  EXPECT_EQ(ours->version(), 3U);
}

TEST_F(Sqlite, AnswersWhatWaitsWhenItCloses) {
  auto& io = context();
  std::vector<std::optional<Result<Version>>> answers(50);
  {
    const auto store = open();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      boost::asio::co_spawn(
          io, keep(store->commit(putting(gateway(std::to_string(i)), "1")), answers[i]),
          boost::asio::detached);
    }
    // Begins each commit; most still wait when the store goes.
    io.restart();
    for (std::size_t i = 0; i < answers.size(); ++i) io.poll_one();
  }
  run_to_the_end(io);
  for (const auto& answer : answers) EXPECT_TRUE(answer && *answer);
}

}  // namespace toolgate::store::testing
