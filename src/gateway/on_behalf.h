// Calls with the caller's own credential: whose it is, and how the caller is asked for consent.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "gateway/turn.h"
#include "net/http.h"

namespace toolgate::gateway {

// The caller as the vault knows them. Fails with Code::denied where sign-in does not say who calls.
[[nodiscard]] Result<std::shared_ptr<const credentials::User>> user_of(const Turn& turn);

// True when the request's _meta asks for a new consent although there may be one
// (AgentCore Gateway developer guide, "authorization code grant", forceAuthentication).
[[nodiscard]] bool forces_consent(const Turn& turn);

// The answer to a call that the user must consent to first: JSON-RPC error -32042 with a URL where
// the client speaks MCP 2025-11-25 (Elicitation, URL mode), else a tool error that shows the URL.
// `need` is bound to the user.
Task<Result<Reply>> ask_for_consent(const Turn& turn, const credentials::Need& need);

}  // namespace toolgate::gateway
