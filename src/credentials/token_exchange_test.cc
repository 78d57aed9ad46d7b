#include "credentials/test_idp.h"

namespace toolgate::credentials {
namespace {

using namespace std::chrono_literals;

class TokenExchange : public testing::CredentialsTest {
 protected:
  void put_exchanger(JsonObject config) {
    put_oauth({{"discoveryUrl", discovery_url()}},
              {{"onBehalfOfTokenExchangeConfig", std::move(config)}});
  }
  static Json by_exchange(std::string_view actor) {
    return {{"grantType", "TOKEN_EXCHANGE"},
            {"tokenExchangeGrantTypeConfig", {{"actorTokenContent", actor}}}};
  }
  static Need exchange_need(JsonObject configuration = {}) {
    configuration["grantType"] = "TOKEN_EXCHANGE";
    return oauth_need(std::move(configuration));
  }
  std::string form() const { return idp_.seen().back().body; }
};

constexpr std::string_view client = "&client_id=me&client_secret=s3cret";
constexpr std::string_view exchanged =
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange";
constexpr std::string_view jwt_type =
    "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";

TEST_F(TokenExchange, SendsTheCallersTokenAsTheSubject) {
  put_exchanger(by_exchange("NONE").get_object());
  const Need need = Credentials::bind(
      exchange_need({{"scopes", JsonArray{"a"}}, {"customParameters", {{"audience", "api"}}}}),
      user("u1"));
  const auto made = fetch(need);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(header_of(*made), "authorization: Bearer t1");
  EXPECT_EQ(form(), fmt::format("{}{}&scope=a&subject_token=u1{}&audience=api", exchanged, client,
                                jwt_type));
}

TEST_F(TokenExchange, LetsParametersNameAnotherTypeOfToken) {
  put_exchanger(by_exchange("NONE").get_object());
  const Need need = Credentials::bind(
      exchange_need({{"customParameters", {{"subject_token_type", "urn:x"}}}}), user("u1"));
  ASSERT_TRUE(fetch(need));
  EXPECT_EQ(form(),
            fmt::format("{}{}&subject_token=u1&subject_token_type=urn%3Ax", exchanged, client));
}

TEST_F(TokenExchange, ShowsTheClientsOwnTokenAsTheActor) {
  put_exchanger({{"grantType", "TOKEN_EXCHANGE"},
                 {"tokenExchangeGrantTypeConfig",
                  {{"actorTokenContent", "M2M"}, {"actorTokenScopes", JsonArray{"act"}}}}});
  const auto made = fetch(Credentials::bind(exchange_need(), user("u1")));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(header_of(*made), "authorization: Bearer t2");
  ASSERT_EQ(idp_.count("/token"), 2u);
  EXPECT_EQ(idp_.seen()[1].body, fmt::format("grant_type=client_credentials{}&scope=act", client));
  EXPECT_NE(form().find("&actor_token=t1&actor_token_type=urn%3Aietf%3Aparams%3Aoauth%3A"
                        "token-type%3Aaccess_token"),
            std::string::npos)
      << form();
}

TEST_F(TokenExchange, SendsAJwtAuthorizationGrant) {
  put_exchanger({{"grantType", "JWT_AUTHORIZATION_GRANT"}});
  ASSERT_TRUE(fetch(Credentials::bind(exchange_need(), user("u1"))));
  EXPECT_EQ(form(), fmt::format("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
                                "{}&assertion=u1",
                                client));
  put_exchanger(
      {{"grantType", "JWT_AUTHORIZATION_GRANT"},
       {"onBehalfOfAuthenticationConfig", {{"clientAuthenticationMethod", "NO_CLIENT"}}}});
  ASSERT_TRUE(fetch(Credentials::bind(exchange_need(), user("u1"))));
  EXPECT_EQ(form(),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
            "&assertion=u1");
}

TEST_F(TokenExchange, KeepsOneTokenForEachTokenOfEachCaller) {
  put_exchanger(by_exchange("NONE").get_object());
  const Need need = exchange_need();
  const auto first = fetch(Credentials::bind(need, user("u1")));
  EXPECT_EQ(*fetch(Credentials::bind(need, user("u1"))), *first);
  EXPECT_EQ(idp_.count("/token"), 1u);
  EXPECT_NE(*fetch(Credentials::bind(need, user("u2"))), *first);
  EXPECT_NE(*fetch(Credentials::bind(need, user("u1", "bob"))), *first);
  EXPECT_EQ(idp_.count("/token"), 3u);
  // None of them outlives the process.
  EXPECT_TRUE(wait_for(store_->keys_of(std::string{model::kind::kept_token}))->empty());
}

TEST_F(TokenExchange, DoesNotOutliveTheCallersToken) {
  serve_tokens(86'400);
  put_exchanger(by_exchange("NONE").get_object());
  const Need need = Credentials::bind(exchange_need(), user("u1"));
  ASSERT_TRUE(fetch(need));
  clock_.move(50min);
  EXPECT_TRUE(cached(need));
  clock_.move(10min);
  EXPECT_FALSE(cached(need));
}

TEST_F(TokenExchange, RefusesACallerWithoutATokenAndAProviderThatDoesNotExchange) {
  put_oauth();
  const auto none = fetch(Credentials::bind(exchange_need(), user("u1")));
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("onBehalfOfTokenExchangeConfig"), std::string::npos);
  const auto nobody = fetch(Credentials::bind(exchange_need(), user("")));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, Code::denied);
}

}  // namespace
}  // namespace toolgate::credentials
