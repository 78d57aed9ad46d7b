// Small text helpers that the standard library lacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace toolgate {

[[nodiscard]] std::string lower(std::string_view text);                          // ASCII only
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII only
[[nodiscard]] std::string_view trim(std::string_view text);                      // spaces and tabs
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char at);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view between);

// Percent-decoding of a URL part; '+' stays unless Plus::is_space. Nothing for a broken escape.
enum class Plus : std::uint8_t { stays, is_space };
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text,
                                                        Plus plus = Plus::stays);
// Everything but A-Z a-z 0-9 - . _ ~ is escaped (RFC 3986 §2.3); `keep` names further characters.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = {});

// For unordered_map<std::string, …> that is looked up by string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

}  // namespace toolgate
