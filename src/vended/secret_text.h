// Secrets in plain text, by their form: "Bearer …", JSON Web Tokens, private keys, NAME=VALUE.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace toolgate::vended {

// Nothing when there is none in the text.
[[nodiscard]] std::optional<std::string> without_secrets(std::string_view text);

}  // namespace toolgate::vended
