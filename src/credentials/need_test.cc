#include <gtest/gtest.h>

#include "credentials/credentials.h"

namespace toolgate::credentials {
namespace {

const Owner here{.place = {.account = "123456789012", .region = "us-east-1"},
                 .gateway_arn = "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/g",
                 .role_arn = "arn:aws:iam::123456789012:role/gate"};
constexpr std::string_view oauth_arn =
    "arn:aws:bedrock-agentcore:us-east-1:123456789012:token-vault/default/"
    "oauth2credentialprovider/crm";
constexpr std::string_view key_arn =
    "arn:aws:bedrock-agentcore:us-east-1:123456789012:token-vault/default/"
    "apikeycredentialprovider/weather";

Json oauth(JsonObject more = {}, std::string_view arn = oauth_arn) {
  more["providerArn"] = arn;
  more.emplace("scopes", JsonArray{"a", "b"});
  return JsonArray{{{"credentialProviderType", "OAUTH"},
                    {"credentialProvider", {{"oauthCredentialProvider", std::move(more)}}}}};
}
Json api_key(JsonObject more = {}) {
  more["providerArn"] = key_arn;
  return JsonArray{{{"credentialProviderType", "API_KEY"},
                    {"credentialProvider", {{"apiKeyCredentialProvider", std::move(more)}}}}};
}
Result<Need> compile(const Json& configurations) {
  return Credentials::compile(here, &configurations);
}

TEST(CompileNeed, NeedsNothingWithoutConfiguration) {
  EXPECT_EQ(Credentials::compile(here, nullptr)->kind, Need::Kind::none);
  EXPECT_EQ(compile(Json{})->kind, Need::Kind::none);
  EXPECT_EQ(compile(JsonArray{})->kind, Need::Kind::none);
}

TEST(CompileNeed, ReadsOAuthClientCredentials) {
  const auto need = compile(oauth({{"customParameters", {{"audience", "https://api"}}}}));
  ASSERT_TRUE(need) << need.error().message;
  EXPECT_EQ(need->kind, Need::Kind::oauth_client_credentials);
  EXPECT_EQ(need->provider, "crm");
  EXPECT_EQ(need->scope, "a b");
  EXPECT_EQ(json::find_string(need->custom_parameters, "audience"), "https://api");
}

TEST(CompileNeed, GivesDifferentCacheKeysToDifferentNeeds) {
  const auto plain = compile(oauth());
  EXPECT_EQ(plain->cache_key, compile(oauth())->cache_key);
  EXPECT_NE(plain->cache_key, compile(oauth({{"scopes", JsonArray{"a"}}}))->cache_key);
  EXPECT_NE(plain->cache_key,
            compile(oauth({{"customParameters", {{"audience", "x"}}}}))->cache_key);
  EXPECT_NE(compile(api_key())->cache_key,
            compile(api_key({{"credentialPrefix", "x"}}))->cache_key);
}

TEST(CompileNeed, PlacesAnApiKeyWhereTheConfigurationSays) {
  struct Case {
    JsonObject given;
    std::string_view name, prefix;
    bool in_query;
  };
  const Case cases[]{
      {{}, "Authorization", "Bearer ", false},
      {{{"credentialParameterName", "authorization"}}, "authorization", "Bearer ", false},
      {{{"credentialParameterName", "x-api-key"}}, "x-api-key", "", false},
      {{{"credentialPrefix", "Token"}}, "Authorization", "Token", false},
      {{{"credentialLocation", "QUERY_PARAMETER"}}, "api_key", "", true},
      {{{"credentialLocation", "QUERY_PARAMETER"}, {"credentialParameterName", "appid"}},
       "appid",
       "",
       true},
  };
  for (const auto& c : cases) {
    const auto need = compile(api_key(c.given));
    ASSERT_TRUE(need) << need.error().message;
    EXPECT_EQ(need->provider, "weather");
    EXPECT_EQ(need->parameter_name, c.name);
    EXPECT_EQ(need->prefix, c.prefix);
    EXPECT_EQ(need->in_query, c.in_query);
  }
}

TEST(CompileNeed, TakesTheGatewaysRoleWithAndWithoutAServiceToSignFor) {
  const auto typed = [](JsonObject more) {
    more["credentialProviderType"] = "GATEWAY_IAM_ROLE";
    return Json(JsonArray{std::move(more)});
  };
  const auto plain = compile(typed({}));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->kind, Need::Kind::gateway_role);
  EXPECT_EQ(plain->owner.role_arn, here.role_arn);
  EXPECT_EQ(plain->service, "");
  EXPECT_EQ(plain->region, "us-east-1");
  const auto named = compile(typed(
      {{"credentialProvider",
        {{"iamCredentialProvider", {{"service", "execute-api"}, {"region", "eu-west-1"}}}}}}));
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->service, "execute-api");
  EXPECT_EQ(named->region, "eu-west-1");
  EXPECT_NE(plain->cache_key, named->cache_key);
  Owner other = here;
  other.role_arn += "2";
  const Json same = typed({});
  EXPECT_NE(plain->cache_key, Credentials::compile(other, &same)->cache_key);
}

