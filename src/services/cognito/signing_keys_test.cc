#include "services/cognito/signing_keys.h"

#include <algorithm>
#include <atomic>
#include <set>

#include "services/cognito/test_bench.h"

namespace toolgate::services::cognito {
namespace {

using namespace std::chrono_literals;

class Signing : public testing::Test {
 protected:
  Signing() { bench.make_pool(); }

  std::string current() {
    const auto key = run_task(bench.io(), keys.current(place, bench.clock().now()));
    EXPECT_TRUE(key.has_value());
    return key ? key->id() : std::string{};
  }
  // In the order of the set: current, next, replaced.
  std::vector<std::string> published() {
    const auto set = run_task(bench.io(), keys.jwks(place, bench.clock().now()));
    EXPECT_TRUE(set.has_value());
    std::vector<std::string> ids;
    for (const Json& key : set->at("keys").as_array()) {
      EXPECT_EQ(at(key, "/d"), "(absent)");
      ids.push_back(at(key, "/kid"));
    }
    return ids;
  }
  void rotate() { EXPECT_TRUE(run_task(bench.io(), keys.rotate(place, bench.clock().now()))); }

  Bench bench;
  PoolPlace place{"123456789012", "us-east-1", bench.make_pool()};
  // Fresh keys each time, and fast: what is tested here does not depend on their kind.
  SigningKeys keys{bench.store(), bench.secrets(), bench.offload(),
                   SigningKeys::Options{.generate = crypto::PrivateKey::generate_p256}};
};

std::atomic<int> keys_made = 0;
crypto::PrivateKey counted_key() {
  ++keys_made;
  return crypto::PrivateKey::generate_p256();
}

class MakeAhead : public testing::Test {
 protected:
  MakeAhead() { keys_made = 0; }
  void make_pool() { (void)run_task(bench.io(), keys.make("us-east-1_p", bench.clock().now())); }

  Bench bench;
  SigningKeys keys{bench.store(), bench.secrets(), bench.offload(),
                   SigningKeys::Options{.generate = counted_key}};
};

TEST_F(MakeAhead, IsTheFirstToMakeAKeyAndAnswersTheFirstPool) {
  EXPECT_EQ(keys_made, 0);  // a start waits beside no key
  keys.make_ahead();
  EXPECT_EQ(keys_made, 1);
  make_pool();
  EXPECT_EQ(keys_made, 1);
  make_pool();
  EXPECT_EQ(keys_made, 2);
}

TEST_F(MakeAhead, MakesNoneOnceAPoolHasAsked) {
  make_pool();
  keys.make_ahead();
  EXPECT_EQ(keys_made, 1);
}

TEST_F(Signing, AKeyIsPublishedBeforeItIsUsedAndAsLongAsItsTokensLive) {
  const auto first = published();
  ASSERT_EQ(first.size(), 1u);
  rotate();  // shows the next one
  const auto before = published();
  ASSERT_EQ(before.size(), 2u);
  EXPECT_EQ(before[0], first[0]);
  EXPECT_EQ(current(), before[0]);
  rotate();
  EXPECT_EQ(current(), before[1]);
  EXPECT_EQ(published(), (std::vector<std::string>{before[1], before[0]}));
  bench.clock().move(48h + 1s);
  EXPECT_EQ(published(), (std::vector<std::string>{before[1]}));
}

TEST_F(Signing, AKeyOfNinetyDaysIsReplacedWhenItIsAskedFor) {
  const auto first = published();
  bench.clock().move(88 * 24h - 1s);
  EXPECT_EQ(current(), first[0]);
  EXPECT_EQ(published().size(), 1u);
  bench.clock().move(1s);
  EXPECT_EQ(current(), first[0]);
  const auto shown = published();
  ASSERT_EQ(shown.size(), 2u);
  bench.clock().move(48h - 1s);
  EXPECT_EQ(current(), first[0]);
  bench.clock().move(1s);
  EXPECT_EQ(current(), shown[1]);
  EXPECT_EQ(current(), shown[1]);
  EXPECT_EQ(published(), (std::vector<std::string>{shown[1], first[0]}));
}

TEST_F(Signing, AKeyThatNobodyAskedForIsShownBeforeItIsUsedAllTheSame) {
  const auto first = published();
  bench.clock().move(200 * 24h);
  EXPECT_EQ(current(), first[0]);
  const auto shown = published();
  ASSERT_EQ(shown.size(), 2u);
  bench.clock().move(48h);
  EXPECT_EQ(current(), shown[1]);
}

TEST_F(Signing, KeysAreSealedForTheirPoolOnly) {
  const auto stored = run_task(bench.io(), bench.store().get(key_of(place, kind::keys)));
  ASSERT_TRUE(stored.has_value() && stored->has_value());
  EXPECT_FALSE((*stored)->body.contains("PRIVATE KEY"));
  // Another pool's document under this name does not open.
  const PoolPlace other{"123456789012", "us-east-1", bench.make_pool()};
  const auto others = run_task(bench.io(), bench.store().get(key_of(other, kind::keys)));
  store::Batch batch;
  batch.puts.push_back({key_of(place, kind::keys), (*others)->body});
  ASSERT_TRUE(run_task(bench.io(), bench.store().commit(std::move(batch))).has_value());
  EXPECT_FALSE(run_task(bench.io(), keys.current(place, bench.clock().now())).has_value());
}

TEST_F(Signing, APoolThatIsNotThereHasNoKeys) {
  const PoolPlace absent{"123456789012", "us-east-1", "us-east-1_absent123"};
  const auto key = run_task(bench.io(), keys.current(absent, bench.clock().now()));
  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error().code, Code::not_found);
  EXPECT_FALSE(run_task(bench.io(), keys.rotate(absent, bench.clock().now())).has_value());
}

}  // namespace
}  // namespace toolgate::services::cognito
