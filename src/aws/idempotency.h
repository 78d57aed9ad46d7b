// Idempotency tokens: whether a call with a token that was seen before is the same call.
#pragma once

#include <string>
#include <string_view>

#include "aws/call.h"
#include "base/result.h"

namespace toolgate::aws {

// SHA-256 (hex) of the input without the member `token`, the same for the same input whatever the
// order of its members.
[[nodiscard]] std::string input_digest(const Call& call, std::string_view token = "clientToken");

// Whether the answer stored with `stored_digest` is this call's too. Fails with Code::invalid and
// Error::name "IdempotentParameterMismatchException" when the token was used with another input.
[[nodiscard]] Result<void> same_input(const Call& call, std::string_view stored_digest,
                                      std::string_view token = "clientToken");

// The value with the members of all its objects sorted by name.
[[nodiscard]] std::string canonical_text(const Json& value);

}  // namespace toolgate::aws
