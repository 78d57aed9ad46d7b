// Points in time on the wire. Inside, a timestamp is a number: seconds since 1970, with fractions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace toolgate::aws {

// Reads "2026-11-21T04:05:06.789Z" (or with an offset), "Sat, 21 Nov 2026 04:05:06 GMT", and plain
// seconds. AWS's services take all three wherever a timestamp may stand.
[[nodiscard]] std::optional<double> parse_timestamp(std::string_view text);

enum class Fraction : unsigned char { milliseconds, none };
// "2026-11-21T04:05:06.789Z"; times outside the years 0 to 9999 are clamped.
[[nodiscard]] std::string print_iso8601(double seconds, Fraction fraction);
[[nodiscard]] std::string print_rfc822(double seconds);  // "Sat, 21 Nov 2026 04:05:06 GMT"
// At most milliseconds: "1793506506.789", "1793506506".
[[nodiscard]] std::string print_epoch(double seconds);

}  // namespace toolgate::aws
