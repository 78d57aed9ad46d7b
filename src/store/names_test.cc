#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

Batch claiming(Key owner, std::string name) {
  Batch batch;
  batch.claims.push_back({.owner = std::move(owner), .name = std::move(name)});
  return batch;
}

}  // namespace

TEST_P(StoreSuite, FindsTheOwnerOfAName) {
  must_commit(claiming(gateway("a"), "orders"));
  EXPECT_EQ(owner_of(gateway(""), "orders"), gateway("a"));
  EXPECT_FALSE(owner_of(gateway(""), "ORDERS"));
  EXPECT_FALSE(owner_of(target(""), "orders"));
  Key elsewhere = gateway("");
  elsewhere.region = "eu-west-1";
  EXPECT_FALSE(owner_of(elsewhere, "orders"));
}

TEST_P(StoreSuite, RefusesANameThatAnotherHolds) {
  must_commit(claiming(gateway("a"), "orders"));
  EXPECT_REFUSED(commit(claiming(gateway("b"), "orders")), Code::conflict, "name_taken");
  EXPECT_EQ(owner_of(gateway(""), "orders"), gateway("a"));
  must_commit(claiming(gateway("a"), "orders"));
}

TEST_P(StoreSuite, RefusesANameTwiceInOneBatch) {
  Batch batch = claiming(gateway("a"), "orders");
  batch.claims.push_back({.owner = gateway("b"), .name = "orders"});
  EXPECT_REFUSED(commit(batch), Code::conflict, "name_taken");
  EXPECT_FALSE(owner_of(gateway(""), "orders"));
}

TEST_P(StoreSuite, LetsChildrenOfTwoParentsHaveOneName) {
  must_commit(claiming(target("a/1"), "orders"));
  must_commit(claiming(target("b/1"), "orders"));
  EXPECT_REFUSED(commit(claiming(target("b/2"), "orders")), Code::conflict, "name_taken");
  EXPECT_EQ(owner_of(target("a/"), "orders"), target("a/1"));
  EXPECT_EQ(owner_of(target("b/"), "orders"), target("b/1"));
  EXPECT_FALSE(owner_of(target(""), "orders"));
}

TEST_P(StoreSuite, ReleasesTheNamesOfADeletedDocument) {
  Batch made = putting(gateway("a"), "1");
  made.claims = {{.owner = gateway("a"), .name = "one"}, {.owner = gateway("a"), .name = "two"}};
  must_commit(made);
  Batch gone;
  gone.deletes = {gateway("a")};
  must_commit(gone);
  EXPECT_FALSE(owner_of(gateway(""), "one"));
  EXPECT_FALSE(owner_of(gateway(""), "two"));
}

TEST_P(StoreSuite, HandsANameOverInOneBatch) {
  must_commit(claiming(gateway("a"), "orders"));
  Batch by_release = claiming(gateway("b"), "orders");
  by_release.releases = {{.owner = gateway("a"), .name = "orders"}};
  must_commit(by_release);
  EXPECT_EQ(owner_of(gateway(""), "orders"), gateway("b"));
  Batch by_delete = claiming(gateway("c"), "orders");
  by_delete.deletes = {gateway("b")};
  must_commit(by_delete);
  EXPECT_EQ(owner_of(gateway(""), "orders"), gateway("c"));
}

TEST_P(StoreSuite, DoesNotReleaseTheNameOfAnother) {
  must_commit(claiming(gateway("a"), "orders"));
  Batch batch;
  batch.releases = {{.owner = gateway("b"), .name = "orders"}};
  must_commit(batch);
  EXPECT_EQ(owner_of(gateway(""), "orders"), gateway("a"));
}

TEST_P(StoreSuite, KeepsAnAnswerForADay) {
  const auto find = [this] { return wait_for(store().find_idempotent("scope", "token")).value(); };
  EXPECT_FALSE(find());
  Batch batch;
  batch.idempotency = {.scope = "scope", .token = "token", .digest = "d", .answer = "first"};
  must_commit(batch);
  clock_.move(std::chrono::hours{24} - std::chrono::milliseconds{1});
  ASSERT_TRUE(find());
  EXPECT_EQ(find()->digest, "d");
  EXPECT_EQ(find()->answer, "first");
  EXPECT_FALSE(wait_for(store().find_idempotent("other", "token")).value());
  clock_.move(std::chrono::milliseconds{1});
  EXPECT_FALSE(find());
}

TEST_P(StoreSuite, RefusesATokenThatIsKeptBeforeAnythingElse) {
  Batch batch = putting(gateway("a"), "1");
  batch.claims = {{.owner = gateway("a"), .name = "orders"}};
  batch.preconditions = {
      {.holds = Precondition::Holds::absent, .key = gateway("a"), .otherwise = "it exists"}};
  batch.idempotency = {.scope = "scope", .token = "token", .digest = "d", .answer = "first"};
  must_commit(batch);
  EXPECT_REFUSED(commit(batch), Code::conflict, "token_used");
  EXPECT_EQ(wait_for(store().find_idempotent("scope", "token")).value()->answer, "first");
}

TEST_P(StoreSuite, TakesATokenAgainAfterItsDay) {
  Batch batch;
  batch.idempotency = {.scope = "scope", .token = "token", .digest = "d", .answer = "first"};
  must_commit(batch);
  clock_.move(std::chrono::hours{25});
  batch.idempotency->answer = "second";
  must_commit(batch);
  EXPECT_EQ(wait_for(store().find_idempotent("scope", "token")).value()->answer, "second");
}

}  // namespace toolgate::store::testing
