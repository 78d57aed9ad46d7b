// What an authorization server says about itself (OpenID Connect Discovery 1.0 §4, RFC 8414 §3),
// as far as fetching a token needs it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "net/http.h"
#include "net/worker.h"

namespace toolgate::credentials {

struct ServerMetadata {
  net::Url token_endpoint;
  std::vector<std::string> auth_methods;  // token_endpoint_auth_methods_supported; may be empty
  std::string issuer;                     // may be empty
  std::string authorization_endpoint;     // may be empty: only users are sent there
  bool names_issuer = false;  // authorization_response_iss_parameter_supported (RFC 9207)
};

// Reads a discovery document that came from `url`. Fails with Code::upstream when it is no JSON
// object, has no usable token_endpoint, or names a token_endpoint that would carry the secret in
// clear although the document itself came over TLS.
[[nodiscard]] Result<ServerMetadata> read_discovery(std::string_view text, const net::Url& url);

// Fetches the document, or takes it from this thread's cache (limits::discovery_fresh_for).
// Messages begin with "discovery document at URL:".
Task<Result<ServerMetadata>> discover(std::string url, net::Worker& worker, const Clock& clock,
                                      Deadline deadline);

}  // namespace toolgate::credentials
