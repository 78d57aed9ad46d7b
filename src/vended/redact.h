// Takes secrets out of JSON text before it is written to a log. Members named like a secret lose
// their value, wherever they stand: also in JSON within a string, and in a text that was cut off.
// Tokens, keys and NAME=VALUE pairs are found in strings by their form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::vended {

inline constexpr std::string_view redacted = "[REDACTED]";

// password, clientSecret, X-Api-Key, access_token, Authorization, …; not nextToken or max_tokens.
[[nodiscard]] bool is_secret_name(std::string_view name);

struct Redaction {
  std::string_view text;    // JSON, or any text
  std::string_view marked;  // further names, one a line
  // Filled with the values that were taken out: they are looked for in what follows. May be null.
  std::vector<std::string>* values = nullptr;
};
struct Redacted {
  std::optional<std::string> text;  // nothing: as it was
  bool is_error = false;            // "isError":true within the outermost object's members
};
[[nodiscard]] Redacted redact(const Redaction& redaction);

// Every occurrence of `value` gone, also of its beginning at the end of a text that was cut. Values
// of less than value_bytes_min characters stay: they would be found everywhere.
inline constexpr std::size_t value_bytes_min = 6;
enum class End : unsigned char { whole, was_cut };
void take_out(std::string& text, std::string_view value, End end);

}  // namespace toolgate::vended
