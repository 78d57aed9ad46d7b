#include <set>

#include "crypto/hash.h"
#include "store/rules.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

class Listing {
 public:
  explicit Listing(Store& store) : store_{store} {}

  Result<Page> page(Key prefix, std::size_t limit, std::string after = {}) {
    return wait_for(store_.list(std::move(prefix), limit, std::move(after)));
  }

  // The ids of all pages, each with its size.
  std::vector<std::string> all(Key prefix, std::size_t limit) {
    std::vector<std::string> ids;
    std::string after;
    do {
      const auto answer = page(prefix, limit, after);
      EXPECT_TRUE(answer);
      EXPECT_LE(answer->documents.size(), limit);
      for (const auto& document : answer->documents) ids.push_back(document.key.id);
      after = answer->next;
    } while (!after.empty());
    return ids;
  }

 private:
  Store& store_;
};

}  // namespace

TEST_P(StoreSuite, ListsOneKindInOrderOfId) {
  for (const auto* id : {"b", "a", "c", "B", "aa"}) put(gateway(id), id);
  put(target("a/1"), "1");
  Key elsewhere = gateway("z");
  elsewhere.account = "999999999999";
  put(elsewhere, "1");
  Listing listing{store()};
  const std::vector<std::string> wanted = {"B", "a", "aa", "b", "c"};
  for (std::size_t limit = 1; limit <= 7; ++limit)
    EXPECT_EQ(listing.all(gateway(""), limit), wanted);
  const auto page = listing.page(gateway(""), 5);
  EXPECT_TRUE(page->next.empty());
  EXPECT_EQ(page->documents[2].body, "aa");
  EXPECT_EQ(page->documents[2].key, gateway("aa"));
}

TEST_P(StoreSuite, ListsTheChildrenOfOneParent) {
  for (const auto* id : {"a/1", "a/2", "a/3", "a", "a0", "b/1", "a/"}) put(target(id), "1");
  Listing listing{store()};
  const std::vector<std::string> wanted = {"a/", "a/1", "a/2", "a/3"};
  for (std::size_t limit = 1; limit <= 5; ++limit)
    EXPECT_EQ(listing.all(target("a/"), limit), wanted);
  EXPECT_TRUE(listing.all(target("c/"), 3).empty());
}

TEST_P(StoreSuite, KeepsItsPlaceWhileDocumentsComeAndGo) {
  for (const auto* id : {"b", "d", "f", "h"}) put(gateway(id), "1");
  Listing listing{store()};
  const auto first = listing.page(gateway(""), 2);
  ASSERT_EQ(first->documents.back().key.id, "d");
  Batch batch = putting(gateway("a"), "new before");
  batch.puts.push_back({.key = gateway("e"), .body = "new after"});
  batch.deletes = {gateway("d"), gateway("f")};
  must_commit(batch);
  const auto second = listing.page(gateway(""), 2, first->next);
  ASSERT_EQ(second->documents.size(), 2U);
  EXPECT_EQ(second->documents[0].key.id, "e");
  EXPECT_EQ(second->documents[1].key.id, "h");
  EXPECT_TRUE(second->next.empty());
}

TEST_P(StoreSuite, ListsWhatStandsBehindAnIdThatNeedNotBeThere) {
  for (const auto* id : {"a/1", "a/2", "a/4", "b/1"}) put(target(id), "1");
  const auto ids = [&](std::string behind, std::size_t limit) {
    std::string out;
    const auto page = wait_for(store().list_behind(target("a/"), limit, std::move(behind)));
    for (const auto& document : page.value().documents) out += document.key.id + ' ';
    return out;
  };
  EXPECT_EQ(ids("", 9), "a/1 a/2 a/4 ");
  EXPECT_EQ(ids("a/2", 9), "a/4 ");
  EXPECT_EQ(ids("a/3", 9), "a/4 ");
  EXPECT_EQ(ids("a/1", 1), "a/2 ");
  EXPECT_EQ(ids("A", 9), "a/1 a/2 a/4 ");  // before all of them
  EXPECT_EQ(ids("b", 9), "");
}

TEST_P(StoreSuite, RefusesTokensOfOtherListingsAndForgedOnes) {
  for (const auto* id : {"a/1", "a/2", "b/1", "b/2"}) {
    put(gateway(id), "1");
    put(target(id), "1");
  }
  Listing listing{store()};
  const auto token = listing.page(target("a/"), 1)->next;
  ASSERT_FALSE(token.empty());
  EXPECT_TRUE(listing.page(target("a/"), 5, token));
  Key other_account = target("a/");
  other_account.account = "999999999999";
  Key other_region = target("a/");
  other_region.region = "eu-west-1";
  for (const Key& foreign :
       {target("b/"), target(""), target("a"), gateway("a/"), other_account, other_region}) {
    EXPECT_EQ(listing.page(foreign, 5, token).error().code, Code::invalid);
  }
  // The same signature before another id, a flipped character, and plain nonsense.
  auto bytes = crypto::from_base64url(token).value();
  bytes.back() = '9';
  std::string flipped = token;
  flipped[3] = flipped[3] == 'A' ? 'B' : 'A';
  for (const std::string& forged : {crypto::base64url(bytes), flipped, token + "AAAA",
                                    token.substr(0, 8), std::string{"a/1"}, std::string{"!!"}}) {
    EXPECT_EQ(listing.page(target("a/"), 5, forged).error().code, Code::invalid) << forged;
  }
}

TEST_P(StoreSuite, EndsAPageEarlyRatherThanHoldTooMuch) {
  for (const auto* id : {"a", "b", "c", "d"})
    put(gateway(id), std::string(page_bytes_max / 2, 'x'));
  Listing listing{store()};
  EXPECT_LT(listing.page(gateway(""), 10)->documents.size(), 4U);
  EXPECT_EQ(listing.all(gateway(""), 10), (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_P(StoreSuite, GivesTheKeysOfAKindInAllRegions) {
  put(gateway("b"), "1");
  put(gateway("a"), "1");
  put(target("a/1"), "1");
  Key elsewhere = gateway("z");
  elsewhere.region = "eu-west-1";
  put(elsewhere, "1");
  const auto keys = wait_for(store().keys_of("gateway"));
  EXPECT_EQ(keys.value(), (std::vector<Key>{elsewhere, gateway("a"), gateway("b")}));
  EXPECT_TRUE(wait_for(store().keys_of("nothing"))->empty());
}

}  // namespace toolgate::store::testing
