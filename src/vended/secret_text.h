// Secrets in plain text, by their form: "Bearer …", JSON Web Tokens, private keys, NAME=VALUE.
#pragma once

#include <string>
#include <string_view>

namespace toolgate::vended {

// A quick look that errs towards yes.
[[nodiscard]] bool may_hold_secrets(std::string_view text);
[[nodiscard]] std::string without_secrets(std::string_view text);

}  // namespace toolgate::vended
