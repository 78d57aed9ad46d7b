#include "store/sealing_store.h"

#include "model/kinds.h"
#include "store/documents.h"
#include "store/memory/memory_store.h"
#include "store/store_suite.h"

namespace toolgate::store::testing {
namespace {

constexpr std::string_view description = "Counts the parcels of a customer";

class Sealing : public ::testing::Test {
 protected:
  Sealing() {
    auto inner = make_memory_store(clock_);
    inner_ = inner.get();
    store_ = std::make_unique<SealingStore>(std::move(inner), keyring_);
    owner_ = place(model::kind::gateway, "shop");
    target_ = place(model::kind::target, "shop/t1");
    chunk_ = place(model::kind::catalogue, "shop/t1/1.1/000000");
  }
  static Key place(std::string_view kind, std::string id) {
    return {.account = "1", .region = "r", .kind = std::string{kind}, .id = std::move(id)};
  }
  void own(const Envelope& envelope) {
    put(owner_, JsonObject{{"name", "shop"}, {"envelope", to_json(envelope)}});
  }
  Result<Version> try_put(const Key& key, const Json& body) {
    Batch batch;
    batch.puts = {put_json(key, body)};
    return wait_for(store_->commit(std::move(batch)));
  }
  void put(const Key& key, const Json& body) { ASSERT_TRUE(try_put(key, body)); }
  std::string raw(const Key& key) { return wait_for(inner_->get(key)).value()->body; }
  std::string read(const Key& key) { return wait_for(store_->get(key)).value()->body; }
  void open(const std::string& id) { keyring_.open(id, crypto::SealKey::random()); }
  Json target() {
    return JsonObject{{"name", "orders"},
                      {"status", "READY"},
                      {"targetConfiguration", JsonObject{{"tool", description}}}};
  }
  static Envelope one(const std::string& id) {
    return {.current = id, .keys = {{.id = id, .kms_key_arn = "arn", .wrapped = "w"}}};
  }

