#include "credentials/vendors.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "credentials/kinds.h"
#include "net/http.h"

namespace toolgate::credentials {
namespace {

using enum Vendor::Endpoints;

constexpr std::string_view included = "includedOauth2ProviderConfig";
constexpr std::string_view post = "client_secret_post";
constexpr std::string_view basic = "client_secret_basic";

constexpr std::array table{
    Vendor{"CustomOauth2", "customOauth2ProviderConfig", given, "", "", "", ""},
    Vendor{"GoogleOauth2", "googleOauth2ProviderConfig", discovery,
           "https://accounts.google.com/.well-known/openid-configuration", "", "", ""},
    Vendor{"MicrosoftOauth2", "microsoftOauth2ProviderConfig", microsoft,
           "https://login.microsoftonline.com/{}/v2.0/.well-known/openid-configuration", "", "",
           ""},
    Vendor{"SalesforceOauth2", "salesforceOauth2ProviderConfig", discovery,
           "https://login.salesforce.com/.well-known/openid-configuration", "", "", ""},
    Vendor{"GithubOauth2", "githubOauth2ProviderConfig", fixed, "https://github.com",
           "https://github.com/login/oauth/authorize",
           "https://github.com/login/oauth/access_token", post},
    Vendor{"SlackOauth2", "slackOauth2ProviderConfig", fixed, "https://slack.com",
           "https://slack.com/oauth/v2/authorize", "https://slack.com/api/oauth.v2.access", post},
    Vendor{"AtlassianOauth2", "atlassianOauth2ProviderConfig", fixed, "https://auth.atlassian.com",
           "https://auth.atlassian.com/authorize", "https://auth.atlassian.com/oauth/token", post},
    Vendor{"LinkedinOauth2", "linkedinOauth2ProviderConfig", fixed,
           "https://www.linkedin.com/oauth", "https://www.linkedin.com/oauth/v2/authorization",
           "https://www.linkedin.com/oauth/v2/accessToken", post},
    Vendor{"XOauth2", included, fixed, "https://x.com", "https://x.com/i/oauth2/authorize",
           "https://api.x.com/2/oauth2/token", basic},
    Vendor{"FacebookOauth2", included, fixed, "https://www.facebook.com",
           "https://www.facebook.com/dialog/oauth",
           "https://graph.facebook.com/oauth/access_token", post},
    Vendor{"YandexOauth2", included, fixed, "https://oauth.yandex.com",
           "https://oauth.yandex.com/authorize", "https://oauth.yandex.com/token", post},
    Vendor{"RedditOauth2", included, fixed, "https://www.reddit.com",
           "https://www.reddit.com/api/v1/authorize",
           "https://www.reddit.com/api/v1/access_token", basic},
    Vendor{"ZoomOauth2", included, fixed, "https://zoom.us", "https://zoom.us/oauth/authorize",
           "https://zoom.us/oauth/token", basic},
    Vendor{"TwitchOauth2", included, fixed, "https://id.twitch.tv/oauth2",
           "https://id.twitch.tv/oauth2/authorize", "https://id.twitch.tv/oauth2/token", post},
    Vendor{"SpotifyOauth2", included, fixed, "https://accounts.spotify.com",
           "https://accounts.spotify.com/authorize", "https://accounts.spotify.com/api/token",
           basic},
    Vendor{"DropboxOauth2", included, fixed, "https://www.dropbox.com",
           "https://www.dropbox.com/oauth2/authorize", "https://api.dropboxapi.com/oauth2/token",
           post},
    Vendor{"NotionOauth2", included, fixed, "https://api.notion.com",
           "https://api.notion.com/v1/oauth/authorize", "https://api.notion.com/v1/oauth/token",
           basic},
    Vendor{"HubspotOauth2", included, fixed, "https://app.hubspot.com",
           "https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/v1/token",
           post},
    Vendor{"OktaOauth2", included, tenant, "", "", "", ""},
    Vendor{"OneLoginOauth2", included, tenant, "", "", "", ""},
    Vendor{"PingOneOauth2", included, tenant, "", "", "", ""},
    Vendor{"CyberArkOauth2", included, tenant, "", "", "", ""},
    Vendor{"FusionAuthOauth2", included, tenant, "", "", "", ""},
    Vendor{"Auth0Oauth2", included, tenant, "", "", "", ""},
    Vendor{"CognitoOauth2", included, tenant, "", "", "", ""},
};

std::string path_of(const Vendor& vendor, std::string_view member) {
  return fmt::format("oauth2ProviderConfigInput.{}.{}", vendor.member, member);
}

Result<void> check_url(const Vendor& vendor, std::string_view member, std::string_view text) {
  if (auto url = net::Url::parse(text); !url) {
    return wrong_member(path_of(vendor, member), url.error().message);
  }
  return {};
}

Json metadata_of(std::string_view issuer, std::string_view authorization_endpoint,
                 std::string_view token_endpoint, std::string_view auth_method) {
  JsonObject metadata{{"issuer", issuer},
                      {"authorizationEndpoint", authorization_endpoint},
                      {"tokenEndpoint", token_endpoint},
                      {"responseTypes", JsonArray{"code"}}};
  if (!auth_method.empty()) metadata["tokenEndpointAuthMethods"] = JsonArray{auth_method};
  return {{"authorizationServerMetadata", std::move(metadata)}};
}

Result<Json> given_discovery(const Vendor& vendor, const Json& input) {
  if (const auto url = json::find_string(input, "oauthDiscovery", "discoveryUrl")) {
    TRY_DO(check_url(vendor, "oauthDiscovery.discoveryUrl", *url));
  }
  for (const std::string_view member : {"issuer", "authorizationEndpoint", "tokenEndpoint"}) {
    if (const auto url = json::find_string(input, "oauthDiscovery", "authorizationServerMetadata",
                                           member)) {
      TRY_DO(check_url(
          vendor, fmt::format("oauthDiscovery.authorizationServerMetadata.{}", member), *url));
    }
  }
  const Json* found = json::find(input, "oauthDiscovery");
  if (found == nullptr || !found->is_object() || found->get_object().empty()) {
    return wrong_member(path_of(vendor, "oauthDiscovery"),
                        "is required: a discoveryUrl or authorizationServerMetadata");
  }
  return *found;
}

// An OpenID provider's document stands below its issuer (OpenID Connect Discovery 1.0 §4).
Json discovery_below(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return {{"discoveryUrl", fmt::format("{}/.well-known/openid-configuration", issuer)}};
}

Result<Json> included_discovery(const Vendor& vendor, const Json& input) {
  const auto member = [&](std::string_view name, std::string_view otherwise) {
    return vendor.member == included ? json::find_string(input, name).value_or(otherwise)
                                     : otherwise;
  };
  const auto issuer = member("issuer", vendor.issuer);
  const auto authorization = member("authorizationEndpoint", vendor.authorization_endpoint);
  const auto token = member("tokenEndpoint", vendor.token_endpoint);
  if (!issuer.empty()) TRY_DO(check_url(vendor, "issuer", issuer));
  if (!authorization.empty()) TRY_DO(check_url(vendor, "authorizationEndpoint", authorization));
  if (!token.empty()) TRY_DO(check_url(vendor, "tokenEndpoint", token));
  if (issuer.empty()) {
    return wrong_member(path_of(vendor, "issuer"),
                        fmt::format("is required: each customer of {} has its own", vendor.name));
  }
  if (token.empty() != authorization.empty()) {
    return wrong_member(path_of(vendor, token.empty() ? "tokenEndpoint" : "authorizationEndpoint"),
                        "is required when the other endpoint is given");
  }
  if (token.empty()) return discovery_below(issuer);
  return metadata_of(issuer, authorization, token, vendor.auth_method);
}

Result<Json> microsoft_discovery(const Vendor& vendor, const Json& input) {
  const auto tenant_id = json::find_string(input, "tenantId").value_or("common");
  // One segment of the path: a GUID, a domain, or common, organizations, consumers.
  if (percent_encode(tenant_id) != tenant_id || tenant_id.empty()) {
    return wrong_member(path_of(vendor, "tenantId"), "expected a tenant's id or domain name");
  }
  return Json{{"discoveryUrl", fmt::format(fmt::runtime(vendor.issuer), tenant_id)}};
}

}  // namespace

std::span<const Vendor> vendors() { return table; }

const Vendor* find_vendor(std::string_view name) {
  const auto found = std::ranges::find(table, name, &Vendor::name);
  return found != table.end() ? &*found : nullptr;
}

Result<Json> discovery_of(const Vendor& vendor, const Json& input) {
  switch (vendor.endpoints) {
    case given: return given_discovery(vendor, input);
    case discovery: return Json{{"discoveryUrl", vendor.issuer}};
    case microsoft: return microsoft_discovery(vendor, input);
    case fixed:
    case tenant: break;
  }
  return included_discovery(vendor, input);
}

}  // namespace toolgate::credentials
