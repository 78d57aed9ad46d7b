// The OAuth endpoints: tokens under both names of a pool, verified with the pool's own key set.
#include "crypto/hash.h"
#include "crypto/jwt.h"
#include "services/cognito/test_bench.h"

namespace toolgate::services::cognito {
namespace {

constexpr std::string_view own_host = "127.0.0.1:7878";
constexpr std::string_view domain_host_name = "mypool.auth.us-east-1.amazoncognito.com";
constexpr std::string_view idp_host_name = "cognito-idp.us-east-1.amazonaws.com";

class Token : public testing::Test {
 protected:
  Token() {
    EXPECT_EQ(call("CreateUserPoolDomain", {{"Domain", "mypool"}}), "fine");
    const auto scope = [](std::string_view name) {
      return JsonObject{{"ScopeName", name}, {"ScopeDescription", "x"}};
    };
    EXPECT_EQ(call("CreateResourceServer", {{"Identifier", "orders"},
                                            {"Name", "orders"},
                                            {"Scopes", JsonArray{scope("read"), scope("write")}}}),
              "fine");
    make_client({{"AllowedOAuthFlows", JsonArray{"client_credentials"}},
                 {"AllowedOAuthScopes", JsonArray{"orders/read", "orders/write"}},
                 {"AllowedOAuthFlowsUserPoolClient", true}});
  }

  std::string call(std::string_view operation, JsonObject input) {
    input["UserPoolId"] = pool;
    return outcome(bench.call(operation, std::move(input)));
  }
  void make_client(JsonObject input) {
    input["UserPoolId"] = pool;
    input["ClientName"] = "client";
    input["GenerateSecret"] = true;
    const auto made = bench.call("CreateUserPoolClient", std::move(input));
    ASSERT_EQ(outcome(made), "fine");
    id = at(*made, "/UserPoolClient/ClientId");
    secret = at(*made, "/UserPoolClient/ClientSecret");
  }
  std::string form(std::string_view more = {}) const {
    return "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret +
           std::string{more};
  }
  // "STATUS error"
  static std::string refusal(const net::Response& response) {
    return std::to_string(response.status) + ' ' + at(body_of(response), "/error");
  }
  // The claims, if the token verifies with the key set that is served there.
  Json verified(const net::Response& response, std::string_view keys_host) {
    EXPECT_EQ(response.status, 200) << net::buffered(response);
    const auto jwt = crypto::parse_jwt(at(body_of(response), "/access_token"));
    const auto set =
        crypto::parse_jwks(body_of(bench.get(keys_host, "/" + pool + "/.well-known/jwks.json")));
    EXPECT_TRUE(jwt.has_value() && set.has_value());
    if (!jwt || !set) return {};
    EXPECT_EQ(jwt->algorithm, "RS256");
    for (const crypto::PublicKey& key : *set) {
      if (key.id() != jwt->key_id) continue;
      EXPECT_TRUE(key.verify(jwt->algorithm, jwt->signing_input, jwt->signature));
      return jwt->claims;
    }
    ADD_FAILURE() << "no key " << jwt->key_id;
    return {};
  }

