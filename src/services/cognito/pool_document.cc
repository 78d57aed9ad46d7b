// What anybody may read of a pool: its discovery document (OpenID Connect Discovery 1.0 §3) and its
// key set (RFC 7517 §5).
#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "services/cognito/oauth.h"
#include "services/cognito/user_pool.h"

namespace toolgate::services::cognito {
namespace {

net::Response refusal(int status, std::string message) {
  return net::Response::text(status, "application/json",
                             json::print(JsonObject{{"message", std::move(message)}}));
}

net::Response no_pool(std::string_view pool_id) {
  return refusal(404, fmt::format("User pool {} does not exist.", pool_id));
}

net::Response broken(const Error& error) {
  log::error("user pool document: {} {}", error.message, error.detail);
  return refusal(500, "the user pool cannot be read");
}

// Members that need an address: `base` is the domain's or our own.
void add_endpoints(JsonObject& document, const std::string& base) {
  document["authorization_endpoint"] = base + "/oauth2/authorize";
  document["token_endpoint"] = base + "/oauth2/token";
  document["token_endpoint_auth_methods_supported"] =
      JsonArray{"client_secret_basic", "client_secret_post"};
  document["grant_types_supported"] = JsonArray{"client_credentials"};
}

}  // namespace

Task<net::Response> OAuth::discovery(PoolPlace place, Naming naming) {
  const Result<Loaded> pool = co_await load_pool(cognito_.store, place);
  if (!pool && pool.error().code != Code::not_found) co_return broken(pool.error());
  if (!pool) co_return no_pool(place.pool_id);

  const std::string base = cognito_.base_url();
  const std::string issuer =
      naming == Naming::aws ? aws_issuer(place.pool_id) : own_issuer(base, place.pool_id);
  JsonObject document{{"issuer", issuer},
                      {"jwks_uri", issuer + "/.well-known/jwks.json"},
                      {"id_token_signing_alg_values_supported", JsonArray{"RS256"}},
                      {"response_types_supported", JsonArray{"code", "token"}},
                      {"scopes_supported", JsonArray{"openid", "email", "phone", "profile"}},
                      {"subject_types_supported", JsonArray{"public"}}};
  const std::string domain = member(pool->body, "Domain");
  if (naming == Naming::own) {
    add_endpoints(document, base);
  } else if (!domain.empty()) {
    add_endpoints(document, domain_url(domain, place.region));
  }
  co_return net::Response::text(200, "application/json", json::print(document));
}

Task<net::Response> OAuth::document(net::Request& request, net::Worker&) {
  if (request.method != "GET" && request.method != "HEAD") {
    auto response = refusal(405, "this document is read with GET");
    response.headers.push_back({"allow", "GET, HEAD"});
    co_return response;
  }
  const auto parts = split(request.path, '/');  // "", poolId, ".well-known", name
  if (parts.size() != 4 || parts[2] != ".well-known") co_return refusal(404, "not found");
  const std::string pool_id{parts[1]};
  const std::string region = region_of_pool(pool_id);
  const auto host_region = idp_host(request.host);
  const Naming naming = is_aws_host(request.host) ? Naming::aws : Naming::own;
  if (region.empty() || (naming == Naming::aws && host_region != region)) {
    co_return no_pool(pool_id);
  }
  const PoolPlace place{cognito_.account, region, pool_id};
  if (parts[3] == "openid-configuration") co_return co_await discovery(place, naming);
  if (parts[3] != "jwks.json") co_return refusal(404, "not found");
  const Result<JsonObject> keys = co_await cognito_.keys->jwks(place, cognito_.clock.now());
  if (!keys && keys.error().code != Code::not_found) co_return broken(keys.error());
  if (!keys) co_return no_pool(pool_id);
  co_return net::Response::text(200, "application/json", json::print(*keys));
}

std::vector<std::string> OAuth::aliases_of(std::string_view issuer) const {
  return issuer_names(issuer, cognito_.base_url());
}

Task<bool> OAuth::knows_client(std::string issuer, std::string client_id) const {
  if (issuer_names(issuer, cognito_.base_url()).size() < 2) co_return true;  // not a pool of ours
  const std::string pool_id = issuer.substr(issuer.rfind('/') + 1);
  const PoolPlace place{cognito_.account, region_of_pool(pool_id), pool_id};
  const auto client =
      co_await cognito_.store.get(key_of(place, kind::client, client_id));
  // A store that cannot be read is no reason to turn everyone away: the signature is right.
  co_return !client || client->has_value();
}

}  // namespace toolgate::services::cognito
