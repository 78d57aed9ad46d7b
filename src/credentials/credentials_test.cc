#include "credentials/credentials.h"

#include "credentials/bounds.h"
#include "credentials/entries.h"
#include "credentials/test_idp.h"

namespace toolgate::credentials {
namespace {

using namespace std::chrono_literals;
using testing::CredentialsTest;
using testing::Reply;
using testing::Seen;

using Fetch = CredentialsTest;

TEST_F(Fetch, GivesNothingToATargetThatNeedsNothing) {
  const Need need;
  const auto credential = cached(need);
  ASSERT_TRUE(credential);
  EXPECT_TRUE(std::holds_alternative<net::NoCredential>(credential->show));
}

TEST_F(Fetch, GetsATokenByDiscoveryAndKeepsIt) {
  put_oauth();
  const Need need = oauth_need({{"scopes", JsonArray{"a", "b"}}});
  EXPECT_FALSE(cached(need));
  const auto first = fetch(need);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(header_of(*first), "authorization: Bearer t1");
  EXPECT_EQ(cached(need), *first);
  EXPECT_EQ(*fetch(need), *first);
  ASSERT_EQ(idp_.seen().size(), 2u);
  EXPECT_EQ(idp_.seen()[1].body,
            "grant_type=client_credentials&client_id=me&client_secret=s3cret&scope=a%20b");
}

TEST_F(Fetch, UsesGivenMetadataWithoutDiscovery) {
  put_oauth({{"authorizationServerMetadata",
              {{"tokenEndpoint", base_ + "/token"},
               {"tokenEndpointAuthMethods", JsonArray{"client_secret_basic"}}}}});
  const auto credential = fetch(oauth_need());
  ASSERT_TRUE(credential) << credential.error().message;
  ASSERT_EQ(idp_.seen().size(), 1u);
  EXPECT_EQ(idp_.seen()[0].body, "grant_type=client_credentials");
  EXPECT_EQ(idp_.seen()[0].authorization, "Basic bWU6czNjcmV0");  // me:s3cret
}

TEST_F(Fetch, FollowsTheProvidersOwnAuthenticationMethod) {
  put_oauth({{"discoveryUrl", discovery_url()}},
            {{"clientAuthenticationMethod", "CLIENT_SECRET_BASIC"}});
  ASSERT_TRUE(fetch(oauth_need()));
  EXPECT_EQ(idp_.seen()[1].authorization, "Basic bWU6czNjcmV0");
}

TEST_F(Fetch, ReplacesATokenInTheBackgroundBeforeItEnds) {
  put_oauth();
  const Need need = oauth_need();
  ASSERT_TRUE(fetch(need));
  clock_.move(53min);  // of 60: the last tenth is for the next one
  EXPECT_TRUE(cached(need));
  EXPECT_EQ(idp_.count("/token"), 1u);
  clock_.move(2min);
  EXPECT_EQ(header_of(cached(need)), "authorization: Bearer t1");  // nobody waits
  ASSERT_TRUE(soon([&] { return header_of(cached(need)) == "authorization: Bearer t2"; }));
  EXPECT_EQ(idp_.count("/token"), 2u);
}

TEST_F(Fetch, WaitsForANewTokenInTheLastSecondsOfTheOld) {
  put_oauth();
  const Need need = oauth_need();
  ASSERT_TRUE(fetch(need));
  clock_.move(60min - bounds::serve_margin);
  EXPECT_FALSE(cached(need));
  EXPECT_EQ(header_of(*fetch(need)), "authorization: Bearer t2");
}

TEST_F(Fetch, UsesAShortLivedTokenOnce) {
  serve_tokens(59);
  put_oauth();
  const Need need = oauth_need();
  EXPECT_EQ(header_of(*fetch(need)), "authorization: Bearer t1");
  EXPECT_FALSE(cached(need));
  EXPECT_EQ(header_of(*fetch(need)), "authorization: Bearer t2");
}

TEST_F(Fetch, AsksOnceForManyAtOnce) {
  serve_tokens(3'600, 100ms);
  put_oauth();
  const Need need = oauth_need();
  std::vector<std::future<Result<Shared>>> answers;
  for (int i = 0; i < 20; ++i) {
    answers.push_back(begin_fetch(need, 5s));
  }
  for (auto& answer : answers) {
    const auto credential = answer.get();
    ASSERT_TRUE(credential) << credential.error().message;
    EXPECT_EQ(header_of(*credential), "authorization: Bearer t1");
  }
  EXPECT_EQ(idp_.count("/token"), 1u);
}

TEST_F(Fetch, LetsAWaiterTryAgainWhenTheFirstHadLessTime) {
  idp_.holds_tokens = true;
  put_oauth();
  const Need need = oauth_need();
  auto hasty = begin_fetch(need, 100ms);
  auto patient = begin_fetch(need, 20s);
  const auto late = hasty.get();
  idp_.holds_tokens = false;
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::timeout);
  const auto credential = patient.get();
  ASSERT_TRUE(credential) << credential.error().message;
}

TEST_F(Fetch, MakesAWaiterKeepItsOwnDeadline) {
  idp_.holds_tokens = true;
  put_oauth();
  const Need need = oauth_need();
  auto patient = begin_fetch(need, 20s);
  const auto begun = std::chrono::steady_clock::now();
  const auto late = fetch(need, 50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 8s);
  idp_.holds_tokens = false;
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::timeout);
  EXPECT_TRUE(patient.get());
}

TEST_F(Fetch, MakesANewTokenAfterTheTargetRefusedOne) {
  put_oauth();
  const Need need = oauth_need();
  const auto first = fetch(need);
  refused(need, *first);
  EXPECT_FALSE(cached(need));
  const auto second = fetch(need);
  EXPECT_EQ(header_of(*second), "authorization: Bearer t2");
  refused(need, *first);  // late: the second is another credential
  EXPECT_EQ(cached(need), *second);
}

class FetchOfManyThreads : public CredentialsTest {
 protected:
  static constexpr std::size_t threads = 8;
  FetchOfManyThreads() : CredentialsTest{threads} {}

