#include "credentials/token_endpoint.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "credentials/bounds.h"

namespace toolgate::credentials {
namespace {

using namespace std::chrono_literals;

TEST(TokenRequest, SendsTheSecretInTheForm) {
  const Json parameters{{"audience", "https://api/?a&b"}};
  const auto request = token_request({.client_id = "id 1",
                                      .client_secret = "s&=+",
                                      .auth = ClientAuth::body,
                                      .scope = "a/b c",
                                      .parameters = &parameters});
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&client_id=id%201&client_secret=s%26%3D%2B"
            "&scope=a%2Fb%20c&audience=https%3A%2F%2Fapi%2F%3Fa%26b");
  EXPECT_EQ(net::find_header(request.headers, "content-type"), "application/x-www-form-urlencoded");
  EXPECT_FALSE(net::find_header(request.headers, "authorization"));
}

TEST(TokenRequest, SendsTheSecretInTheHeaderForBasic) {
  const auto request = token_request(
      {.client_id = "id:1", .client_secret = "s%", .auth = ClientAuth::basic, .scope = ""});
  EXPECT_EQ(request.body, "grant_type=client_credentials");
  EXPECT_EQ(net::find_header(request.headers, "authorization"),
            "Basic aWQlM0ExOnMlMjU=");  // id%3A1:s%25
}

TEST(TokenRequest, SendsAnAssertionAndNoSecret) {
  const auto request = token_request({.client_id = "id",
                                      .client_secret = "s",
                                      .assertion = "a.b.c",
                                      .auth = ClientAuth::key,
                                      .scope = ""});
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&client_id=id&client_assertion_type=urn%3Aietf%3Aparams"
            "%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c");
  EXPECT_FALSE(net::find_header(request.headers, "authorization"));
}

TEST(ChooseClientAuth, PrefersTheFormUnlessOnlyBasicIsListed) {
  EXPECT_EQ(choose_client_auth({}), ClientAuth::body);
  EXPECT_EQ(choose_client_auth({"client_secret_basic"}), ClientAuth::basic);
  EXPECT_EQ(choose_client_auth({"client_secret_basic", "client_secret_post"}), ClientAuth::body);
  EXPECT_EQ(choose_client_auth({"private_key_jwt"}), ClientAuth::body);
}

TEST(ReadTokenAnswer, TakesTokensAndTheirLife) {
  struct Case {
    std::string_view body;
    std::chrono::seconds life;
  };
  const Case cases[]{
      {R"({"access_token":"t","token_type":"Bearer","expires_in":3600})", 3600s},
      {R"({"access_token":"t","token_type":"bearer","expires_in":"120"})", 120s},
      {R"({"access_token":"t","token_type":"BearerToken","expires_in":1.5})", 1s},
      {R"({"access_token":"t","expires_in":0})", 0s},
      {R"({"access_token":"t"})", bounds::token_life_unsaid},
      {R"({"access_token":"t","expires_in":-1})", bounds::token_life_unsaid},
      {R"({"access_token":"t","expires_in":"soon"})", bounds::token_life_unsaid},
      {R"({"access_token":"t","expires_in":1e300})", bounds::token_life_max},
  };
  for (const auto& c : cases) {
    const auto token = read_token_answer(200, c.body, "secret");
    ASSERT_TRUE(token) << c.body << token.error().message;
    EXPECT_EQ(token->text, "t");
    EXPECT_EQ(token->life, c.life) << c.body;
  }
}

TEST(ReadTokenAnswer, SaysWhatTheOtherSideSaid) {
  struct Case {
    int status;
    std::string body, message;
  };
  const Case cases[]{
      {400, R"({"error":"invalid_client"})", "token endpoint answered 400: invalid_client"},
      {401, R"({"error":"invalid_scope","error_description":"no \"x\"\n"})",
       "token endpoint answered 401: invalid_scope (no \"x\"?)"},
      {200, R"({"error":"bad_verification_code"})",
       "token endpoint answered 200: bad_verification_code"},
      {503, "<html>", "token endpoint answered 503"},
      {302, "", "token endpoint answered 302; redirects are not followed"},
      {400, R"({"error":"secret is wrong"})",
       "token endpoint answered 400: (not shown: it repeats the secret)"},
      {200, "[]", "token endpoint answered 200 with what is no JSON object"},
      {200, "{}", "token endpoint answered 200 without an access_token"},
      {200, R"({"access_token":7})", "token endpoint answered 200 without an access_token"},
      {200, R"({"access_token":""})",
       "token endpoint answered an access_token that cannot stand in a header"},
      {200, R"({"access_token":"a\r\nx: y"})",
       "token endpoint answered an access_token that cannot stand in a header"},
      {200, R"({"access_token":"a","token_type":"mac"})",
       "token endpoint answered a token of type 'mac'; bearer is served"},
  };
  for (const auto& c : cases) {
    const auto token = read_token_answer(c.status, c.body, "secret");
    ASSERT_FALSE(token) << c.body;
    EXPECT_EQ(token.error().code, Code::upstream);
    EXPECT_EQ(token.error().message, c.message);
  }
}

TEST(ReadTokenAnswer, BoundsWhatItRepeatsAndTakes) {
  const std::string words(5'000, 'x');
  const auto refused = read_token_answer(400, R"({"error":")" + words + R"("})", "secret");
  ASSERT_FALSE(refused);
  EXPECT_LT(refused.error().message.size(), bounds::quoted_bytes_max + 50);
  const std::string token(limits::token_bytes_max + 1, 'x');
  EXPECT_FALSE(read_token_answer(200, R"({"access_token":")" + token + R"("})", "secret"));
}

}  // namespace
}  // namespace toolgate::credentials
