// CUSTOM_JWT: who may call a gateway is said by tokens of an OpenID provider.
// Rules: AgentCore Gateway developer guide, "Set up inbound authorization"; the shape of the
// configuration is `customJWTAuthorizer` of the contract.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "identity/documents.h"
#include "identity/principal.h"
#include "json/json.h"
#include "net/worker.h"

namespace toolgate::identity {

// Other names of one issuer. A user pool of ours is reached by its AWS-shaped host and by our own
// address, and its tokens carry the name by which it was reached.
class IssuerAliases {
 public:
  virtual ~IssuerAliases() = default;
  // All names of `issuer`, itself among them or not. Any thread, brief.
  [[nodiscard]] virtual std::vector<std::string> aliases_of(std::string_view issuer) const = 0;
  // False when `issuer` is ours and the client that got the token does not exist any more: its
  // tokens stop working before they expire. True for others' issuers.
  virtual Task<bool> knows_client(std::string issuer, std::string client_id) const {
    (void)issuer, (void)client_id;
    co_return true;
  }
};

// Immutable; any thread. Verified tokens are cached per thread (Worker::local), so that a token
// that was seen costs one look-up.
class JwtAuthorizer {
 public:
  virtual ~JwtAuthorizer() = default;

  // Fails with Code::invalid, naming the member, when none of allowedAudience, allowedClients,
  // allowedScopes and customClaims is there, or one does not fit. Fetches nothing. `aliases` may be
  // null; else it outlives the authorizer.
  static Result<std::shared_ptr<const JwtAuthorizer>> compile(const Json& custom_jwt_authorizer,
                                                              const IssuerAliases* aliases);

  // The same with other sources of documents and time, which outlive the authorizer.
  struct Parts {
    const IssuerAliases* aliases = nullptr;
    Documents* documents = nullptr;
    const Clock* clock = nullptr;
  };
  static Result<std::shared_ptr<const JwtAuthorizer>> compile(const Json& custom_jwt_authorizer,
                                                              Parts parts);

  // The principal of a token that this thread has verified lately; null otherwise. No waiting.
  [[nodiscard]] virtual std::shared_ptr<const Principal> cached(std::string_view token,
                                                                net::Worker& worker) const = 0;

  // Verifies. Discovery document and keys are fetched when they are not known or a key id is new.
  // Fails with Code::unauthenticated ("Invalid Bearer token"; the reason is in Error::detail),
  // Code::denied with name "insufficient_scope", or Code::unavailable when the provider cannot be
  // reached.
  virtual Task<Result<std::shared_ptr<const Principal>>> authenticate(
      std::string_view token, net::Worker& worker) const = 0;

  // The scopes to advertise (advertisedScopeMapping applied), and the issuer once it is known.
  [[nodiscard]] virtual const std::vector<std::string>& advertised_scopes() const = 0;
  // The issuer of the discovery document, fetched when needed.
  virtual Task<Result<std::string>> issuer(net::Worker& worker) const = 0;
};

}  // namespace toolgate::identity
