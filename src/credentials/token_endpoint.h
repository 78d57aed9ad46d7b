// The words that are exchanged with a token endpoint (RFC 6749 §4 and §5): pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "net/http.h"

namespace toolgate::credentials {

enum class ClientAuth : unsigned char {
  body,   // client_secret_post: client_id and client_secret in the form
  basic,  // client_secret_basic: the Authorization header (RFC 6749 §2.3.1)
  key,    // private_key_jwt: client_id and a client_assertion (RFC 7523 §2.2)
  none,   // the grant speaks for itself (RFC 7521 §4.1): no word of the client
};
// What the server's list of methods leaves: the form where it is listed or nothing is.
[[nodiscard]] ClientAuth choose_client_auth(const std::vector<std::string>& methods);

struct TokenQuestion {
  std::string_view client_id = {};
  std::string_view client_secret = {};
  std::string_view assertion = {};  // of ClientAuth::key
  ClientAuth auth = ClientAuth::body;
  std::string_view grant = "client_credentials";
  std::string_view scope = {};              // may be empty
  const Json* parameters = nullptr;         // further form members, an object; may be null
  std::vector<std::string> resources = {};  // RFC 8707
  std::vector<std::string> audiences = {};  // RFC 8693 §2.1
  std::vector<std::pair<std::string, std::string>> fields = {};  // of the grant
};
struct TokenRequest {
  net::Headers headers;
  std::string body;  // application/x-www-form-urlencoded
};
[[nodiscard]] TokenRequest token_request(const TokenQuestion& question);

struct Token {
  std::string text;
  std::chrono::seconds life;       // expires_in, or bounds::token_life_unsaid
  std::string refresh_token = {};  // or empty
};
// Reads the answer. Fails with Code::upstream: another status than 200 (the message shows `error`
// and `error_description` of RFC 6749 §5.2, cut and without `secret`; Error::name is
// "invalid_grant" for that error), no JSON object, no access_token, a token that is no header text
// or too long, a token_type that is not bearer.
[[nodiscard]] Result<Token> read_token_answer(int status, std::string_view body,
                                              std::string_view secret);

}  // namespace toolgate::credentials
