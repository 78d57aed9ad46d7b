#include "identity/jwt_authorizer.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "identity/jwt_testing.h"

namespace toolgate::identity {
namespace {

using namespace std::chrono_literals;
using namespace testing;

TEST_F(AuthorizerTest, LetsInAGoodToken) {
  const auto who = sign_in(key.sign_jwt(claims({{"client_id", "c"}}))).value();
  EXPECT_EQ(who->kind, Principal::Kind::federated);
  EXPECT_EQ(who->id, "ann");
  EXPECT_EQ(who->client_id, "c");
  EXPECT_EQ(json::find_string(who->claims, "iss"), issuer);
}

TEST_F(AuthorizerTest, LetsInTokensOfRsaKeys) {
  key = crypto::PrivateKey::generate_rsa();
  publish(key);
  EXPECT_TRUE(sign_in(good_token()));
}

TEST_F(AuthorizerTest, RefusesBadTokensAndSaysWhyOnlyToTheLog) {
  const std::string good = good_token();
  const auto stranger = crypto::PrivateKey::generate_p256();
  const std::pair<std::string, std::string> cases[] = {
      {"token:", "abc"},
      {"token:", crypto::base64url(R"({"alg":"none"})") + good.substr(good.find('.'))},
      {"signature", good.substr(0, good.rfind('.') + 1) + std::string(86, 'A')},
      {"no key", stranger.sign_jwt(claims())},
      {"iss is missing", key.sign_jwt(claims({{"iss", nullptr}}))},
      {"iss is \"https://other", key.sign_jwt(claims({{"iss", "https://other"}}))},
      {"iss is", key.sign_jwt(claims({{"iss", issuer + "/"}}))},
      {"expired", key.sign_jwt(claims({{"exp", seconds_of(clock.now()) - 60}}))},
      {"exp is missing", key.sign_jwt(claims({{"exp", nullptr}}))},
      {"nbf", key.sign_jwt(claims({{"nbf", seconds_of(clock.now()) + 61}}))},
      {"aud", key.sign_jwt(claims({{"aud", "other"}}))},
  };
  for (const auto& [why, token] : cases) {
    for (int again = 0; again < 2; ++again) {
      const auto who = sign_in(token);
      ASSERT_FALSE(who) << why;
      EXPECT_EQ(who.error().code, Code::unauthenticated) << why;
      EXPECT_EQ(who.error().message, "Invalid Bearer token") << why;
      EXPECT_NE(who.error().detail.find(why), std::string::npos) << who.error().detail;
      EXPECT_EQ(authorizer->cached(token, thread.worker), nullptr);
    }
  }
  EXPECT_TRUE(sign_in(good));
}

TEST_F(AuthorizerTest, RefusesATokenThatWasChangedAnywhere) {
  const std::string good = good_token();
  ASSERT_TRUE(sign_in(good));
  for (std::size_t i = 0; i < good.size(); i += 17) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sign_in(changed)) << i;
  }
}

TEST_F(AuthorizerTest, SaysThatTheScopeIsMissing) {
  compile({{"allowedScopes", JsonArray{"gw/invoke"}}});
  const auto who = sign_in(key.sign_jwt(claims({{"scope", "gw/read"}})));
  EXPECT_EQ(who.error().code, Code::denied);
  EXPECT_EQ(who.error().name, "insufficient_scope");
  EXPECT_TRUE(sign_in(key.sign_jwt(claims({{"scope", "gw/invoke"}}))));
  EXPECT_EQ(authorizer->advertised_scopes(), std::vector<std::string>{"gw/invoke"});
  // A forged token learns nothing about scopes.
  const auto forged = crypto::PrivateKey::generate_p256().sign_jwt(claims());
  EXPECT_EQ(sign_in(forged).error().code, Code::unauthenticated);
}

TEST_F(AuthorizerTest, RemembersVerifiedTokens) {
  const std::string token = good_token();
  EXPECT_EQ(authorizer->cached(token, thread.worker), nullptr);
  const auto first = sign_in(token).value();
  EXPECT_EQ(authorizer->cached(token, thread.worker), first);
  EXPECT_EQ(sign_in(token).value(), first);
  clock.move(limits::verified_token_for - 1ms);
  EXPECT_EQ(authorizer->cached(token, thread.worker), first);
  clock.move(1ms);
  EXPECT_EQ(authorizer->cached(token, thread.worker), nullptr);
  EXPECT_NE(sign_in(token).value(), first);
}

TEST_F(AuthorizerTest, ForgetsATokenWhenItExpires) {
  const std::string token = key.sign_jwt(claims({{"exp", seconds_of(clock.now()) + 10}}));
  ASSERT_TRUE(sign_in(token));
  clock.move(9s);
  EXPECT_NE(authorizer->cached(token, thread.worker), nullptr);
  clock.move(1s);
  EXPECT_EQ(authorizer->cached(token, thread.worker), nullptr);
}

