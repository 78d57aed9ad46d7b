// The words that are exchanged with a token endpoint (RFC 6749 §4.4): pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "net/http.h"

namespace toolgate::credentials {

enum class ClientAuth : unsigned char {
  body,   // client_secret_post: client_id and client_secret in the form
  basic,  // client_secret_basic: the Authorization header (RFC 6749 §2.3.1)
};
// What the server's list of methods leaves: the form where it is listed or nothing is.
[[nodiscard]] ClientAuth choose_client_auth(const std::vector<std::string>& methods);

struct TokenQuestion {
  std::string_view client_id;
  std::string_view client_secret;
  ClientAuth auth = ClientAuth::body;
  std::string_view scope;         // may be empty
  const Json* parameters = nullptr;  // further form members, an object; may be null
};
struct TokenRequest {
  net::Headers headers;
  std::string body;  // application/x-www-form-urlencoded
};
[[nodiscard]] TokenRequest token_request(const TokenQuestion& question);

struct Token {
  std::string text;
  std::chrono::seconds life;  // expires_in, or bounds::token_life_unsaid
};
// Reads the answer. Fails with Code::upstream: another status than 200 (the message shows `error`
// and `error_description` of RFC 6749 §5.2, cut and without `secret`), no JSON object, no
// access_token, a token that is no header text or too long, a token_type that is not bearer.
[[nodiscard]] Result<Token> read_token_answer(int status, std::string_view body,
                                              std::string_view secret);

}  // namespace toolgate::credentials
