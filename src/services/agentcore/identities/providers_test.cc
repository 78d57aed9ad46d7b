#include <regex>

#include "aws/contract.h"
#include "credentials/provider.h"
#include "credentials/vendors.h"
#include "services/agentcore/identities/test_service.h"

namespace toolgate::services::agentcore {
namespace {

using namespace std::chrono_literals;

JsonObject custom(JsonObject more = {}) {
  more.emplace("oauthDiscovery",
               Json{{"discoveryUrl", "https://idp.example/.well-known/openid-configuration"}});
  more.emplace("clientId", "me");
  more.emplace("clientSecret", "s3cret");
  return {{"name", "crm"},
          {"credentialProviderVendor", "CustomOauth2"},
          {"oauth2ProviderConfigInput", {{"customOauth2ProviderConfig", std::move(more)}}}};
}

class OAuth2Providers : public testing::IdentitiesTest {};

TEST_F(OAuth2Providers, AreMadeAndShownWithoutTheSecret) {
  const Json created = must("CreateOauth2CredentialProvider", custom());
  expect_members(created, {"clientSecretArn", "clientSecretSource", "name", "credentialProviderArn",
                           "callbackUrl", "oauth2ProviderConfigOutput", "status"});
  EXPECT_EQ(json::find_string(created, "credentialProviderArn"),
            "arn:aws:bedrock-agentcore:us-east-1:123456789012:token-vault/default/"
            "oauth2credentialprovider/crm");
  EXPECT_TRUE(
      std::regex_match(std::string{*json::find_string(created, "clientSecretArn", "secretArn")},
                       std::regex{"arn:aws:secretsmanager:us-east-1:123456789012:secret:"
                                  "bedrock-agentcore-identity!default/oauth2/crm-[A-Za-z0-9]{6}"}));
  EXPECT_TRUE(json::find_string(created, "callbackUrl")
                  ->starts_with("http://127.0.0.1:7878/identities/oauth2/callback/"));
  EXPECT_EQ(json::find_string(created, "status"), "READY");

  const Json got = must("GetOauth2CredentialProvider", {{"name", "crm"}});
  expect_members(got, {"clientSecretArn", "clientSecretSource", "name", "credentialProviderArn",
                       "credentialProviderVendor", "callbackUrl", "oauth2ProviderConfigOutput",
                       "createdTime", "lastUpdatedTime", "status"});
  EXPECT_EQ(*json::find(got, "clientSecretArn"), *json::find(created, "clientSecretArn"));
  EXPECT_EQ(*json::find(got, "callbackUrl"), *json::find(created, "callbackUrl"));
  const Json* shown = json::find(got, "oauth2ProviderConfigOutput", "customOauth2ProviderConfig");
  ASSERT_NE(shown, nullptr);
  expect_members(*shown, {"oauthDiscovery", "clientId"});
  EXPECT_EQ(json::find(got, "createdTime")->to_number<double>(), 1'700'000'000.0);
}

TEST_F(OAuth2Providers, KeepTheSecretSealed) {
  must("CreateOauth2CredentialProvider", custom());
  const auto document = stored(model::kind::oauth2_provider, "crm");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->body.find("s3cret"), std::string::npos);
  const auto body = json::parse(document->body);
  const auto secret =
      credentials::unseal_member(*secrets_, *document, *body, credentials::sealed_client_secret);
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(*secret, "s3cret");
}

TEST_F(OAuth2Providers, AreUpdatedWholly) {
  const Json created = must("CreateOauth2CredentialProvider", custom());
  clock_.move(5s);
  const Json updated =
      must("UpdateOauth2CredentialProvider",
           {{"name", "crm"},
            {"credentialProviderVendor", "GithubOauth2"},
            {"oauth2ProviderConfigInput",
             {{"githubOauth2ProviderConfig", {{"clientId", "you"}, {"clientSecret", "other"}}}}}});
  EXPECT_EQ(updated, must("GetOauth2CredentialProvider", {{"name", "crm"}}));
  EXPECT_EQ(json::find_string(updated, "credentialProviderVendor"), "GithubOauth2");
  EXPECT_EQ(json::find_string(updated, "oauth2ProviderConfigOutput", "githubOauth2ProviderConfig",
                              "oauthDiscovery", "authorizationServerMetadata", "tokenEndpoint"),
            "https://github.com/login/oauth/access_token");
  EXPECT_EQ(*json::find(updated, "callbackUrl"), *json::find(created, "callbackUrl"));
  EXPECT_EQ(json::find(updated, "createdTime")->to_number<double>(), 1'700'000'000.0);
  EXPECT_EQ(json::find(updated, "lastUpdatedTime")->to_number<double>(), 1'700'000'005.0);
  const auto document = stored(model::kind::oauth2_provider, "crm");
  EXPECT_EQ(*credentials::unseal_member(*secrets_, *document, *json::parse(document->body),
                                        credentials::sealed_client_secret),
            "other");
}

TEST_F(OAuth2Providers, RefuseANameThatIsTaken) {
  must("CreateOauth2CredentialProvider", custom());
  const Error error = refused("CreateOauth2CredentialProvider", custom());
  EXPECT_EQ(error.code, Code::conflict);
  EXPECT_EQ(error.message, "Credential provider with name: crm already exists");
}

TEST_F(OAuth2Providers, AreDeletedWithTheirTags) {
  JsonObject input = custom();
  input["tags"] = {{"team", "blue"}};
  const Json created = must("CreateOauth2CredentialProvider", input);
  const std::string arn{*json::find_string(created, "credentialProviderArn")};
  EXPECT_TRUE(stored(model::kind::tags, arn));
  must("DeleteOauth2CredentialProvider", {{"name", "crm"}});
  EXPECT_FALSE(stored(model::kind::tags, arn));
  EXPECT_FALSE(stored(model::kind::oauth2_provider, "crm"));
  for (const std::string_view operation :
       {"GetOauth2CredentialProvider", "DeleteOauth2CredentialProvider"}) {
    EXPECT_EQ(refused(operation, {{"name", "crm"}}).code, Code::not_found);
  }
  EXPECT_EQ(refused("UpdateOauth2CredentialProvider", custom()).code, Code::not_found);
}

TEST_F(OAuth2Providers, AreListedByPage) {
  for (const std::string_view name : {"a", "b", "c"}) {
    JsonObject input = custom();
    input["name"] = name;
    must("CreateOauth2CredentialProvider", input);
  }
  const Json first = must("ListOauth2CredentialProviders", {{"maxResults", 2}});
  ASSERT_EQ(json::find_array(first, "credentialProviders")->size(), 2u);
  expect_members(json::find_array(first, "credentialProviders")->at(0),
                 {"name", "credentialProviderVendor", "credentialProviderArn", "createdTime",
                  "lastUpdatedTime"});
  const auto token = json::find_string(first, "nextToken");
  ASSERT_TRUE(token);
  const Json second =
      must("ListOauth2CredentialProviders", {{"maxResults", 2}, {"nextToken", *token}});
  ASSERT_EQ(json::find_array(second, "credentialProviders")->size(), 1u);
  EXPECT_FALSE(json::find(second, "nextToken"));
}

TEST_F(OAuth2Providers, HaveAQuota) {
  for (const std::string_view name : {"a", "b", "c"}) {
    JsonObject input = custom();
    input["name"] = name;
    must("CreateOauth2CredentialProvider", input);
  }
  EXPECT_EQ(refused("CreateOauth2CredentialProvider", custom()).code, Code::quota);
  JsonObject there = custom();
  there["name"] = "a";  // a script that makes what it needs hears that it is there
  EXPECT_EQ(refused("CreateOauth2CredentialProvider", there).code, Code::conflict);
  region_ = "eu-west-1";  // a quota of its own
  must("CreateOauth2CredentialProvider", custom());
}

TEST_F(OAuth2Providers, RefuseNamingTheMember) {
  struct Case {
    JsonObject given;
    std::string_view member;
  };
  const Case cases[]{
      {{{"clientSecret", ""}}, "clientSecret"},
      {{{"clientId", ""}}, "clientId"},
      {{{"clientSecretSource", "EXTERNAL"}}, "clientSecretSource"},
      {{{"clientSecretConfig", {{"secretId", "x"}, {"jsonKey", "y"}}}}, "clientSecretConfig"},
      {{{"clientAuthenticationMethod", "AWS_IAM_ID_TOKEN_JWT"}}, "clientAuthenticationMethod"},
      {{{"clientAuthenticationMethod", "PRIVATE_KEY_JWT"}}, "privateKeyJwtConfig"},
      {{{"privateKeyJwtConfig", JsonObject{}}}, "clientAuthenticationMethod"},
      {{{"privateEndpoint", JsonObject{}}}, "privateEndpoint"},
      {{{"oauthDiscovery", {{"discoveryUrl", "ftp://x/.well-known/openid-configuration"}}}},
       "oauthDiscovery.discoveryUrl"},
  };
  for (const auto& c : cases) {
    const Error error = refused("CreateOauth2CredentialProvider", custom(c.given));
    EXPECT_EQ(error.code, Code::invalid);
    ASSERT_EQ(error.fields.size(), 1u);
    EXPECT_EQ(error.fields[0].path,
              fmt::format("oauth2ProviderConfigInput.customOauth2ProviderConfig.{}", c.member));
    EXPECT_EQ(error.message.find("s3cret"), std::string::npos);
  }
  JsonObject other = custom();
  other["credentialProviderVendor"] = "GoogleOauth2";
  const Error error = refused("CreateOauth2CredentialProvider", other);
  EXPECT_EQ(error.fields.at(0).path, "oauth2ProviderConfigInput.googleOauth2ProviderConfig");
}

TEST_F(OAuth2Providers, KnowEveryVendorOfTheContract) {
  const auto* contract = aws::contract_of("bedrock-agentcore-control");
  ASSERT_NE(contract, nullptr);
  const auto* names = contract->shape("CredentialProviderVendorType");
  const auto* inputs = contract->shape("Oauth2ProviderConfigInput");
  ASSERT_NE(names, nullptr);
  ASSERT_NE(inputs, nullptr);
  EXPECT_EQ(names->values.size(), credentials::vendors().size());
  for (const auto name : names->values) {
    const auto* vendor = credentials::find_vendor(name);
    ASSERT_NE(vendor, nullptr) << name;
    EXPECT_NE(inputs->find(vendor->member), nullptr) << vendor->member;
  }
}

class ApiKeyProviders : public testing::IdentitiesTest {};

TEST_F(ApiKeyProviders, AreMadeUpdatedShownAndDeleted) {
  const Json created =
      must("CreateApiKeyCredentialProvider", {{"name", "weather"}, {"apiKey", "k1"}});
  expect_members(created,
                 {"apiKeySecretArn", "apiKeySecretSource", "name", "credentialProviderArn"});
  EXPECT_TRUE(json::find_string(created, "apiKeySecretArn", "secretArn")
                  ->contains("bedrock-agentcore-identity!default/apikey/weather-"));
  clock_.move(5s);
  const Json updated =
      must("UpdateApiKeyCredentialProvider", {{"name", "weather"}, {"apiKey", "k2"}});
  expect_members(updated, {"apiKeySecretArn", "apiKeySecretSource", "name", "credentialProviderArn",
                           "createdTime", "lastUpdatedTime"});
  EXPECT_EQ(updated, must("GetApiKeyCredentialProvider", {{"name", "weather"}}));
  const auto document = stored(model::kind::api_key_provider, "weather");
  EXPECT_EQ(*credentials::unseal_member(*secrets_, *document, *json::parse(document->body),
                                        credentials::sealed_api_key),
            "k2");
  const Json list = must("ListApiKeyCredentialProviders", {});
  EXPECT_EQ(json::find_array(list, "credentialProviders")->size(), 1u);
  EXPECT_EQ(json::print(list).find("sealed"), std::string::npos);
  must("DeleteApiKeyCredentialProvider", {{"name", "weather"}});
  EXPECT_EQ(refused("GetApiKeyCredentialProvider", {{"name", "weather"}}).code, Code::not_found);
}

TEST_F(ApiKeyProviders, RefuseWhatCannotBeUsed) {
  const std::vector<JsonObject> inputs{
      {{"name", "a"}},
      {{"name", "a"}, {"apiKey", ""}},
      {{"name", "a"}, {"apiKey", "k\r\nx: y"}},
      {{"name", "a"}, {"apiKey", "k"}, {"apiKeySecretSource", "EXTERNAL"}},
      {{"name", "a"}, {"apiKeySecretConfig", {{"secretId", "x"}, {"jsonKey", "y"}}}}};
  for (const auto& input : inputs) {
    EXPECT_EQ(refused("CreateApiKeyCredentialProvider", input).code, Code::invalid);
  }
}

}  // namespace
}  // namespace toolgate::services::agentcore
