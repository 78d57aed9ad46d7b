// The vendors of OAuth that a credential provider can name (CredentialProviderVendorType), and
// where their well-known endpoints are: the one table is in vendors.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::credentials {

struct Vendor {
  std::string_view name;    // "GoogleOauth2"
  std::string_view member;  // of oauth2ProviderConfigInput: "googleOauth2ProviderConfig"
  // Where its endpoints come from.
  enum class Endpoints : unsigned char {
    given,      // the input's oauthDiscovery
    discovery,  // `issuer` is the URL of a discovery document
    fixed,      // the three below; an included vendor's input may replace each
    tenant,     // each customer has its own: the input's issuer, or all three endpoints
    microsoft,  // `issuer` is the discovery document's URL with {} for tenantId
  };
  Endpoints endpoints = Endpoints::given;
  std::string_view issuer;
  std::string_view authorization_endpoint;
  std::string_view token_endpoint;
  std::string_view auth_method;  // how its token endpoint knows a client; empty: not known
};

[[nodiscard]] std::span<const Vendor> vendors();
[[nodiscard]] const Vendor* find_vendor(std::string_view name);

// The member oauthDiscovery of a provider of `vendor`: {discoveryUrl} or
// {authorizationServerMetadata}. `input` is the vendor's member of oauth2ProviderConfigInput. Fails
// with Code::invalid when an endpoint that only the customer knows is missing, or a URL is none.
[[nodiscard]] Result<Json> discovery_of(const Vendor& vendor, const Json& input);

}  // namespace toolgate::credentials
