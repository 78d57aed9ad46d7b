#include "identity/challenge.h"

#include <fmt/format.h>

#include "base/text.h"
#include "json/json.h"

namespace toolgate::identity {
namespace {

struct Row {
  int status;
  std::string_view error;  // of RFC 6750 §3.1; empty: no challenge
};

Row row_of(const Error& error) {
  switch (error.code) {
    case Code::unauthenticated:
      return {.status = 401, .error = "invalid_token"};
    // Other denials cannot be cured by another token.
    case Code::denied:
      return {.status = 403,
              .error = error.name == "insufficient_scope" ? "insufficient_scope" : ""};
    case Code::invalid:
      return {.status = 400, .error = "invalid_request"};
    case Code::not_found:
      return {.status = 404, .error = ""};
    case Code::throttled:
    case Code::quota:
      return {.status = 429, .error = ""};
    case Code::unavailable:
    case Code::upstream:
    case Code::timeout:
      return {.status = 503, .error = ""};
    case Code::conflict:
    case Code::too_large:
    case Code::cancelled:
    case Code::internal:
      break;
  }
  return {.status = 500, .error = ""};
}

}  // namespace

Challenge challenge(const Error& error, const std::vector<std::string>& scopes,
                    std::string_view resource_metadata_url) {
  const Row row = row_of(error);
  Challenge told{.status = row.status, .www_authenticate = {}};
  if (row.error.empty()) return told;
  told.www_authenticate = fmt::format("Bearer error=\"{}\"", row.error);
  if (!scopes.empty()) told.www_authenticate += fmt::format(", scope=\"{}\"", join(scopes, " "));
  told.www_authenticate += fmt::format(", resource_metadata=\"{}\"", resource_metadata_url);
  return told;
}

std::optional<std::string> origin_of(const net::Request& request) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  if (request.host.empty() || request.host.find_first_not_of(plain) != request.host.npos) {
    return std::nullopt;
  }
  return fmt::format("{}://{}", request.peer.tls ? "https" : "http", request.host);
}

std::string resource_metadata(std::string_view issuer, std::string_view resource,
                              const std::vector<std::string>& scopes) {
  JsonArray supported;
  for (const auto& scope : scopes) supported.emplace_back(scope);
  return json::print(JsonObject{{"authorization_servers", JsonArray{issuer}},
                                {"resource", resource},
                                {"scopes_supported", std::move(supported)}});
}

}  // namespace toolgate::identity
