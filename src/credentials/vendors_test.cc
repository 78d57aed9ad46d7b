#include "credentials/vendors.h"

#include <set>

#include <gtest/gtest.h>

#include "net/http.h"

namespace toolgate::credentials {
namespace {

Result<Json> discovery(std::string_view vendor, const Json& input) {
  const auto* found = find_vendor(vendor);
  EXPECT_NE(found, nullptr) << vendor;
  return discovery_of(*found, input);
}

TEST(Vendors, HaveUsableEndpointsEach) {
  std::set<std::string_view> names;
  for (const auto& vendor : vendors()) {
    EXPECT_TRUE(names.insert(vendor.name).second) << vendor.name;
    if (vendor.endpoints != Vendor::Endpoints::fixed) continue;
    const auto found = discovery_of(vendor, JsonObject{});
    ASSERT_TRUE(found) << vendor.name << found.error().message;
    for (const std::string_view member : {"issuer", "authorizationEndpoint", "tokenEndpoint"}) {
      const auto url = json::find_string(*found, "authorizationServerMetadata", member);
      ASSERT_TRUE(url) << vendor.name;
      const auto parsed = net::Url::parse(*url);
      ASSERT_TRUE(parsed) << vendor.name << parsed.error().message;
      EXPECT_TRUE(parsed->tls()) << vendor.name;
    }
  }
}

TEST(Vendors, PutTheTenantIntoMicrosoftsUrl) {
  const auto mine = discovery("MicrosoftOauth2", JsonObject{{"tenantId", "contoso.com"}});
  EXPECT_EQ(json::find_string(*mine, "discoveryUrl"),
            "https://login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration");
  const auto any = discovery("MicrosoftOauth2", JsonObject{});
  EXPECT_EQ(json::find_string(*any, "discoveryUrl"),
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration");
  EXPECT_FALSE(discovery("MicrosoftOauth2", JsonObject{{"tenantId", "a/../b"}}));
}

TEST(Vendors, FindATenantsDocumentBelowItsIssuer) {
  const auto found = discovery("Auth0Oauth2", JsonObject{{"issuer", "https://me.auth0.com/"}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(json::find_string(*found, "discoveryUrl"),
            "https://me.auth0.com/.well-known/openid-configuration");
}

TEST(Vendors, TakeATenantsOwnEndpoints) {
  const auto found = discovery("OktaOauth2", JsonObject{{"issuer", "https://me.okta.com"},
                                                        {"authorizationEndpoint", "https://o/a"},
                                                        {"tokenEndpoint", "https://o/t"}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(json::find_string(*found, "authorizationServerMetadata", "tokenEndpoint"),
            "https://o/t");
}

TEST(Vendors, LetAnInputReplaceAFixedEndpoint) {
  const auto found =
      discovery("ZoomOauth2", JsonObject{{"tokenEndpoint", "https://zoomgov.com/oauth/token"}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(json::find_string(*found, "authorizationServerMetadata", "tokenEndpoint"),
            "https://zoomgov.com/oauth/token");
}

TEST(Vendors, RefuseNamingTheMember) {
  struct Case {
    std::string_view vendor;
    JsonObject input;
    std::string_view member;
  };
  const Case cases[]{
      {"OktaOauth2", {}, "includedOauth2ProviderConfig.issuer"},
      {"CognitoOauth2", {{"issuer", "ftp://x"}}, "includedOauth2ProviderConfig.issuer"},
      {"CyberArkOauth2",
       {{"issuer", "https://x"}, {"tokenEndpoint", "https://x/t"}},
       "includedOauth2ProviderConfig.authorizationEndpoint"},
      {"OneLoginOauth2",
       {{"issuer", "https://x"}, {"authorizationEndpoint", "https://x/a"}},
       "includedOauth2ProviderConfig.tokenEndpoint"},
      {"CustomOauth2", {}, "customOauth2ProviderConfig.oauthDiscovery"},
      {"CustomOauth2",
       {{"oauthDiscovery", {{"discoveryUrl", "https://a b/"}}}},
       "customOauth2ProviderConfig.oauthDiscovery.discoveryUrl"},
      {"CustomOauth2",
       {{"oauthDiscovery", {{"authorizationServerMetadata", {{"tokenEndpoint", "x"}}}}}},
       "customOauth2ProviderConfig.oauthDiscovery.authorizationServerMetadata.tokenEndpoint"},
  };
  for (const auto& c : cases) {
    const auto found = discovery(c.vendor, c.input);
    ASSERT_FALSE(found) << c.vendor;
    EXPECT_EQ(found.error().code, Code::invalid);
    ASSERT_EQ(found.error().fields.size(), 1u);
    EXPECT_EQ(found.error().fields[0].path,
              "oauth2ProviderConfigInput." + std::string{c.member});
  }
}

}  // namespace
}  // namespace toolgate::credentials
