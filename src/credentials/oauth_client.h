// A client at an authorization server: what a provider's document says of it, and how it asks for a
// token. The grants build on it, one file each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "credentials/client_assertion.h"
#include "credentials/credentials.h"
#include "credentials/discovery.h"
#include "credentials/kinds.h"
#include "credentials/token_endpoint.h"
#include "net/worker.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::credentials {

struct OAuthClient {
  std::string provider;  // its name, for messages
  std::string id;
  std::string secret;
  std::string discovery_url;  // or empty: then the metadata are given
  ServerMetadata metadata;
  std::optional<ClientAuth> auth;
  model::Place place;
  std::optional<AssertionKey> key;  // ClientAuth::key
  const KeySigner* signer = nullptr;
  const Clock* clock = nullptr;
  // Made when the provider is; it stays when the provider is updated, so a provider of the same
  // name that was made anew has another.
  std::string callback_id;
  bool microsoft = false;
  Json on_behalf_of;  // onBehalfOfTokenExchangeConfig, or null
};

// Reads the document and, where it names a discovery document, that: all that `ask` needs.
// The client keeps signer and clock.
struct Opening {
  const store::Secrets& secrets;
  const Clock& clock;
  const KeySigner* signer;  // null: no key signs
  net::Worker& worker;
  Deadline deadline;
};
Task<Result<OAuthClient>> open_client(const store::Document& provider, Opening opening);
Task<Result<OAuthClient>> open_client(const store::Document& provider, const Making& making);

// `question` without the client's own members, which are filled in here. Messages begin with
// "credential provider 'NAME': ".
Task<Result<Token>> ask(const OAuthClient& client, TokenQuestion question, net::Worker& worker,
                        Deadline deadline);

// "scopes" and "customParameters" of a target's configuration. `reserved` are form members that the
// grant sets itself. Fails with Code::invalid.
Result<void> read_scopes(const Json& configuration, std::string_view path,
                         std::initializer_list<std::string_view> reserved, Need& need);

[[nodiscard]] Made bearer(const Token& token);

}  // namespace toolgate::credentials
