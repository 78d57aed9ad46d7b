// Random identifiers, in the alphabets that AWS and MCP use.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace toolgate {

inline constexpr std::string_view lower_alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view upper_alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
inline constexpr std::string_view mixed_alphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// `length` characters drawn evenly from `alphabet` (at most 256 characters), from the system's
// cryptographic source.
[[nodiscard]] std::string random_text(std::size_t length, std::string_view alphabet);

// A random UUID, version 4 (RFC 9562).
[[nodiscard]] std::string random_uuid();

}  // namespace toolgate