TEST_F(AuthorizerTest, KeepsAuthorizersApart) {
  const std::string token = good_token();
  ASSERT_TRUE(sign_in(token));
  const auto first = authorizer;
  compile({{"allowedAudience", JsonArray{"another"}}});
  EXPECT_EQ(authorizer->cached(token, thread.worker), nullptr);
  EXPECT_FALSE(sign_in(token));
  EXPECT_NE(first->cached(token, thread.worker), nullptr);
}

TEST_F(AuthorizerTest, StaysWarmWhenTheSameConfigurationIsCompiledAgain) {
  const std::string token = good_token();
  ASSERT_TRUE(sign_in(token));
  compile({{"allowedAudience", JsonArray{"gw"}}});
  EXPECT_NE(authorizer->cached(token, thread.worker), nullptr);
}

TEST_F(AuthorizerTest, RemembersRefusalsBriefly) {
  const std::string good = good_token();
  const std::string bad = good.substr(0, good.rfind('.') + 1) + std::string(86, 'A');
  EXPECT_FALSE(sign_in(bad));
  const auto& refused = thread.worker.local<VerifiedTokens>().refused;
  const AuthorizerId id = fingerprint_of(configuration);
  EXPECT_NE(refused.find({.authorizer = id, .token = bad}, clock.now()), nullptr);
  EXPECT_EQ(
      refused.find({.authorizer = id, .token = bad}, clock.now() + VerifiedTokens::refused_for),
      nullptr);
  // What is remembered is what is answered, for as long as it is remembered.
  thread.worker.local<VerifiedTokens>().refused.keep({.authorizer = id, .token = good},
                                                     Error{.code = Code::denied},
                                                     clock.now() + VerifiedTokens::refused_for);
  EXPECT_EQ(sign_in(good).error().code, Code::denied);
  clock.move(VerifiedTokens::refused_for);
  EXPECT_TRUE(sign_in(good));
}

TEST_F(AuthorizerTest, LetsANewKeyInWithoutWaitingForARefusalToEnd) {
  ASSERT_TRUE(sign_in(good_token()));
  const auto next = crypto::PrivateKey::generate_p256();
  const std::string token = next.sign_jwt(claims());
  EXPECT_FALSE(sign_in(token));
  publish(next);
  clock.move(limits::jwks_refetch_interval);
  EXPECT_TRUE(sign_in(token));
}

TEST_F(AuthorizerTest, KnowsBothNamesOfAPool) {
  class Aliases final : public IssuerAliases {
   public:
    std::vector<std::string> aliases_of(std::string_view issuer) const override {
      if (issuer != testing::issuer) return {};
      return {"http://127.0.0.1:7878/pool", std::string{issuer}};
    }
  };
  const std::string token = key.sign_jwt(claims({{"iss", "http://127.0.0.1:7878/pool"}}));
  EXPECT_FALSE(sign_in(token));
  const Aliases aliases;
  compile({{"allowedAudience", JsonArray{"gw"}}, {"allowedClients", JsonArray{"c"}}}, &aliases);
  EXPECT_TRUE(
      sign_in(key.sign_jwt(claims({{"iss", "http://127.0.0.1:7878/pool"}, {"client_id", "c"}}))));
  EXPECT_FALSE(
      sign_in(key.sign_jwt(claims({{"iss", "http://127.0.0.1:7878/other"}, {"client_id", "c"}}))));
}

TEST_F(AuthorizerTest, GivesTheIssuerOfTheDocument) {
  EXPECT_EQ(thread.run(authorizer->issuer(thread.worker)).value(), issuer);
  EXPECT_EQ(thread.run(authorizer->issuer(thread.worker)).value(), issuer);
  EXPECT_EQ(documents.count(discovery_url), 1);
}

TEST_F(AuthorizerTest, SaysThatTheProviderCannotBeReached) {
  documents.remove(discovery_url);
  const auto who = sign_in(good_token());
  EXPECT_EQ(who.error().code, Code::unavailable);
  EXPECT_NE(who.error().detail.find(discovery_url), std::string::npos);
  EXPECT_EQ(thread.run(authorizer->issuer(thread.worker)).error().code, Code::unavailable);
}

TEST(CompileAuthorizer, RefusesABadConfiguration) {
  EXPECT_EQ(JwtAuthorizer::compile(JsonObject{}, nullptr).error().code, Code::invalid);
  EXPECT_TRUE(JwtAuthorizer::compile(
      JsonObject{{"discoveryUrl", discovery_url}, {"allowedClients", JsonArray{"c"}}}, nullptr));
}

}  // namespace
}  // namespace toolgate::identity
