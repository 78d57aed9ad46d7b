#include "identity/issuer_keys.h"

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/jwt_vectors.h"
#include "identity/jwt_testing.h"

namespace toolgate::identity {
namespace {

using namespace std::chrono_literals;
using namespace testing;

class IssuerTest : public ::testing::Test {
 protected:
  IssuerTest() { publish(crypto::PrivateKey::generate_p256()); }

  void publish(const crypto::PrivateKey& key) {
    documents.put(discovery_url, JsonObject{{"issuer", testing::issuer}, {"jwks_uri", jwks_url}});
    documents.put(jwks_url, JsonObject{{"keys", JsonArray{key.public_jwk()}}});
  }
  Issuer::Means means() {
    return {.documents = documents, .clock = clock, .worker = thread.worker};
  }
  Result<IssuerKeysRef> keys() { return thread.run(issuer->keys(means())); }
  Result<IssuerKeysRef> newer(const IssuerKeysRef& seen) {
    return thread.run(issuer->newer_keys(seen, means()));
  }
  [[nodiscard]] int fetches() const { return documents.count(discovery_url); }

  ManualClock clock;
  MemoryDocuments documents;
  Thread thread;
  std::shared_ptr<Issuer> issuer = std::make_shared<Issuer>(discovery_url);
};

TEST_F(IssuerTest, FetchesOnceWhileFresh) {
  const auto first = keys().value();
  EXPECT_EQ(first->issuer, testing::issuer);
  EXPECT_EQ(first->keys.size(), 1U);
  clock.move(limits::discovery_fresh_for - 1ms);
  EXPECT_EQ(keys().value(), first);
  EXPECT_EQ(fetches(), 1);
  clock.move(1ms);
  EXPECT_NE(keys().value(), first);
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerTest, BelievesWhatTookTimeToFetch) {
  documents.take_time(clock, 2s);
  EXPECT_TRUE(keys());
  EXPECT_TRUE(keys());
  EXPECT_EQ(fetches(), 1);
}

TEST_F(IssuerTest, FetchesOnceForAllWhoAskTogether) {
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    boost::asio::co_spawn(thread.io, issuer->keys(means()),
                          [&](std::exception_ptr, Result<IssuerKeysRef> got) {
                            answered += got.has_value() ? 1 : 0;
                          });
  }
  thread.io.run();
  EXPECT_EQ(answered, 50);
  EXPECT_EQ(fetches(), 1);
  EXPECT_EQ(documents.count(jwks_url), 1);
}

TEST_F(IssuerTest, LetsOthersGoOnWithOldKeysWhileOneFetches) {
  const auto old = keys().value();
  clock.move(limits::discovery_fresh_for);
  std::vector<IssuerKeysRef> got;  // in the order of their answers
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(
        thread.io, issuer->keys(means()),
        [&](std::exception_ptr, Result<IssuerKeysRef> each) { got.push_back(each.value()); });
  }
  thread.io.restart();
  thread.io.run();
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0], old);
  EXPECT_EQ(got[1], old);
  EXPECT_NE(got[2], old);
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerTest, MakesAllWaitWhenTheOldKeysAreTooOld) {
  ASSERT_TRUE(keys());
  clock.move(limits::discovery_fresh_for + issuer_keys_stale_for);
  int answered = 0;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(thread.io, issuer->keys(means()),
                          [&](std::exception_ptr, Result<IssuerKeysRef> got) {
                            answered += got.has_value() ? 1 : 0;
                          });
  }
  thread.io.restart();
  thread.io.run();
  EXPECT_EQ(answered, 3);
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerTest, LooksForNewKeysAtMostOnceAnInterval) {
  const auto seen = keys().value();
  EXPECT_EQ(newer(seen).value(), seen);
  EXPECT_EQ(fetches(), 1) << "they were fetched a moment ago";
  clock.move(limits::jwks_refetch_interval);
  const auto next = newer(seen).value();
  EXPECT_NE(next, seen);
  EXPECT_EQ(fetches(), 2);
  EXPECT_EQ(newer(seen).value(), next) << "someone else has fetched them already";
  EXPECT_EQ(newer(next).value(), next);
  clock.move(limits::jwks_refetch_interval);
  EXPECT_EQ(newer(seen).value(), next);
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerTest, KeepsOldKeysForAnHourWhenTheProviderIsGone) {
  const auto old = keys().value();
  documents.remove(jwks_url);
  clock.move(limits::discovery_fresh_for);
  EXPECT_EQ(keys().value(), old);
  EXPECT_EQ(keys().value(), old);
  EXPECT_EQ(fetches(), 2) << "a failed try is not repeated at once";
  clock.move(issuer_keys_stale_for - 1ms);
  EXPECT_EQ(keys().value(), old);
  clock.move(limits::jwks_refetch_interval);
  EXPECT_EQ(keys().error().code, Code::unavailable);
  publish(crypto::PrivateKey::generate_p256());
  clock.move(limits::jwks_refetch_interval);
  EXPECT_TRUE(keys());
}

