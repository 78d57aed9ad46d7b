#include "identity/jwt_rules.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "net/http.h"

namespace toolgate::identity {
namespace {

std::unexpected<Error> wrong(std::string path, std::string expected) {
  const std::string message = fmt::format("{}: {}", path, expected);
  return std::unexpected(
      Error{.code = Code::invalid,
            .message = message,
            .detail = {},
            .name = {},
            .fields = {{.path = std::move(path), .message = std::move(expected)}}});
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

Result<std::vector<std::string>> strings(const Json& from, std::string_view member,
                                         const std::string& path) {
  std::vector<std::string> out;
  const Json* value = json::find(from, member);
  if (value == nullptr) return out;
  const JsonArray* list = value->if_array();
  if (list == nullptr || list->empty()) return wrong(path, "must be a list of at least one text");
  for (const auto& item : *list) {
    if (!item.is_string() || item.get_string().empty()) {
      return wrong(path, "must hold texts that are not empty");
    }
    out.emplace_back(std::string_view{item.get_string()});
  }
  return out;
}

Result<std::string> required_text(const Json& from, std::string_view member,
                                  const std::string& path) {
  const auto text = json::find_string(from, member);
  if (!text || text->empty()) return wrong(path, "must be a text that is not empty");
  return std::string{*text};
}

// A scope goes into a quoted string of WWW-Authenticate (RFC 6749 §3.3 allows just these).
bool is_scope(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c >= '\x21' && c <= '\x7e' && c != '"' && c != '\\';
  });
}

Result<std::string> read_discovery_url(const Json& from) {
  TRY(std::string url, required_text(from, "discoveryUrl", "discoveryUrl"));
  const bool known_place = url.find("/.well-known/openid-configuration") != std::string::npos ||
                           url.find("/.well-known/oauth-authorization-server") != std::string::npos;
  if (!known_place) {
    return wrong("discoveryUrl",
                 "must hold /.well-known/openid-configuration or "
                 "/.well-known/oauth-authorization-server");
  }
  if (const auto parsed = net::Url::parse(url); !parsed) {
    return wrong("discoveryUrl", parsed.error().message);
  }
  return url;
}

// Which operator and which form of value go with which type of claim: developer guide, "Set up
// inbound authorization".
Result<ClaimRule> read_claim_rule(const Json& from, const std::string& path) {
  ClaimRule rule;
  TRY(rule.claim, required_text(from, "inboundTokenClaimName", path + ".inboundTokenClaimName"));
  const auto type = json::find_string(from, "inboundTokenClaimValueType").value_or("");
  if (type != "STRING" && type != "STRING_ARRAY") {
    return wrong(path + ".inboundTokenClaimValueType", "must be STRING or STRING_ARRAY");
  }
  rule.type = type == "STRING" ? ClaimRule::Type::string : ClaimRule::Type::string_array;
  const std::string match_path = path + ".authorizingClaimMatchValue";
  const std::string operator_path = match_path + ".claimMatchOperator";
  const std::string value_path = match_path + ".claimMatchValue";
  const auto by = json::find_string(from, "authorizingClaimMatchValue", "claimMatchOperator");
  const Json* value = json::find(from, "authorizingClaimMatchValue", "claimMatchValue");
  if (value == nullptr) return wrong(value_path, "is missing");
  if (rule.type == ClaimRule::Type::string && by != "EQUALS") {
    return wrong(operator_path, "must be EQUALS for type STRING");
  }
  if (rule.type == ClaimRule::Type::string_array && by != "CONTAINS" && by != "CONTAINS_ANY") {
    return wrong(operator_path, "must be CONTAINS or CONTAINS_ANY for type STRING_ARRAY");
  }
  if (by == "CONTAINS_ANY") {
    const std::string list_path = value_path + ".matchValueStringList";
    TRY(rule.values, strings(*value, "matchValueStringList", list_path));
    if (rule.values.empty()) return wrong(list_path, "is missing");
  } else {
    TRY(std::string text,
        required_text(*value, "matchValueString", value_path + ".matchValueString"));
    rule.values.push_back(std::move(text));
  }
  return rule;
}

Result<std::vector<ClaimRule>> read_claim_rules(const Json& from) {
  std::vector<ClaimRule> rules;
  const Json* value = json::find(from, "customClaims");
  if (value == nullptr) return rules;
  const JsonArray* list = value->if_array();
  if (list == nullptr || list->empty()) {
    return wrong("customClaims", "must be a list of at least one rule");
  }
  for (const auto& item : *list) {
    TRY(ClaimRule rule, read_claim_rule(item, fmt::format("customClaims.{}", rules.size())));
    rules.push_back(std::move(rule));
  }
  return rules;
}

// The mapping changes what is told to clients, never what is asked of tokens.
Result<std::vector<std::string>> read_advertised(const Json& from,
                                                 const std::vector<std::string>& scopes) {
  const Json* mapping = json::find(from, "advertisedScopeMapping");
  if (mapping != nullptr && !mapping->is_object()) {
    return wrong("advertisedScopeMapping", "must map scopes to scopes");
  }
  std::vector<std::string> advertised;
  for (const auto& scope : scopes) {
    std::string_view shown = scope;
    if (mapping != nullptr && mapping->get_object().contains(scope)) {
      shown = json::find_string(*mapping, scope).value_or("");
    }
    if (!is_scope(shown)) return wrong("advertisedScopeMapping", "holds a text that is no scope");
    if (!contains(advertised, shown)) advertised.emplace_back(shown);
  }
  return advertised;
}

// NumericDate (RFC 7519 §2): seconds, perhaps with a fraction. Nothing for any other value; years
// after 9999 count as its end.
std::optional<Time> time_claim(const Json& claims, std::string_view name) {
  constexpr double seconds_max = 253'402'300'799.0;
  const Json* value = json::find(claims, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->to_number<double>();
  if (!std::isfinite(seconds) || seconds < 0) return std::nullopt;
  return Time{
      std::chrono::milliseconds{static_cast<std::int64_t>(std::min(seconds, seconds_max) * 1000)}};
}

// True when `accept` is true for the text, or for one of the list's texts.
template <class Accept>
bool any_text(const Json* value, Accept accept) {
  if (value == nullptr) return false;
  if (value->is_string()) return accept(std::string_view{value->get_string()});
  const JsonArray* list = value->if_array();
  return list != nullptr && std::ranges::any_of(*list, [&](const Json& item) {
           return item.is_string() && accept(std::string_view{item.get_string()});
         });
}

// `scope` (RFC 8693 §4.2) or `scp` (Entra, Okta): texts parted by spaces, or a list.
bool has_scope(const Json& claims, const std::vector<std::string>& wanted) {
  const auto holds = [&wanted](std::string_view text) {
    return std::ranges::any_of(split(text, ' '),
                               [&](std::string_view scope) { return contains(wanted, scope); });
  };
  return any_text(json::find(claims, "scope"), holds) || any_text(json::find(claims, "scp"), holds);
}

bool holds(const ClaimRule& rule, const Json& claims) {
  const Json* value = json::find(claims, rule.claim);
  const bool wants_text = rule.type == ClaimRule::Type::string;
  if (value == nullptr || (wants_text ? !value->is_string() : !value->is_array())) return false;
  return any_text(value, [&](std::string_view text) { return contains(rule.values, text); });
}

}  // namespace

Result<JwtRules> compile_rules(const Json& from) {
  JwtRules rules;
  TRY(rules.discovery_url, read_discovery_url(from));
  TRY(rules.audience, strings(from, "allowedAudience", "allowedAudience"));
  TRY(rules.clients, strings(from, "allowedClients", "allowedClients"));
  TRY(rules.scopes, strings(from, "allowedScopes", "allowedScopes"));
  if (!std::ranges::all_of(rules.scopes, is_scope)) {
    return wrong("allowedScopes", "holds a text that is no scope");
  }
  TRY(rules.claims, read_claim_rules(from));
  if (rules.audience.empty() && rules.clients.empty() && rules.scopes.empty() &&
      rules.claims.empty()) {
    return wrong("customJWTAuthorizer",
                 "one of allowedAudience, allowedClients, allowedScopes, customClaims is needed");
  }
  TRY(rules.advertised_scopes, read_advertised(from, rules.scopes));
  return rules;
}

Result<Time> check_times(const Json& claims, Time now) {
  const auto expires = time_claim(claims, "exp");
  if (!expires) return invalid_token("exp is missing or no time");
  if (now >= *expires + clock_leeway) {
    return invalid_token(fmt::format("expired {} s ago", seconds_of(now) - seconds_of(*expires)));
  }
  if (json::find(claims, "nbf") == nullptr) return *expires;
  const auto begins = time_claim(claims, "nbf");
  if (!begins) return invalid_token("nbf is no time");
  if (now + clock_leeway < *begins) return invalid_token("not yet valid (nbf)");
  return *expires;
}

Result<void> check_claims(const JwtRules& rules, const Json& claims) {
  const auto audience_allowed = [&](std::string_view text) {
    return contains(rules.audience, text);
  };
  if (!rules.audience.empty() && !any_text(json::find(claims, "aud"), audience_allowed)) {
    return invalid_token("aud is not in allowedAudience");
  }
  if (!rules.clients.empty() && !contains(rules.clients, client_of(claims))) {
    return invalid_token(
        fmt::format("client {} is not in allowedClients", quoted_for_log(client_of(claims))));
  }
  for (const auto& rule : rules.claims) {
    if (!holds(rule, claims)) {
      return invalid_token(fmt::format("claim {} does not match", quoted_for_log(rule.claim)));
    }
  }
  if (!rules.scopes.empty() && !has_scope(claims, rules.scopes)) {
    return std::unexpected(Error{.code = Code::denied,
                                 .message = "Insufficient scope",
                                 .detail = "none of allowedScopes is in scope or scp",
                                 .name = "insufficient_scope",
                                 .fields = {}});
  }
  return {};
}

std::string_view client_of(const Json& claims) {
  for (const auto name : {"client_id", "azp", "cid", "appid"}) {
    if (json::find(claims, name) != nullptr) return json::find_string(claims, name).value_or("");
  }
  return {};
}

std::unexpected<Error> invalid_token(std::string why) {
  return fail(Code::unauthenticated, "Invalid Bearer token", std::move(why));
}

std::string quoted_for_log(std::string_view text) {
  constexpr std::size_t bytes_max = 200;
  return json::quote(text.substr(0, bytes_max));
}

}  // namespace toolgate::identity
