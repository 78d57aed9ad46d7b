// The request of the token endpoint, taken apart (RFC 6749 §2.3, §3.2, §4.4). Pure; the bytes are
// anybody's.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::services::cognito {

// RFC 6749 §5.2.
struct OAuthError {
  int status = 400;
  std::string_view error;   // "invalid_request"
  std::string description;  // may be empty; safe to show
};

struct TokenRequest {
  std::string grant_type;
  std::string client_id;
  std::string client_secret;
  bool basic = false;               // the client authenticated by the Authorization header
  std::vector<std::string> scopes;  // each once, in the order asked for; empty: not asked
};

inline constexpr std::size_t token_request_bytes_max = 16 * 1024;
inline constexpr std::size_t token_request_fields_max = 64;

// `authorization` is the header's value, if there is one.
[[nodiscard]] std::expected<TokenRequest, OAuthError> parse_token_request(
    std::string_view content_type, std::optional<std::string_view> authorization,
    std::string_view body);

// application/x-www-form-urlencoded. Nothing for a broken escape, a field given twice, or more than
// the limits above.
[[nodiscard]] std::optional<std::map<std::string, std::string>> parse_form(std::string_view body);

struct BasicCredentials {
  std::string id;
  std::string secret;
};
// The value of an Authorization header of the scheme Basic, decoded as RFC 6749 §2.3.1 says.
[[nodiscard]] std::optional<BasicCredentials> parse_basic(std::string_view authorization);

}  // namespace toolgate::services::cognito
