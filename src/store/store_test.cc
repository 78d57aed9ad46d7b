#include <boost/asio/detached.hpp>

#include "base/offload.h"
#include "base/test_folder.h"
#include "store/memory/memory_store.h"
#include "store/rules.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

class InMemory final : public Fixture {
 public:
  explicit InMemory(const Clock& clock) : store_{make_memory_store(clock)} {}
  Store& store() override { return *store_; }

 private:
  std::unique_ptr<Store> store_;
};

class OnSqlite final : public Fixture {
 public:
  explicit OnSqlite(const Clock& clock)
      : store_{open_sqlite(folder_.path("store.db"), offload_, clock).value()} {}
  Store& store() override { return *store_; }

 private:
  TestFolder folder_;
  Offload offload_{2};
  std::unique_ptr<Store> store_;
};

template <class Made>
Backend backend(std::string name) {
  return {std::move(name), [](const Clock& clock) -> std::unique_ptr<Fixture> {
            return std::make_unique<Made>(clock);
          }};
}

std::string name_of_backend(const ::testing::TestParamInfo<Backend>& info) {
  return info.param.name;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Backends, StoreSuite,
                         ::testing::Values(backend<InMemory>("Memory"),
                                           backend<OnSqlite>("Sqlite")),
                         name_of_backend);

TEST_P(StoreSuite, GivesBackWhatWasPutWithItsVersion) {
  const Version version = put(gateway("a"), R"({"x":1})");
  EXPECT_EQ(version, 1U);
  const auto document = get(gateway("a"));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->key, gateway("a"));
  EXPECT_EQ(document->version, version);
  EXPECT_EQ(document->body, R"({"x":1})");
  EXPECT_FALSE(get(gateway("b")));
  EXPECT_FALSE(get(target("a")));
}

TEST_P(StoreSuite, CountsEveryCommitAndNoFailedOne) {
  EXPECT_EQ(put(gateway("a"), "1"), 1U);
  EXPECT_EQ(must_commit({}), 2U);
  Batch refused = putting(gateway("b"), "2");
  refused.preconditions = {{.holds = Precondition::Holds::present,
                            .key = gateway("none"),
                            .otherwise = "no such gateway"}};
  EXPECT_FALSE(commit(refused));
  EXPECT_EQ(put(gateway("c"), "3"), 3U);
  EXPECT_EQ(store().version(), 3U);
}

TEST_P(StoreSuite, LeavesNothingOfARefusedBatch) {
  put(gateway("a"), "1");
  Batch batch = putting(gateway("b"), "2");
  batch.deletes = {gateway("a")};
  batch.claims = {{.owner = gateway("b"), .name = "mine"}};
  batch.jobs = {{.kind = "work", .subject = gateway("b"), .payload = "{}"}};
  batch.idempotency = {.scope = "s", .token = "t", .digest = "d", .answer = "a"};
  batch.job_done = Job{.id = 77, .spec = {}, .lease = "nobody's"};
  EXPECT_REFUSED(commit(batch), Code::conflict, "lease_lost");
  EXPECT_TRUE(get(gateway("a")));
  EXPECT_FALSE(get(gateway("b")));
  EXPECT_FALSE(owner_of(gateway(""), "mine"));
  EXPECT_FALSE(claim("w", std::chrono::seconds{1}));
  EXPECT_FALSE(wait_for(store().find_idempotent("s", "t")).value());
}

TEST_P(StoreSuite, LeavesNothingOfABatchWhoseNameIsTaken) {
  Batch first = putting(gateway("a"), "1");
  first.claims = {{.owner = gateway("a"), .name = "taken"}};
  must_commit(first);
  Batch second = putting(gateway("b"), "2");
  second.deletes = {gateway("c")};
  second.claims = {{.owner = gateway("b"), .name = "free"},
                   {.owner = gateway("b"), .name = "taken"}};
  EXPECT_REFUSED(commit(second), Code::conflict, "name_taken");
  EXPECT_FALSE(get(gateway("b")));
  EXPECT_FALSE(owner_of(gateway(""), "free"));
}

TEST_P(StoreSuite, ReplacesAndDeletes) {
  put(gateway("a"), "1");
  const Version second = put(gateway("a"), "2");
  EXPECT_EQ(get(gateway("a"))->body, "2");
  EXPECT_EQ(get(gateway("a"))->version, second);
  Batch batch;
  batch.deletes = {gateway("a"), gateway("never there")};
  must_commit(batch);
  EXPECT_FALSE(get(gateway("a")));
}

TEST_P(StoreSuite, PutsWhatTheSameBatchDeletes) {
  put(gateway("a"), "1");
  Batch batch = putting(gateway("a"), "2");
  batch.deletes = {gateway("a")};
  must_commit(batch);
  EXPECT_EQ(get(gateway("a"))->body, "2");
}