TEST(CompileNeed, TakesAnArnThatLeavesOutPlace) {
  const auto need =
      compile(oauth({}, "arn:aws:bedrock-agentcore:::token-vault/v/oauth2credentialprovider/crm"));
  ASSERT_TRUE(need) << need.error().message;
  EXPECT_EQ(need->provider, "crm");
}

TEST(CompileNeed, RefusesNamingTheMember) {
  const auto typed = [](std::string_view type) {
    return Json(JsonArray{{{"credentialProviderType", type}}});
  };
  const std::string first = "credentialProviderConfigurations[0]";
  const std::string in_oauth = first + ".credentialProvider.oauthCredentialProvider";
  const std::string in_key = first + ".credentialProvider.apiKeyCredentialProvider";
  struct Case {
    Json given;
    std::string member, words;
  };
  const Case cases[]{
      {JsonObject{}, "credentialProviderConfigurations", "array"},
      {JsonArray{oauth().at(0), oauth().at(0)}, "credentialProviderConfigurations", "one"},
      {typed("PASSWORD"), first + ".credentialProviderType", "API_KEY, OAUTH"},
      {typed("CALLER_IAM_CREDENTIALS"), first + ".credentialProviderType", "HTTP targets only"},
      {typed("JWT_PASSTHROUGH"), first + ".credentialProviderType", "HTTP targets only"},
      {typed("OAUTH"), in_oauth, "missing"},
      {oauth({{"grantType", "PASSWORD"}}), in_oauth + ".grantType", "not served"},
      {oauth({{"grantType", "TOKEN_EXCHANGE"}, {"customParameters", {{"subject_token", "x"}}}}),
       in_oauth + ".customParameters.subject_token", "gateway itself"},
      {oauth({{"grantType", "AUTHORIZATION_CODE"}, {"customParameters", {{"state", "x"}}}}),
       in_oauth + ".customParameters.state", "gateway itself"},
      {oauth({{"customParameters", {{"client_secret", "x"}}}}),
       in_oauth + ".customParameters.client_secret", "gateway itself"},
      {oauth({{"customParameters", {{"scope", "x"}}}}), in_oauth + ".customParameters.scope",
       "gateway itself"},
      {oauth({}, key_arn), in_oauth + ".providerArn", "another kind"},
      {oauth({}, "crm"), in_oauth + ".providerArn", "oauth2credentialprovider/NAME"},
      {oauth({},
             "arn:aws:bedrock-agentcore:eu-west-1:123456789012:token-vault/default/"
             "oauth2credentialprovider/crm"),
       in_oauth + ".providerArn", "another region"},
      {oauth({},
             "arn:aws:bedrock-agentcore:us-east-1:999999999999:token-vault/default/"
             "oauth2credentialprovider/crm"),
       in_oauth + ".providerArn", "another account"},
      {api_key({{"credentialLocation", "BODY"}}), in_key + ".credentialLocation", "HEADER"},
      {api_key({{"credentialParameterName", "a b"}}), in_key + ".credentialParameterName",
       "header"},
      {api_key({{"credentialParameterName", "Host"}}), in_key + ".credentialParameterName",
       "header"},
      {api_key({{"credentialPrefix", "a\r\nb"}}), in_key + ".credentialPrefix", "control"},
  };
  for (const auto& c : cases) {
    const auto need = compile(c.given);
    ASSERT_FALSE(need) << c.member;
    EXPECT_EQ(need.error().code, Code::invalid);
    ASSERT_EQ(need.error().fields.size(), 1u);
    EXPECT_EQ(need.error().fields[0].path, c.member);
    EXPECT_NE(need.error().message.find(c.words), std::string::npos) << need.error().message;
  }
}

}  // namespace
}  // namespace toolgate::credentials