  // `calls` calls one after the other, each as the data plane makes them.
  Task<std::size_t> call(const Need& need, net::Worker& worker, std::size_t calls) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < calls; ++i) {
      auto credential = credentials_->cached(need, worker);
      if (!credential) {
        auto fetched = co_await credentials_->fetch(need, worker, within(5s));
        if (!fetched) continue;
        credential = *std::move(fetched);
      }
      if (header_of(credential) == "authorization: Bearer t1") ++right;
    }
    co_return right;
  }
};

TEST_F(FetchOfManyThreads, AsksOnceForAThousandCalls) {
  serve_tokens(3'600, 50ms);
  put_oauth();
  const Need need = oauth_need();
  std::vector<std::future<std::size_t>> answers;
  for (net::Worker* worker : server_.workers()) {
    answers.push_back(begin_on(*worker, call(need, *worker, 1'000 / threads)));
  }
  std::size_t right = 0;
  for (auto& answer : answers) right += answer.get();
  EXPECT_EQ(right, 1'000u);
  EXPECT_EQ(idp_.count("/token"), 1u);
}

TEST_F(FetchOfManyThreads, RenewsOnceForAllInTheBackground) {
  put_oauth();
  const Need need = oauth_need();
  for (net::Worker* worker : server_.workers()) {
    EXPECT_EQ(begin_on(*worker, call(need, *worker, 10)).get(), 10u);
  }
  clock_.move(55min);
  for (net::Worker* worker : server_.workers()) begin_on(*worker, call(need, *worker, 10)).get();
  ASSERT_TRUE(soon([&] { return idp_.count("/token") == 2; }));
  ASSERT_TRUE(soon([&] { return header_of(*fetch(need)) == "authorization: Bearer t2"; }));
  clock_.move(bounds::retry_refresh_after + 1ms);  // each thread looks what the others have done
  for (net::Worker* worker : server_.workers()) {
    EXPECT_EQ(begin_on(*worker, call(need, *worker, 10)).get(), 0u);  // none is t1
  }
  EXPECT_EQ(idp_.count("/token"), 2u);
}

TEST_F(Fetch, NeedsNoNewTokenAfterARestart) {
  put_oauth();
  const Need need = oauth_need();
  ASSERT_TRUE(fetch(need));
  credentials_ = std::make_unique<Credentials>(*store_, *secrets_, clock_);
  worker_->local<ThreadCache>() = {};
  const auto again = fetch(need);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(header_of(*again), "authorization: Bearer t1");
  EXPECT_EQ(idp_.count("/token"), 1u);
  refused(need, *again);  // what the store keeps is not believed any more
  EXPECT_EQ(header_of(*fetch(need)), "authorization: Bearer t2");
}

TEST_F(Fetch, KeepsTokensSealed) {
  serve_tokens(3'600);
  put_oauth();
  ASSERT_TRUE(fetch(oauth_need()));
  const auto keys = wait_for(store_->keys_of(std::string{model::kind::kept_token}));
  ASSERT_EQ(keys->size(), 1u);
  const auto document = wait_for(store_->get(keys->front()));
  const auto body = json::parse((*document)->body);
  EXPECT_EQ((*document)->body.find("\"t1\""), std::string::npos) << (*document)->body;
  EXPECT_EQ(*unseal_member(*secrets_, **document, *body, "sealedToken"), "t1");
}

TEST_F(Fetch, SweepsKeptTokensThatHaveEnded) {
  put_oauth();
  ASSERT_TRUE(fetch(oauth_need()));
  clock_.move(2h);
  ASSERT_TRUE(fetch(oauth_need({{"scopes", JsonArray{"a"}}})));
  const auto keys = wait_for(store_->keys_of(std::string{model::kind::kept_token}));
  EXPECT_EQ(keys->size(), 1u);
}

TEST_F(Fetch, StopsUsingADeletedProvider) {
  put_oauth();
  const Need need = oauth_need();
  ASSERT_TRUE(fetch(need));
  remove(key(model::kind::oauth2_provider, "crm"));
  EXPECT_FALSE(cached(need));
  const auto credential = fetch(need);
  ASSERT_FALSE(credential);
  EXPECT_EQ(credential.error().code, Code::not_found);
  EXPECT_EQ(credential.error().message, "credential provider 'crm' not found");
}

TEST_F(Fetch, AsksAnewWhenTheProviderChanged) {
  put_oauth();
  const Need need = oauth_need();
  const auto first = fetch(need);
  put_oauth();
  EXPECT_FALSE(cached(need));
  const auto second = fetch(need);
  EXPECT_EQ(header_of(*second), "authorization: Bearer t2");
  EXPECT_NE((*first)->key, (*second)->key);
}

TEST_F(Fetch, KeepsATokenWhenAnotherProviderChanged) {
  put_oauth();
  const Need need = oauth_need();
  const auto first = fetch(need);
  put(key(model::kind::api_key_provider, "other"), {}, sealed_api_key, "k");
  EXPECT_FALSE(cached(need));  // it is looked at again
  EXPECT_EQ(*fetch(need), *first);
  EXPECT_EQ(cached(need), *first);
  EXPECT_EQ(idp_.count("/token"), 1u);
}

TEST_F(Fetch, BridgesATokenEndpointThatIsAway) {
  put_oauth();
  const Need need = oauth_need();
  const auto first = fetch(need);
  refuse_tokens(503, "");
  clock_.move(55min);
  EXPECT_EQ(*fetch(need), *first);
  ASSERT_TRUE(soon([&] { return idp_.count("/token") == 2; }));
  look_at_answers();                // before the clock moves on
  EXPECT_EQ(cached(need), *first);  // no second try at once
  EXPECT_EQ(idp_.count("/token"), 2u);
  clock_.move(bounds::retry_refresh_after + 1ms);
  EXPECT_EQ(cached(need), *first);
  ASSERT_TRUE(soon([&] { return idp_.count("/token") == 3; }));
  look_at_answers();
  clock_.move(5min - bounds::serve_margin);  // one that waits gets the old one, too
  EXPECT_EQ(*fetch(need), *first);
  clock_.move(1min);  // now it has ended
  const auto none = fetch(need);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::upstream);
}

TEST_F(Fetch, SharesAFailureWithThoseWhoWait) {
  refuse_tokens(400, R"({"error":"invalid_client"})", 100ms);
  put_oauth();
  const Need need = oauth_need();
  std::vector<std::future<Result<Shared>>> answers;
  for (int i = 0; i < 5; ++i) {
    answers.push_back(begin_fetch(need, 5s));
  }
  for (auto& answer : answers) {
    const auto credential = answer.get();
    ASSERT_FALSE(credential);
    EXPECT_EQ(credential.error().message,
              "credential provider 'crm': token endpoint answered 400: invalid_client");
  }
  EXPECT_EQ(idp_.count("/token"), 1u);
}

TEST_F(Fetch, NamesTheStepOfDiscovery) {
  idp_.answer_with([](const Seen&) { return Reply{.status = 404, .body = ""}; });
  put_oauth();
  const auto missing = fetch(oauth_need());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            fmt::format("credential provider 'crm': discovery document at {}: answered 404",
                        discovery_url()));
  put_oauth({{"discoveryUrl", "http://127.0.0.1:1/.well-known/openid-configuration"}});
  const auto unreachable = fetch(oauth_need());
  ASSERT_FALSE(unreachable);
  EXPECT_NE(unreachable.error().message.find("/.well-known/openid-configuration: connect"),
            std::string::npos)
      << unreachable.error().message;
}

TEST_F(Fetch, NamesTheStepOfATokenEndpointThatIsAway) {
  put_oauth({{"authorizationServerMetadata", {{"tokenEndpoint", "http://127.0.0.1:1/token"}}}});
  const auto credential = fetch(oauth_need());
  ASSERT_FALSE(credential);
  EXPECT_EQ(credential.error().code, Code::unavailable);
  EXPECT_NE(credential.error().message.find("token endpoint: connect"), std::string::npos)
      << credential.error().message;
  EXPECT_NE(credential.error().detail.find("127.0.0.1:1/token"), std::string::npos);
}

TEST_F(Fetch, ReadsADiscoveryDocumentOnceForAWhile) {
  serve_tokens(30);  // each fetch asks the token endpoint
  put_oauth();
  const Need need = oauth_need();
  ASSERT_TRUE(fetch(need));
  ASSERT_TRUE(fetch(need));
  EXPECT_EQ(idp_.seen().size(), 3u);
  clock_.move(limits::discovery_fresh_for + 1s);
  ASSERT_TRUE(fetch(need));
  EXPECT_EQ(idp_.seen().size(), 5u);
}

TEST_F(Fetch, PutsAnApiKeyIntoAHeaderOrTheQuery) {
  put(key(model::kind::api_key_provider, "crm"), {}, sealed_api_key, "k1");
  const auto header = fetch(key_need({{"credentialParameterName", "X-Api-Key"}}));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header_of(*header), "X-Api-Key: k1");
  const Need need = key_need({{"credentialLocation", "QUERY_PARAMETER"}});
  const auto query = fetch(need);
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(std::get<net::QueryCredential>((*query)->show).name, "api_key");
  EXPECT_EQ(std::get<net::QueryCredential>((*query)->show).value, "k1");
  clock_.move(24h * 365);
  EXPECT_EQ(cached(need), *query);
}

TEST_F(Fetch, UsesTheNewKeyOfAChangedProvider) {
  put(key(model::kind::api_key_provider, "crm"), {}, sealed_api_key, "k1");
  const Need need = key_need();
  EXPECT_EQ(header_of(*fetch(need)), "Authorization: Bearer k1");
  put(key(model::kind::api_key_provider, "crm"), {}, sealed_api_key, "k2");
  EXPECT_EQ(header_of(*fetch(need)), "Authorization: Bearer k2");
}

TEST_F(Fetch, RefusesASecretSealedForAnotherProvider) {
  const auto other = key(model::kind::api_key_provider, "other");
  const JsonObject moved{{sealed_api_key, seal_member(*secrets_, other, sealed_api_key, "k1")}};
  store::Batch batch;
  batch.puts.push_back(
      {.key = key(model::kind::api_key_provider, "crm"), .body = json::print(moved)});
  ASSERT_TRUE(wait_for(store_->commit(std::move(batch))));
  const auto credential = fetch(key_need());
  ASSERT_FALSE(credential);
  EXPECT_EQ(credential.error().code, Code::internal);
}

TEST_F(Fetch, BoundsTheCredentialsOfAThread) {
  put(key(model::kind::api_key_provider, "crm"), {}, sealed_api_key, "k1");
  for (std::size_t i = 0; i <= bounds::cached_credentials_count_max; ++i) {
    ASSERT_TRUE(fetch(key_need({{"credentialParameterName", fmt::format("h{}", i)}})));
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i <= bounds::cached_credentials_count_max; ++i) {
    if (cached(key_need({{"credentialParameterName", fmt::format("h{}", i)}}))) ++kept;
  }
  EXPECT_EQ(kept, bounds::cached_credentials_count_max);
}

}  // namespace
}  // namespace toolgate::credentials
