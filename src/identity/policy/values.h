// The typed values that conditions compare, as they stand in policies and in requests: texts.
#pragma once

#include <optional>
#include <string_view>

namespace toolgate::identity::policy {

// "7", "-1.5", "1e3"
[[nodiscard]] std::optional<double> number_of(std::string_view text);
// ISO 8601 ("2026-11-21", "2026-11-21T08:00Z", "…T08:00:00.5+01:00") or seconds since 1970; in
// milliseconds since then.
[[nodiscard]] std::optional<double> date_of(std::string_view text);
[[nodiscard]] std::optional<bool> bool_of(std::string_view text);

// An address or a block ("203.0.113.0/24", "2001:db8::/32").
[[nodiscard]] bool is_ip_block(std::string_view text);
// False also when one of them is none.
[[nodiscard]] bool ip_within(std::string_view address, std::string_view block);

// Both are base64 of the same bytes.
[[nodiscard]] bool is_base64(std::string_view text);
[[nodiscard]] bool same_bytes(std::string_view a, std::string_view b);

}  // namespace toolgate::identity::policy
