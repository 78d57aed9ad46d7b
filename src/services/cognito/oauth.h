// The OAuth endpoints of user pools: tokens for machines, discovery document, key set. Plain HTTP,
// not the AWS wire. Each pool answers by its AWS-shaped names and below our own address; what it
// gives out carries the name by which it was reached (docs/identity.md, "User pools").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "identity/jwt_authorizer.h"
#include "net/http.h"
#include "net/worker.h"
#include "services/cognito/names.h"
#include "services/cognito/service.h"
#include "services/cognito/token_request.h"

namespace toolgate::services::cognito {

// One object serves all threads. A pool, client, scope or domain is looked up in the store each
// time, so that what was deleted is refused at once.
class OAuth final : public identity::IssuerAliases {
 public:
  // `cognito` outlives the object.
  explicit OAuth(Cognito& cognito) : cognito_{cognito} {}

  // POST /oauth2/token (RFC 6749 §4.4). The pool is found by the host name
  // "<domain>.auth.<region>.amazoncognito.com", else by client_id.
  Task<net::Response> token(net::Request& request, net::Worker& worker);
  // GET /<poolId>/.well-known/openid-configuration and …/jwks.json; other paths are 404.
  Task<net::Response> document(net::Request& request, net::Worker& worker);

  // All issuer names of the pool that `issuer` names; `issuer` alone if it names none.
  [[nodiscard]] std::vector<std::string> aliases_of(std::string_view issuer) const override;
  Task<bool> knows_client(std::string issuer, std::string client_id) const override;

 private:
  struct Found {
    PoolPlace pool;
    JsonObject client;
    Naming naming = Naming::own;
  };
  template <class T>
  using Answer = std::expected<T, OAuthError>;

  Task<Result<std::optional<PoolPlace>>> find_pool(std::string host, std::string client_id);
  Task<Answer<Found>> authenticate(std::string host, const TokenRequest& request);
  Task<Answer<std::string>> grant_scopes(const Found& found, std::vector<std::string> asked);
  Task<Answer<std::string>> issue(std::string host, TokenRequest request);
  Task<net::Response> discovery(PoolPlace pool, Naming naming);

  Cognito& cognito_;
};

}  // namespace toolgate::services::cognito