TEST_P(StoreSuite, TakesTheLastOfTwoPutsOfOneKey) {
  Batch batch = putting(gateway("a"), "1");
  batch.puts.push_back({.key = gateway("a"), .body = "2"});
  must_commit(batch);
  EXPECT_EQ(get(gateway("a"))->body, "2");
}

TEST_P(StoreSuite, KeepsAnyTextAsItIs) {
  const std::string odd{"\0 \xff \n ünïcödé ' \" %s", 24};
  put(gateway("'; DROP TABLE documents; --"), odd);
  EXPECT_EQ(get(gateway("'; DROP TABLE documents; --"))->body, odd);
  put(gateway("empty"), "");
  EXPECT_EQ(get(gateway("empty"))->body, "");
}

TEST_P(StoreSuite, KeepsABigBody) {
  const std::string big(9UL * 1024 * 1024, 'x');
  put(gateway("big"), big);
  EXPECT_TRUE(get(gateway("big"))->body == big);
}

TEST_P(StoreSuite, ChecksPreconditions) {
  using Holds = Precondition::Holds;
  const Version at = put(gateway("a"), "1");
  put(target("a/1"), "1");
  struct Case {
    Precondition wanted;
    bool passes;
  };
  const std::vector<Case> cases = {
      {{.holds = Holds::absent, .key = gateway("a")}, false},
      {{.holds = Holds::absent, .key = gateway("b")}, true},
      {{.holds = Holds::present, .key = gateway("a")}, true},
      {{.holds = Holds::present, .key = gateway("b")}, false},
      {{.holds = Holds::at_version, .key = gateway("a"), .version = at}, true},
      {{.holds = Holds::at_version, .key = gateway("a"), .version = at + 1}, false},
      {{.holds = Holds::at_version, .key = gateway("b"), .version = 0}, false},
      {{.holds = Holds::no_children, .key = target("a/")}, false},
      {{.holds = Holds::no_children, .key = target("a")}, false},
      {{.holds = Holds::no_children, .key = target("")}, false},
      {{.holds = Holds::no_children, .key = target("A/")}, true},
      {{.holds = Holds::no_children, .key = target("b/")}, true},
      {{.holds = Holds::no_children, .key = gateway("a/")}, true},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    Batch batch;
    batch.preconditions = {cases[i].wanted};
    batch.preconditions[0].otherwise = "it is not so";
    const auto answer = commit(batch);
    EXPECT_EQ(answer.has_value(), cases[i].passes);
    if (answer) continue;
    EXPECT_EQ(answer.error().code, Code::conflict);
    EXPECT_EQ(answer.error().name, "precondition");
    EXPECT_EQ(answer.error().message, "it is not so");
  }
}

TEST_P(StoreSuite, RefusesKeysAndBodiesOutOfBounds) {
  const std::string longest(key_part_bytes_max, 'k');
  EXPECT_TRUE(commit(putting(gateway(longest), "1")));
  EXPECT_EQ(commit(putting(gateway(longest + "k"), "1")).error().code, Code::invalid);
  EXPECT_EQ(commit(putting(gateway(""), "1")).error().code, Code::invalid);
  EXPECT_EQ(commit(putting(gateway(std::string{"a\0b", 3}), "1")).error().code, Code::invalid);
  EXPECT_EQ(commit(putting({"", "", "", "a"}, "1")).error().code, Code::invalid);
  EXPECT_TRUE(commit(putting({"", "", "global", "a"}, "1")));
  EXPECT_EQ(commit(putting(gateway("a"), std::string(body_bytes_max + 1, 'b'))).error().code,
            Code::too_large);
  EXPECT_EQ(wait_for(store().get(gateway(""))).error().code, Code::invalid);
}

TEST_P(StoreSuite, ReadsItsOwnWritesFromManyCoroutines) {
  auto& io = context();
  int right = 0;
  // A function, not a lambda: its parameters live in its frame.
  struct Writes {
    static Task<void> many(Store& store, int writer, int& right) {
      for (int i = 0; i < 20; ++i) {
        const auto body = std::to_string(i);
        const auto version = co_await store.commit(putting(gateway(std::to_string(writer)), body));
        const auto read = co_await store.get(gateway(std::to_string(writer)));
        const bool same = version && read && *read && (*read)->body == body &&
                          (*read)->version == *version && store.version() >= *version;
        right += same ? 1 : 0;
      }
    }
  };
  for (int writer = 0; writer < 20; ++writer) {
    boost::asio::co_spawn(io, Writes::many(store(), writer, right), boost::asio::detached);
  }
  run_to_the_end(io);
  EXPECT_EQ(right, 400);
  EXPECT_EQ(store().version(), 400U);
}

}  // namespace toolgate::store::testing
