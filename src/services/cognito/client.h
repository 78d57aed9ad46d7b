// A user pool client's settings and secret: what operations and the token endpoint share.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "services/cognito/documents.h"
#include "store/secrets.h"

namespace toolgate::services::cognito {

// Settings that creation and update take alike: what `input` leaves out goes back to its default
// (Cognito API Reference, "UpdateUserPoolClient").
void replace_client_settings(JsonObject& client, const JsonObject& input);

// Settings that contradict one another, or that name what the pool has not. Scopes are checked
// apart, because they are in the store. Fails with InvalidParameterException or
// InvalidOAuthFlowException.
[[nodiscard]] Result<void> check_client(const JsonObject& client);

[[nodiscard]] bool has_secret(const JsonObject& client);
void set_secret(JsonObject& client, std::string_view secret, const store::Secrets& secrets);
[[nodiscard]] Result<std::string> secret_of(const JsonObject& client,
                                            const store::Secrets& secrets);

// Lists and descriptions show everything but the sealed secret.
[[nodiscard]] JsonObject client_shape(const JsonObject& client);

// How long an access token lives: AccessTokenValidity in TokenValidityUnits, an hour by default.
[[nodiscard]] std::chrono::seconds access_token_lives(const JsonObject& client);
[[nodiscard]] bool allows_client_credentials(const JsonObject& client);

}  // namespace toolgate::services::cognito
