#include "services/cognito/token_request.h"

#include <gtest/gtest.h>

namespace toolgate::services::cognito {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

TEST(ParseForm, DecodesFieldsAndRefusesWhatIsBrokenOrAmbiguous) {
  const auto form = parse_form("a=1&b=x+y%2Fz&c&=d&&e=");
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(form->at("a"), "1");
  EXPECT_EQ(form->at("b"), "x y/z");
  EXPECT_EQ(form->at("c"), "");
  EXPECT_EQ(form->at(""), "d");
  EXPECT_EQ(form->size(), 5u);
  EXPECT_TRUE(parse_form("")->empty());
  for (const std::string_view broken : {"a=%", "a=%4", "%zz=1", "a=1&a=2", "a=1&a"}) {
    EXPECT_FALSE(parse_form(broken).has_value()) << broken;
  }
}

TEST(ParseForm, HasLimits) {
  EXPECT_FALSE(parse_form("a=" + std::string(token_request_bytes_max, 'x')).has_value());
  std::string fields;
  for (std::size_t i = 0; i < token_request_fields_max; ++i) {
    fields += "f" + std::to_string(i) + "=1&";
  }
  EXPECT_TRUE(parse_form(fields).has_value());
  EXPECT_FALSE(parse_form(fields + "one=more").has_value());
}

TEST(ParseBasic, TakesIdAndSecretThatMayBeEncoded) {
  const auto plain = parse_basic("Basic YW5uOnM6ZWNyZXQ=");  // ann:s:ecret
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->id, "ann");
  EXPECT_EQ(plain->secret, "s:ecret");
  const auto encoded = parse_basic("bAsIc YSUyQmI6Yys=");  // a%2Bb:c+
  ASSERT_TRUE(encoded.has_value());
  EXPECT_EQ(encoded->id, "a+b");
  EXPECT_EQ(encoded->secret, "c ");
  for (const std::string_view broken : {"", "Basic", "Basic ", "Basic !!!", "Basic YW5u",
                                        "Bearer YW5uOnNlY3JldA==", "Basic YW5uOnNlY3JldA"}) {
    EXPECT_FALSE(parse_basic(broken).has_value()) << broken;
  }
}

TEST(ParseTokenRequest, ReadsWhoAsksForWhat) {
  const auto request = parse_token_request(
      "application/x-www-form-urlencoded; charset=utf-8", std::nullopt,
      "grant_type=client_credentials&client_id=i&client_secret=s&scope=a%2Fb++c+a%2Fb");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->grant_type, "client_credentials");
  EXPECT_EQ(request->client_id, "i");
  EXPECT_EQ(request->client_secret, "s");
  EXPECT_FALSE(request->basic);
  EXPECT_EQ(request->scopes, (std::vector<std::string>{"a/b", "c"}));
}

TEST(ParseTokenRequest, TakesTheClientFromTheHeader) {
  const auto request = parse_token_request(
      form_type, "Basic YW5uOnNlY3JldA==", "grant_type=client_credentials&client_id=ann");
  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(request->basic);
  EXPECT_EQ(request->client_id, "ann");
  EXPECT_EQ(request->client_secret, "secret");
}

TEST(ParseTokenRequest, RefusesInTheWordsOfRfc6749) {
  struct Case {
    std::string_view type, authorization, body, error;
    int status;
  };
  const Case cases[] = {
      {"application/json", "", "{}", "invalid_request", 400},
      {"", "", "grant_type=x&client_id=i", "invalid_request", 400},
      {form_type, "", "grant_type=x", "invalid_request", 400},
      {form_type, "", "client_id=i&client_secret=s", "invalid_request", 400},
      {form_type, "", "grant_type=x&grant_type=x&client_id=i", "invalid_request", 400},
      {form_type, "Basic YW5uOnNlY3JldA==", "grant_type=x&client_secret=s", "invalid_request", 400},
      {form_type, "Basic YW5uOnNlY3JldA==", "grant_type=x&client_id=bob", "invalid_request", 400},
      {form_type, "Basic !", "grant_type=x&client_id=bob", "invalid_client", 401},
  };
  for (const Case& one : cases) {
    const auto authorization = one.authorization.empty()
                                   ? std::optional<std::string_view>{}
                                   : std::optional<std::string_view>{one.authorization};
    const auto request = parse_token_request(one.type, authorization, one.body);
    ASSERT_FALSE(request.has_value()) << one.body;
    EXPECT_EQ(request.error().error, one.error) << one.body;
    EXPECT_EQ(request.error().status, one.status) << one.body;
  }
}

}  // namespace
}  // namespace toolgate::services::cognito
