// Hashes, text forms of bytes, and comparisons that take the same time whatever the bytes are.
// Bytes are std::string / std::string_view throughout this room.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace toolgate::crypto {

[[nodiscard]] std::string sha256(std::string_view bytes);      // 32 bytes
[[nodiscard]] std::string sha256_hex(std::string_view bytes);  // 64 characters
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 bytes

[[nodiscard]] std::string hex(std::string_view bytes);  // lower case
[[nodiscard]] std::string base64(std::string_view bytes);
[[nodiscard]] std::string base64url(std::string_view bytes);  // without padding
// Strict: no white space, no foreign character, no stray bits. Padding is optional for the URL form
// and required for the plain one. Fails with Code::invalid.
[[nodiscard]] Result<std::string> from_base64(std::string_view text);
[[nodiscard]] Result<std::string> from_base64url(std::string_view text);

// Takes as long for equal as for unequal texts of one length.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

[[nodiscard]] std::string random_bytes(std::size_t count);

}  // namespace toolgate::crypto