TEST_F(IssuerTest, FailsAtOnceForASecondAfterAFailure) {
  documents.remove(discovery_url);
  EXPECT_EQ(keys().error().code, Code::unavailable);
  EXPECT_EQ(keys().error().code, Code::unavailable);
  EXPECT_EQ(fetches(), 1);
  publish(crypto::PrivateKey::generate_p256());
  clock.move(issuer_retry_interval);
  EXPECT_TRUE(keys());
}

TEST_F(IssuerTest, FetchesAgainWhenTheClockWasSetBack) {
  ASSERT_TRUE(keys());
  clock.move(-2h);
  EXPECT_TRUE(keys());
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerTest, RefusesDocumentsThatSayTooLittle) {
  const std::pair<Json, Json> cases[] = {
      {JsonObject{{"jwks_uri", jwks_url}}, JsonObject{{"keys", JsonArray{}}}},
      {JsonObject{{"issuer", ""}, {"jwks_uri", jwks_url}}, JsonObject{{"keys", JsonArray{}}}},
      {JsonObject{{"issuer", "x"}}, JsonObject{{"keys", JsonArray{}}}},
      {JsonObject{{"issuer", "x"}, {"jwks_uri", 1}}, JsonObject{{"keys", JsonArray{}}}},
      {JsonObject{{"issuer", "x"}, {"jwks_uri", jwks_url}}, JsonObject{}},
  };
  for (const auto& [discovery, jwks] : cases) {
    documents.put(discovery_url, discovery);
    documents.put(jwks_url, jwks);
    clock.move(issuer_retry_interval);
    EXPECT_EQ(keys().error().code, Code::unavailable) << json::print(discovery);
    EXPECT_NE(keys().error().detail, "");
  }
}

TEST_F(IssuerTest, SurvivesThatItsThreadEndsWhileItFetches) {
  auto dying = std::make_unique<Thread>();
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(
        dying->io, issuer->keys({.documents = documents, .clock = clock, .worker = dying->worker}),
        boost::asio::detached);
  }
  for (int i = 0; i < 4; ++i) dying->io.poll_one();
  dying.reset();
  EXPECT_TRUE(keys()) << "nobody is fetching any more";
}

// RS256 and PS256 tokens that name no key; their key, under a name or without.
Signature signature_of(std::string_view token, std::initializer_list<std::string_view> names) {
  IssuerKeys issuer;
  for (const auto name : names) {
    Json jwk = json::parse(crypto::vectors::rsa_jwk).value();
    if (!name.empty()) jwk.as_object()["kid"] = name;
    issuer.keys.push_back(crypto::PublicKey::from_jwk(jwk).value());
  }
  return check_signature(crypto::parse_jwt(token).value(), issuer);
}

TEST(CheckSignature, TriesAllKeysForATokenThatNamesNone) {
  const auto token = crypto::vectors::tokens[0].token;
  EXPECT_EQ(signature_of(token, {"a"}), Signature::good);
  EXPECT_EQ(signature_of(token, {""}), Signature::good);
  EXPECT_EQ(signature_of(token, {}), Signature::unknown_key);
  const auto foreign = crypto::PrivateKey::generate_p256().public_jwk();
  IssuerKeys mixed{.issuer = {}, .keys = {crypto::PublicKey::from_jwk(foreign).value()}};
  EXPECT_EQ(check_signature(crypto::parse_jwt(token).value(), mixed), Signature::unknown_key);
  mixed.keys.push_back(
      crypto::PublicKey::from_jwk(json::parse(crypto::vectors::rsa_jwk).value()).value());
  EXPECT_EQ(check_signature(crypto::parse_jwt(token).value(), mixed), Signature::good);
}

TEST(CheckSignature, GoesByTheNameOfTheKey) {
  const auto key = crypto::PrivateKey::generate_p256();
  crypto::Jwt jwt = crypto::parse_jwt(key.sign_jwt(JsonObject{{"sub", "ann"}})).value();
  Json jwk = key.public_jwk();
  const auto with_name = [&](std::string_view name) {
    jwk.as_object()["kid"] = name;
    return check_signature(jwt, {.issuer = {}, .keys = {crypto::PublicKey::from_jwk(jwk).value()}});
  };
  EXPECT_EQ(with_name(key.id()), Signature::good);
  EXPECT_EQ(with_name(""), Signature::good);
  EXPECT_EQ(with_name("another"), Signature::unknown_key);
  jwt.signature[5] ^= 1;
  EXPECT_EQ(with_name(key.id()), Signature::bad) << "newer keys will not help";
  EXPECT_EQ(with_name(""), Signature::unknown_key);
}

TEST(Issuers, GivesOneForAUrlAndForgetsTheOldestWhenFull) {
  Issuers issuers;
  const auto first = issuers.at("0");
  EXPECT_EQ(issuers.at("0"), first);
  for (std::size_t i = 1; i <= issuers_count_max; ++i) (void)issuers.at(std::to_string(i));
  EXPECT_EQ(issuers.size(), issuers_count_max);
}

}  // namespace
}  // namespace toolgate::identity