  ManualClock clock_;
  Keyring keyring_;
  Store* inner_ = nullptr;
  std::unique_ptr<SealingStore> store_;
  Key owner_, target_, chunk_;
};

}  // namespace

TEST_F(Sealing, LeavesWhatHasNoKeyAsItIs) {
  own({});
  put(target_, target());
  EXPECT_EQ(raw(target_), json::print(target()));
  EXPECT_EQ(read(target_), raw(target_));
}

TEST_F(Sealing, WritesNoSecretInTheClear) {
  open("k1");
  own(one("k1"));
  put(target_, target());
  put(chunk_, JsonObject{{"tools", JsonArray{description}}});
  EXPECT_EQ(raw(target_).find(description), std::string::npos);
  EXPECT_NE(raw(target_).find("orders"), std::string::npos);  // lists and deletions need it
  EXPECT_EQ(raw(chunk_).find(description), std::string::npos);
  EXPECT_EQ(json::parse(read(target_)).value(), target());
  EXPECT_NE(read(chunk_).find(description), std::string::npos);
  const auto page = wait_for(store_->list(place(model::kind::target, "shop/"), 10, {})).value();
  ASSERT_EQ(page.documents.size(), 1U);
  EXPECT_NE(page.documents[0].body.find(description), std::string::npos);
}

TEST_F(Sealing, ShowsOfALockedDocumentOnlyWhatIsNoSecretAndWhy) {
  open("k1");
  own(one("k1"));
  put(target_, target());
  put(chunk_, JsonObject{{"tools", JsonArray{}}});
  keyring_.lock("k1", Error{.code = Code::denied, .message = "the key is disabled"});
  const Json shown = json::parse(read(target_)).value();
  EXPECT_EQ(json::find_string(shown, "name"), "orders");
  EXPECT_EQ(json::find(shown, "targetConfiguration"), nullptr);
  EXPECT_EQ(check_open(shown).error().message, "the key is disabled");
  EXPECT_EQ(wait_for(store_->get(chunk_)).error().message, "the key is disabled");
  EXPECT_EQ(try_put(target_, target()).error().message, "the key is disabled");
}

TEST_F(Sealing, KeepsWhatIsSealedWhenALockedDocumentIsWrittenAgain) {
  open("k1");
  own(one("k1"));
  put(target_, target());
  const auto key = keyring_.find("k1").value();
  keyring_.lock("k1", Error{.code = Code::denied, .message = "the key is disabled"});
  Json locked = json::parse(read(target_)).value();
  locked.get_object()["status"] = "FAILED";
  put(target_, locked);
  EXPECT_EQ(raw(target_).find("the key is disabled"), std::string::npos);
  keyring_.open("k1", *key);
  const Json opened = json::parse(read(target_)).value();
  EXPECT_EQ(json::find_string(opened, "status"), "FAILED");
  EXPECT_EQ(json::find_string(opened, "targetConfiguration", "tool"), description);
}

TEST_F(Sealing, SealsSecretsOfTheVaultAndRefusesNewOnesWhileItIsLocked) {
  const Key provider = place(model::kind::api_key_provider, "p");
  open("k1");
  put(place(model::kind::token_vault, "default"), JsonObject{{"envelope", to_json(one("k1"))}});
  put(provider, JsonObject{{"name", "p"}, {"sealedApiKey", "sealed-below"}});
  EXPECT_EQ(raw(provider).find("sealed-below"), std::string::npos);
  EXPECT_NE(read(provider).find("sealed-below"), std::string::npos);
  keyring_.lock("k1", Error{.code = Code::denied, .message = "the key is disabled"});
  Json locked = json::parse(read(provider)).value();
  EXPECT_EQ(json::find_string(locked, "name"), "p");
  locked.get_object()["sealedApiKey"] = "another";
  EXPECT_EQ(try_put(provider, locked).error().message, "the key is disabled");
}

TEST_F(Sealing, ASealedDocumentCannotBeMovedToAnotherPlace) {
  open("k1");
  own(one("k1"));
  put(target_, target());
  const Key other = place(model::kind::target, "shop/t2");
  Batch batch;
  batch.puts = {{.key = other, .body = raw(target_)}};
  ASSERT_TRUE(wait_for(inner_->commit(std::move(batch))));
  EXPECT_EQ(wait_for(store_->get(other)).error().code, Code::denied);
}

TEST_F(Sealing, SealsTheAnswerThatIsRememberedForAToken) {
  open("k1");
  own(one("k1"));
  Batch batch;
  batch.puts = {put_json(target_, target())};
  batch.idempotency =
      Idempotency{.scope = "s", .token = "t", .digest = "d", .answer = json::print(target())};
  ASSERT_TRUE(wait_for(store_->commit(std::move(batch))));
  EXPECT_EQ(wait_for(inner_->find_idempotent("s", "t")).value()->answer.find(description),
            std::string::npos);
  EXPECT_EQ(wait_for(store_->find_idempotent("s", "t")).value()->answer, json::print(target()));
}

TEST_F(Sealing, WritesNothingUnderAGatewayThatIsGone) {
  EXPECT_EQ(try_put(chunk_, JsonObject{}).error().code, Code::conflict);
}

TEST_F(Sealing, SealsUnderTheCurrentKeyAndOpensUnderOlderOnes) {
  open("k1");
  open("k2");
  own(one("k1"));
  put(target_, target());
  Envelope both = one("k2");
  both.keys.push_back({.id = "k1", .kms_key_arn = "arn", .wrapped = "w"});
  EXPECT_TRUE(both.moving());
  own(both);
  EXPECT_EQ(json::parse(read(target_)).value(), target());
  put(target_, target());
  EXPECT_NE(raw(target_).find("k2"), std::string::npos);
  Envelope none = one("k2");
  none.current.clear();
  EXPECT_TRUE(none.moving());
  own(none);
  put(target_, target());
  EXPECT_EQ(raw(target_), json::print(target()));
}

}  // namespace toolgate::store::testing
