#include "store/documents.h"

#include <boost/json/parse.hpp>

#include "store/memory/memory_store.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

class Documents : public ::testing::Test {
 protected:
  ManualClock clock_;
  std::unique_ptr<Store> store_ = make_memory_store(clock_);
};

}  // namespace

TEST_F(Documents, GivesBackTheJsonThatWasPut) {
  Batch batch;
  batch.puts = {put_json(gateway("a"), Json{{"name", "orders"}, {"ratio", 1.5}})};
  const auto version = wait_for(store_->commit(batch)).value();
  const auto found = wait_for(get_document(*store_, gateway("a"))).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, version);
  EXPECT_EQ(json::find_string(found->body, "name"), "orders");
  EXPECT_EQ(wait_for(get_json(*store_, gateway("a"))).value(), found->body);
  EXPECT_FALSE(wait_for(get_json(*store_, gateway("b"))).value());
}

TEST_F(Documents, ListsAllPages) {
  Batch batch;
  for (int i = 0; i < 1201; ++i) {
    batch.puts.push_back(put_json(gateway(std::to_string(10'000 + i)), Json(i)));
  }
  ASSERT_TRUE(wait_for(store_->commit(batch)));
  const auto all = wait_for(list_all_json(*store_, gateway(""))).value();
  ASSERT_EQ(all.size(), 1201U);
  for (int i = 0; i < 1201; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].body, Json(i));
  const auto page = wait_for(list_json(*store_, gateway(""), 2, {})).value();
  EXPECT_EQ(page.documents.size(), 2U);
  EXPECT_FALSE(page.next.empty());
}

TEST_F(Documents, SaysThatADocumentIsDamaged) {
  ASSERT_TRUE(wait_for(store_->commit(putting(gateway("a"), "{broken"))));
  EXPECT_EQ(wait_for(get_json(*store_, gateway("a"))).error().code, Code::internal);
  EXPECT_EQ(wait_for(list_all_json(*store_, gateway(""))).error().code, Code::internal);
}

}  // namespace toolgate::store::testing
