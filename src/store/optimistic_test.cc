#include "store/optimistic.h"

#include "store/memory/memory_store.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

class Optimistic : public ::testing::Test {
 protected:
  // How a commit of what one of the three has put in a batch ends.
  std::string outcome(const Batch& batch) {
    const auto done = wait_for(store_->commit(batch));
    if (done) return "written";
    return lost_race(done.error()) ? "lost" : done.error().message;
  }
  Loaded loaded() { return *wait_for(load(*store_, gateway("a"))).value(); }

  ManualClock clock_;
  std::unique_ptr<Store> store_ = make_memory_store(clock_);
};

}  // namespace

TEST_F(Optimistic, OneOfTwoCreates) {
  Batch batch;
  create(batch, gateway("a"), {{"name", "one"}});
  EXPECT_EQ(outcome(batch), "written");
  EXPECT_EQ(outcome(batch), "lost");
  EXPECT_EQ(json::print(loaded().body), R"({"name":"one"})");
}

TEST_F(Optimistic, WhoReadTheLatestWritesAndRemoves) {
  Batch made;
  create(made, gateway("a"), {{"count", 1}});
  ASSERT_EQ(outcome(made), "written");
  const Loaded early = loaded();
  Loaded changed = early;
  changed.body["count"] = 2;
  Batch write;
  write_back(write, changed);
  EXPECT_EQ(outcome(write), "written");
  EXPECT_EQ(outcome(write), "lost");
  Batch late;
  remove(late, early);
  EXPECT_EQ(outcome(late), "lost");
  EXPECT_EQ(json::print(loaded().body), R"({"count":2})");
  Batch right;
  remove(right, loaded());
  EXPECT_EQ(outcome(right), "written");
  EXPECT_FALSE(wait_for(load(*store_, gateway("a"))).value());
}

TEST_F(Optimistic, WritingBackWhatWasNotThereCreatesItOnce) {
  Batch batch;
  write_back(batch, Loaded{.key = gateway("a"), .version = 0, .body = {{"name", "one"}}});
  EXPECT_EQ(outcome(batch), "written");
  EXPECT_EQ(outcome(batch), "lost");
}

TEST_F(Optimistic, RunsAgainWhileItLosesAndNotForever) {
  int runs = 0;
  int lost = 3;
  const auto attempt = [&]() -> Task<Result<int>> {
    ++runs;
    const bool loses = runs <= lost;
    // No coroutine of its own: a lambda's captures would not outlive its call.
    return [](bool loses_now) -> Task<Result<int>> {
      if (loses_now) {
        co_return std::unexpected(
            Error{.code = Code::conflict, .message = "", .name = "precondition"});
      }
      co_return 7;
    }(loses);
  };
  EXPECT_EQ(wait_for(until_written<int>(attempt)).value(), 7);
  EXPECT_EQ(runs, 4);
  runs = 0;
  lost = 1'000;
  EXPECT_TRUE(lost_race(wait_for(until_written<int>(attempt)).error()));
  EXPECT_EQ(runs, 50);
}

TEST_F(Optimistic, AConflictOfAnotherKindIsNoLostRace) {
  EXPECT_FALSE(lost_race(Error{.code = Code::conflict, .message = "", .name = "name_taken"}));
}

TEST_F(Optimistic, ABodyThatIsNoObjectIsDamage) {
  ASSERT_TRUE(wait_for(store_->commit(putting(gateway("a"), "[]"))));
  EXPECT_EQ(wait_for(load(*store_, gateway("a"))).error().code, Code::internal);
}

}  // namespace toolgate::store::testing
