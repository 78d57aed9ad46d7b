// The kinds of credentials: how a target's configuration names one, and how it is made. The table
// in kinds.cc is the only place that knows which there are; each kind is one file.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "json/json.h"
#include "net/credential.h"
#include "net/worker.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::credentials {

// What making a credential works with.
struct Making {
  const store::Secrets& secrets;
  const Clock& clock;
  net::Worker& worker;
  Deadline deadline;
  store::Store& store;
  const RoleSessions* roles = nullptr;  // may be null
  const KeySigner* signer = nullptr;    // may be null
  // Of what the target has refused: its `mark`; empty when it has refused nothing.
  std::string refused;
};

struct Made {
  net::Credential credential;                // its `key` is set by the caller
  std::optional<std::chrono::seconds> life;  // nothing: until the provider changes
};

struct CredentialKind {
  Need::Kind kind;
  std::string_view type;    // of credentialProviderType
  std::string_view grant;   // of OAUTH: grantType; empty for the others
  std::string_view member;  // of credentialProvider
  // Of the provider's document: model/kinds.h. Empty for a kind without one: then nothing is read
  // from the store, `member` may be left out, and what is made does not outlive a change.
  std::string_view provider_kind;
  std::string_view arn_part;  // "oauth2credentialprovider"
  // What the gateway's role needs for it, and where the document names the secret.
  std::string_view action;
  std::string_view secret;
  bool kept = false;  // sealed in the store, for the next start
  // Fills what is particular to the kind; `path` names `configuration` in messages.
  Result<void> (*read)(const Json& configuration, std::string_view path, Need& need);
  // `provider` is the provider's document; empty for a kind without one.
  Task<Result<Made>> (*make)(const Need& need, const store::Document& provider, Making making);
};

[[nodiscard]] std::span<const CredentialKind> credential_kinds();

// Tells credentials apart without showing them: a hash of a header's value.
[[nodiscard]] std::string mark_of(std::string_view value);
[[nodiscard]] std::string mark_of(const net::Credential& credential);

// api_key.cc
Result<void> read_api_key(const Json& configuration, std::string_view path, Need& need);
Task<Result<Made>> make_api_key(const Need& need, const store::Document& provider, Making making);
// client_credentials.cc
Result<void> read_client_credentials(const Json& configuration, std::string_view path, Need& need);
Task<Result<Made>> make_client_credentials(const Need& need, const store::Document& provider,
                                           Making making);

// gateway_role.cc
Result<void> read_gateway_role(const Json& configuration, std::string_view path, Need& need);
Task<Result<Made>> make_gateway_role(const Need& need, const store::Document& provider,
                                     Making making);
// token_exchange.cc
Result<void> read_token_exchange(const Json& configuration, std::string_view path, Need& need);
Task<Result<Made>> make_token_exchange(const Need& need, const store::Document& provider,
                                       Making making);
// authorization_code.cc
Result<void> read_authorization_code(const Json& configuration, std::string_view path, Need& need);
Task<Result<Made>> make_authorization_code(const Need& need, const store::Document& provider,
                                           Making making);

// A wrong member of a target's configuration: Code::invalid with the member as a field.
[[nodiscard]] std::unexpected<Error> wrong_member(std::string path, std::string message);

}  // namespace toolgate::credentials
