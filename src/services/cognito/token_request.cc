#include "services/cognito/token_request.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"

namespace toolgate::services::cognito {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::string_view basic_scheme = "basic ";

std::unexpected<OAuthError> invalid_request(std::string description) {
  return std::unexpected(OAuthError{400, "invalid_request", std::move(description)});
}

bool is_basic(std::string_view authorization) {
  return authorization.size() > basic_scheme.size() &&
         equal_ignoring_case(authorization.substr(0, basic_scheme.size()), basic_scheme);
}

std::string take(std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found != form.end() ? std::move(found->second) : std::string{};
}

std::vector<std::string> scopes_of(std::string_view text) {
  std::vector<std::string> scopes;
  for (const std::string_view scope : split(text, ' ')) {
    if (scope.empty() || std::ranges::find(scopes, scope) != scopes.end()) continue;
    scopes.emplace_back(scope);
  }
  return scopes;
}

}  // namespace

std::optional<std::map<std::string, std::string>> parse_form(std::string_view body) {
  if (body.size() > token_request_bytes_max) return std::nullopt;
  std::map<std::string, std::string> form;
  for (const std::string_view field : split(body, '&')) {
    if (field.empty()) continue;
    if (form.size() == token_request_fields_max) return std::nullopt;
    const auto equals = field.find('=');
    const auto name = percent_decode(field.substr(0, equals), Plus::is_space);
    const auto value = equals == std::string_view::npos
                           ? std::optional<std::string>{std::string{}}
                           : percent_decode(field.substr(equals + 1), Plus::is_space);
    if (!name || !value || !form.emplace(*name, *value).second) return std::nullopt;
  }
  return form;
}

std::optional<BasicCredentials> parse_basic(std::string_view authorization) {
  if (!is_basic(authorization)) return std::nullopt;
  const auto plain = crypto::from_base64(trim(authorization.substr(basic_scheme.size())));
  if (!plain) return std::nullopt;
  const auto colon = plain->find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto id = percent_decode(std::string_view{*plain}.substr(0, colon), Plus::is_space);
  const auto secret = percent_decode(std::string_view{*plain}.substr(colon + 1), Plus::is_space);
  if (!id || !secret) return std::nullopt;
  return BasicCredentials{*id, *secret};
}

std::expected<TokenRequest, OAuthError> parse_token_request(
    std::string_view content_type, std::optional<std::string_view> authorization,
    std::string_view body) {
  const std::string_view media_type = trim(content_type.substr(0, content_type.find(';')));
  if (!equal_ignoring_case(media_type, form_type)) {
    return invalid_request("the content type must be application/x-www-form-urlencoded");
  }
  auto form = parse_form(body);
  if (!form) return invalid_request("the form is malformed, too large, or names a field twice");

  TokenRequest request;
  request.grant_type = take(*form, "grant_type");
  request.client_id = take(*form, "client_id");
  request.scopes = scopes_of(take(*form, "scope"));
  request.basic = authorization.has_value() && is_basic(*authorization);
  if (request.basic) {
    if (form->contains("client_secret")) {
      return invalid_request("the client must not authenticate in two ways");
    }
    auto credentials = parse_basic(*authorization);
    if (!credentials) return std::unexpected(OAuthError{401, "invalid_client", {}});
    if (!request.client_id.empty() && request.client_id != credentials->id) {
      return invalid_request("client_id differs from the Authorization header's");
    }
    request.client_id = std::move(credentials->id);
    request.client_secret = std::move(credentials->secret);
  } else {
    request.client_secret = take(*form, "client_secret");
  }
  if (request.grant_type.empty()) return invalid_request("grant_type is missing");
  if (request.client_id.empty()) return invalid_request("client_id is missing");
  return request;
}

}  // namespace toolgate::services::cognito