  Bench bench;
  std::string pool = bench.make_pool();
  std::string id;
  std::string secret;
};

TEST_F(Token, OfTheAwsShapedHostCarriesTheAwsShapedIssuer) {
  const auto response = bench.token(domain_host_name, form("&scope=orders%2Fread"));
  const Json claims = verified(response, idp_host_name);
  EXPECT_EQ(at(claims, "/iss"), "https://cognito-idp.us-east-1.amazonaws.com/" + pool);
  EXPECT_EQ(at(claims, "/sub"), id);
  EXPECT_EQ(at(claims, "/client_id"), id);
  EXPECT_EQ(at(claims, "/token_use"), "access");
  EXPECT_EQ(at(claims, "/scope"), "orders/read");
  EXPECT_EQ(at(claims, "/version"), "2");
  EXPECT_EQ(at(claims, "/iat"), "1700000000");
  EXPECT_EQ(at(claims, "/auth_time"), "1700000000");
  EXPECT_EQ(at(claims, "/exp"), "1700003600");
  EXPECT_EQ(at(claims, "/jti").size(), 36u);
  EXPECT_EQ(at(claims, "/aud"), "(absent)");
  EXPECT_EQ(at(body_of(response), "/token_type"), "Bearer");
  EXPECT_EQ(at(body_of(response), "/expires_in"), "3600");
  EXPECT_EQ(net::find_header(response.headers, "cache-control"), "no-store");
}

TEST_F(Token, OfOurOwnAddressCarriesThatAddress) {
  const Json claims = verified(bench.token(own_host, form()), own_host);
  EXPECT_EQ(at(claims, "/iss"), "http://127.0.0.1:7878/" + pool);
  EXPECT_EQ(at(claims, "/scope"), "orders/read orders/write");
}

TEST_F(Token, FindsTheDomainWhateverItsCase) {
  EXPECT_EQ(bench.token("MyPool.auth.us-east-1.amazoncognito.com", form()).status, 200);
}

TEST_F(Token, TakesTheSecretFromTheHeaderToo) {
  const std::string basic = "Basic " + crypto::base64(id + ":" + secret);
  EXPECT_EQ(bench.token(own_host, "grant_type=client_credentials", basic).status, 200);
  const auto both =
      bench.token(own_host, "grant_type=client_credentials&client_secret=" + secret, basic);
  EXPECT_EQ(refusal(both), "400 invalid_request");
  const auto wrong = bench.token(own_host, "grant_type=client_credentials",
                                 "Basic " + crypto::base64(id + ":wrong"));
  EXPECT_EQ(refusal(wrong), "401 invalid_client");
  EXPECT_EQ(net::find_header(wrong.headers, "www-authenticate"), R"(Basic realm="oauth2/token")");
}

TEST_F(Token, IsRefusedInTheWordsOfRfc6749) {
  const std::string credentials = "&client_id=" + id + "&client_secret=" + secret;
  struct Case {
    std::string host, body, expected;
  };
  const std::string own{own_host};
  const Case cases[] = {
      {own, "client_id=" + id, "400 invalid_request"},
      {own, "grant_type=client_credentials&client_id=absent&client_secret=x", "400 invalid_client"},
      {own, "grant_type=client_credentials&client_id=a%2Fb&client_secret=x", "400 invalid_client"},
      {own, "grant_type=client_credentials&client_id=%00&client_secret=x", "400 invalid_client"},
      {own, "grant_type=client_credentials&client_id=" + id, "400 invalid_client"},
      {own, "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret + "x",
       "400 invalid_client"},
      {"absent.auth.us-east-1.amazoncognito.com", form(), "400 invalid_client"},
      {"mypool.auth.eu-west-1.amazoncognito.com", form(), "400 invalid_client"},
      {"cognito-idp.us-east-1.amazonaws.com", form(), "400 invalid_client"},
      {own, "grant_type=authorization_code" + credentials, "400 unsupported_grant_type"},
      {own, form("&scope=orders/absent"), "400 invalid_scope"},
      {own, form("&scope=orders/read+other/x"), "400 invalid_scope"},
      {own, form("&scope=openid"), "400 invalid_scope"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(refusal(bench.token(one.host, one.body)), one.expected) << one.host << one.body;
  }
  const auto unknown = bench.token(own, "grant_type=client_credentials&client_id=absent");
  EXPECT_EQ(net::buffered(unknown), R"({"error":"invalid_client"})");
  EXPECT_EQ(net::find_header(unknown.headers, "cache-control"), "no-store");
}

TEST_F(Token, AClientOfAnotherPoolIsUnknownToThisPoolsDomain) {
  const std::string first = pool;
  pool = bench.make_pool();
  EXPECT_EQ(call("CreateUserPoolDomain", {{"Domain", "another"}}), "fine");
  EXPECT_EQ(refusal(bench.token("another.auth.us-east-1.amazoncognito.com", form())),
            "400 invalid_client");
}

TEST_F(Token, AClientWithoutTheFlowIsUnauthorized) {
  make_client({});
  EXPECT_EQ(refusal(bench.token(own_host, form())), "400 unauthorized_client");
}

TEST_F(Token, TakesOnlyAPostOfAForm) {
  net::Request get = Bench::to(own_host, "GET", "/oauth2/token");
  const auto refused = run_task(bench.io(), bench.oauth().token(get, bench.worker()));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(net::find_header(refused.headers, "allow"), "POST");
}

TEST_F(Token, LivesAsLongAsTheClientSays) {
  make_client({{"AllowedOAuthFlows", JsonArray{"client_credentials"}},
               {"AllowedOAuthScopes", JsonArray{"orders/read"}},
               {"AllowedOAuthFlowsUserPoolClient", true},
               {"AccessTokenValidity", 15},
               {"TokenValidityUnits", {{"AccessToken", "minutes"}}}});
  const auto response = bench.token(own_host, form());
  EXPECT_EQ(at(body_of(response), "/expires_in"), "900");
  EXPECT_EQ(at(verified(response, own_host), "/exp"), "1700000900");
}

TEST_F(Token, IsRefusedAtOnceAfterDeletion) {
  EXPECT_EQ(call("DeleteResourceServer", {{"Identifier", "orders"}}), "fine");
  EXPECT_EQ(refusal(bench.token(own_host, form("&scope=orders/read"))), "400 invalid_scope");
  EXPECT_EQ(refusal(bench.token(own_host, form())), "400 invalid_scope");
  EXPECT_EQ(call("DeleteUserPoolDomain", {{"Domain", "mypool"}}), "fine");
  EXPECT_EQ(refusal(bench.token(domain_host_name, form())), "400 invalid_client");
  EXPECT_EQ(call("DeleteUserPoolClient", {{"ClientId", id}}), "fine");
  EXPECT_EQ(refusal(bench.token(own_host, form())), "400 invalid_client");
}

TEST_F(Token, OfADeletedPoolIsRefused) {
  EXPECT_EQ(call("DeleteUserPoolDomain", {{"Domain", "mypool"}}), "fine");
  EXPECT_EQ(call("DeleteUserPool", {}), "fine");
  EXPECT_EQ(refusal(bench.token(own_host, form())), "400 invalid_client");
  EXPECT_EQ(bench.get(own_host, "/" + pool + "/.well-known/jwks.json").status, 404);
}

TEST_F(Token, DiscoveryNamesThePoolAsItWasReached) {
  const std::string path = "/" + pool + "/.well-known/openid-configuration";
  const Json aws = body_of(bench.get(idp_host_name, path));
  const std::string aws_issuer_name = "https://cognito-idp.us-east-1.amazonaws.com/" + pool;
  EXPECT_EQ(at(aws, "/issuer"), aws_issuer_name);
  EXPECT_EQ(at(aws, "/jwks_uri"), aws_issuer_name + "/.well-known/jwks.json");
  EXPECT_EQ(at(aws, "/token_endpoint"),
            "https://mypool.auth.us-east-1.amazoncognito.com/oauth2/token");
  const Json own = body_of(bench.get(own_host, path));
  EXPECT_EQ(at(own, "/issuer"), "http://127.0.0.1:7878/" + pool);
  EXPECT_EQ(at(own, "/jwks_uri"), "http://127.0.0.1:7878/" + pool + "/.well-known/jwks.json");
  EXPECT_EQ(at(own, "/token_endpoint"), "http://127.0.0.1:7878/oauth2/token");

  EXPECT_EQ(call("DeleteUserPoolDomain", {{"Domain", "mypool"}}), "fine");
  EXPECT_EQ(at(body_of(bench.get(idp_host_name, path)), "/token_endpoint"), "(absent)");
}

TEST_F(Token, DocumentsOfNoPoolAreNotFound) {
  const std::string known = "/" + pool + "/.well-known/";
  struct Case {
    std::string_view host;
    std::string path;
  };
  const Case cases[] = {
      {own_host, "/us-east-1_absent123/.well-known/jwks.json"},
      {own_host, "/nonsense/.well-known/openid-configuration"},
      {own_host, known + "other"},
      {own_host, known},
      {own_host, "/x" + known + "jwks.json"},
      {"cognito-idp.eu-west-1.amazonaws.com", known + "jwks.json"},
      {"iam.amazonaws.com", known + "jwks.json"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(bench.get(one.host, one.path).status, 404) << one.host << one.path;
  }
  net::Request post = Bench::to(own_host, "POST", "/x/.well-known/jwks.json");
  EXPECT_EQ(run_task(bench.io(), bench.oauth().document(post, bench.worker())).status, 405);
}

TEST_F(Token, AuthorizersLearnBothNames) {
  EXPECT_EQ(bench.oauth().aliases_of("http://127.0.0.1:7878/" + pool).size(), 2u);
  EXPECT_EQ(bench.oauth().aliases_of("https://login.example.com").size(), 1u);
}

}  // namespace
}  // namespace toolgate::services::cognito
