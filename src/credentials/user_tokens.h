// The vault of users' own tokens: what a user has consented to, sealed in the store, by workload,
// user, provider and scopes.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "credentials/token_endpoint.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::credentials {

struct UserToken {
  std::string access;
  std::string refresh;         // or empty
  Time ends;                   // of `access`
  std::string callback_id;     // of the provider that gave it: OAuthClient
  store::Version version = 0;  // of the document
};

[[nodiscard]] UserToken user_token(Token token, std::string callback_id, Time now);

// `need` is bound to a user. Nothing when the user has none that was given by this provider.
Task<Result<std::optional<UserToken>>> find_user_token(store::Store& store,
                                                       const store::Secrets& secrets,
                                                       const Need& need);
// What is written and sealed, for a batch.
[[nodiscard]] store::Put put_user_token(const store::Secrets& secrets, const Need& need,
                                        const UserToken& token);

}  // namespace toolgate::credentials
