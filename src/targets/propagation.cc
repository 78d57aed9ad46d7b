#include "targets/propagation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "targets/http_exchange.h"

namespace toolgate::targets {
namespace {

constexpr std::size_t value_bytes_max = 4'096;

// AgentCore Gateway developer guide, "Header propagation", restricted headers; in lower case.
constexpr std::array<std::string_view, 93> restricted{"accept",
                                                      "accept-ch",
                                                      "accept-ch-lifetime",
                                                      "accept-charset",
                                                      "accept-encoding",
                                                      "accept-language",
                                                      "accept-ranges",
                                                      "access-control-allow-credentials",
                                                      "access-control-allow-headers",
                                                      "access-control-allow-methods",
                                                      "access-control-allow-origin",
                                                      "access-control-expose-headers",
                                                      "access-control-max-age",
                                                      "access-control-request-headers",
                                                      "access-control-request-method",
                                                      "authorization",
                                                      "cache-control",
                                                      "cf-connecting-ip",
                                                      "cf-ray",
                                                      "clear-site-data",
                                                      "connection",
                                                      "content-encoding",
                                                      "content-language",
                                                      "content-length",
                                                      "content-location",
                                                      "content-range",
                                                      "content-security-policy",
                                                      "content-security-policy-report-only",
                                                      "content-type",
                                                      "cookie",
                                                      "cross-origin-embedder-policy",
                                                      "cross-origin-opener-policy",
                                                      "cross-origin-resource-policy",
                                                      "date",
                                                      "downlink",
                                                      "dpr",
                                                      "ect",
                                                      "etag",
                                                      "expect-ct",
                                                      "expires",
                                                      "feature-policy",
                                                      "from",
                                                      "host",
                                                      "if-match",
                                                      "if-modified-since",
                                                      "if-none-match",
                                                      "if-range",
                                                      "if-unmodified-since",
                                                      "keep-alive",
                                                      "last-modified",
                                                      "link",
                                                      "location",
                                                      "origin",
                                                      "permissions-policy",
                                                      "pragma",
                                                      "proxy-authorization",
                                                      "proxy-connection",
                                                      "public-key-pins",
                                                      "public-key-pins-report-only",
                                                      "range",
                                                      "referer",
                                                      "referrer-policy",
                                                      "retry-after",
                                                      "rtt",
                                                      "save-data",
                                                      "sec-websocket-accept",
                                                      "sec-websocket-extensions",
                                                      "sec-websocket-key",
                                                      "sec-websocket-protocol",
                                                      "sec-websocket-version",
                                                      "server",
                                                      "set-cookie",
                                                      "strict-transport-security",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "user-agent",
                                                      "vary",
                                                      "viewport-width",
                                                      "width",
                                                      "www-authenticate",
                                                      "x-cache",
                                                      "x-content-type-options",
                                                      "x-csrf-token",
                                                      "x-forwarded-for",
                                                      "x-forwarded-host",
                                                      "x-forwarded-proto",
                                                      "x-frame-options",
                                                      "x-real-ip",
                                                      "x-requested-with",
                                                      "x-served-by",
                                                      "x-xss-protection"};
// Ours: what else frames a message or speaks of one hop.
constexpr std::array<std::string_view, 5> of_one_hop{"expect", "forwarded", "http2-settings",
                                                     "proxy-authenticate", "via"};

// Signatures of the caller and of the gateway are in these.
constexpr std::string_view signature_prefix = "x-amz-";
constexpr std::string_view service_prefix = "x-amzn-";
constexpr std::string_view custom_prefix = "x-amzn-bedrock-agentcore-runtime-custom-";
// The gateway speaks MCP with both sides itself: a session of one caller must not reach another.
constexpr std::string_view mcp_prefix = "mcp-";

std::unexpected<Error> wrong(std::string path, std::string message) {
  Error error{.code = Code::invalid,
              .message = fmt::format("{}: {}", path, message),
              .detail = {},
              .name = "FieldValidationFailed",
              .fields = {}};
  error.fields.push_back({.path = std::move(path), .message = std::move(message)});
  return std::unexpected(std::move(error));
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

// Why a header of this name is not propagated; empty: it may be.
std::string_view why_not(std::string_view name) {
  if (!is_name(name)) return "expected letters, digits, '-' and '_'";
  const std::string key = lower(name);
  if (std::ranges::find(restricted, key) != restricted.end() ||
      std::ranges::find(of_one_hop, key) != of_one_hop.end()) {
    return "is restricted and cannot be propagated";
  }
  if (key.starts_with(service_prefix) && !key.starts_with(custom_prefix)) {
    return "names beginning with X-Amzn- are restricted, but for "
           "X-Amzn-Bedrock-AgentCore-Runtime-Custom-*";
  }
  if (key.starts_with(signature_prefix)) return "names beginning with X-Amz- belong to signatures";
  if (key.starts_with(mcp_prefix)) {
    return "names beginning with Mcp- belong to the gateway's own session with the target";
  }
  return {};
}

// Where the target's API key goes; empty where it has none.
struct KeyPlace {
  std::string_view header;
  std::string_view query;
};

KeyPlace key_place(const Json* credentials) {
  const JsonArray* list = credentials != nullptr ? credentials->if_array() : nullptr;
  if (list == nullptr || list->empty()) return {};
  const Json* key = json::find(list->front(), "credentialProvider", "apiKeyCredentialProvider");
  if (key == nullptr) return {};
  const auto name = json::find_string(*key, "credentialParameterName").value_or("");
  const bool in_query = json::find_string(*key, "credentialLocation") == "QUERY_PARAMETER";
  if (in_query) return {.header = {}, .query = name.empty() ? "api_key" : name};
  return {.header = name, .query = {}};
}

std::string path_of(std::string_view member, std::size_t index) {
  return fmt::format("metadataConfiguration.{}[{}]", member, index);
}

Result<void> check_headers(const Json& metadata, std::string_view member, std::string_view key) {
  const JsonArray* names = json::find_array(metadata, member);
  if (names == nullptr) return {};
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string_view name{names->at(i).get_string()};
    if (const auto why = why_not(name); !why.empty()) {
      return wrong(path_of(member, i), fmt::format("'{}' {}", name, why));
    }
    if (!key.empty() && equal_ignoring_case(name, key)) {
      return wrong(path_of(member, i), fmt::format("'{}' carries the target's API key", name));
    }
  }
  return {};
}

std::vector<std::string> names_in(const Json& metadata, std::string_view member) {
  std::vector<std::string> names;
  const JsonArray* list = json::find_array(metadata, member);
  if (list == nullptr) return names;
  for (const Json& name : *list) {
    if (!name.is_string()) continue;
    const std::string_view text{name.get_string()};
    if (std::ranges::find(names, text) == names.end()) names.emplace_back(text);
  }
  return names;
}

std::vector<std::string> headers_in(const Json& metadata, std::string_view member) {
  std::vector<std::string> names;
  for (auto& name : names_in(metadata, member)) {
    const auto same = [&](const std::string& other) { return equal_ignoring_case(other, name); };
    if (std::ranges::none_of(names, same)) names.push_back(std::move(name));
  }
  return names;
}

// All fields of that name as one (RFC 9110 §5.3); nothing when there is none.
std::optional<std::string> value_of(const net::HeaderViews& headers, std::string_view name) {
  std::optional<std::string> value;
  for (const auto& field : headers) {
    if (!equal_ignoring_case(field.name, name)) continue;
    if (value) *value += ", ";
    value = std::move(value).value_or("") + std::string{field.value};
  }
  return value;
}

Result<void> check_value(std::string_view what, std::string_view name, std::string_view value) {
  if (value.size() > value_bytes_max) {
    return fail(Code::invalid,
                fmt::format("{} '{}' is longer than {} bytes", what, name, value_bytes_max));
  }
  if (!is_printable(value)) {
    return fail(Code::invalid, fmt::format("{} '{}' is not printable ASCII", what, name));
  }
  return {};
}

std::string_view query_of(std::string_view target) {
  const auto mark = target.find('?');
  return mark == target.npos ? std::string_view{} : target.substr(mark + 1);
}

bool names_parameter(std::string_view query, std::string_view name) {
  return std::ranges::any_of(split(query, '&'), [&](std::string_view pair) {
    return percent_decode(pair.substr(0, pair.find('=')), Plus::is_space) == name;
  });
}

}  // namespace

std::shared_ptr<const Propagation> read_propagation(const Json* metadata) {
  if (metadata == nullptr) return nullptr;
  Propagation rules{.request_headers = headers_in(*metadata, "allowedRequestHeaders"),
                    .query_parameters = names_in(*metadata, "allowedQueryParameters"),
                    .response_headers = headers_in(*metadata, "allowedResponseHeaders")};
  const bool none = rules.request_headers.empty() && rules.query_parameters.empty() &&
                    rules.response_headers.empty();
  return none ? nullptr : std::make_shared<const Propagation>(std::move(rules));
}

Result<void> check_propagation(const Json& metadata, const Json* credentials) {
  const KeyPlace key = key_place(credentials);
  TRY_DO(check_headers(metadata, "allowedRequestHeaders", key.header));
  TRY_DO(check_headers(metadata, "allowedResponseHeaders", {}));
  const JsonArray* parameters = json::find_array(metadata, "allowedQueryParameters");
  if (parameters == nullptr) return {};
  for (std::size_t i = 0; i < parameters->size(); ++i) {
    const std::string_view name{parameters->at(i).get_string()};
    if (!is_printable(name)) {
      return wrong(path_of("allowedQueryParameters", i), "expected printable ASCII");
    }
    if (!key.query.empty() && name == key.query) {
      return wrong(path_of("allowedQueryParameters", i),
                   fmt::format("'{}' carries the target's API key", name));
    }
  }
  return {};
}

void Passage::put_on(HttpCall& call) const {
  for (const auto& field : headers) {
    if (!net::find_header(call.headers, field.name)) call.headers.push_back(field);
  }
  if (query.empty()) return;
  const std::string own{query_of(call.url.target)};
  for (const auto& [name, value] : query) {
    if (names_parameter(own, name)) continue;
    call.url.target += call.url.target.contains('?') ? '&' : '?';
    call.url.target += percent_encode(name) + '=' + percent_encode(value);
  }
}

void Passage::take_back(const net::HeaderViews& answer) {
  back.clear();
  for (const auto& name : rules->response_headers) {
    auto value = value_of(answer, name);
    if (value && check_value("", name, *value)) back.push_back({name, *std::move(value)});
  }
}

std::string Passage::mark() const {
  if (!sends()) return {};
  std::string all;
  for (const auto& field : headers) all += fmt::format("{}: {}\n", field.name, field.value);
  for (const auto& [name, value] : query) {
    all += fmt::format("?{}={}\n", percent_encode(name), percent_encode(value));
  }
  return crypto::sha256_hex(all);
}

Result<Passage> passage_of(const Propagation& rules, const net::Request& request) {
  Passage passage;
  passage.rules = &rules;
  for (const auto& name : rules.request_headers) {
    auto value = value_of(request.headers, name);
    if (!value) continue;
    TRY_DO(check_value("Header", name, *value));
    passage.headers.push_back({name, *std::move(value)});
  }
  if (rules.query_parameters.empty() || request.query.empty()) return passage;
  for (const auto pair : split(request.query, '&')) {
    const auto equals = pair.find('=');
    const auto name = percent_decode(pair.substr(0, equals), Plus::is_space);
    if (!name || std::ranges::find(rules.query_parameters, *name) == rules.query_parameters.end()) {
      continue;
    }
    auto value = percent_decode(equals == pair.npos ? "" : pair.substr(equals + 1), Plus::is_space);
    if (!value) {
      return fail(Code::invalid, fmt::format("Query parameter '{}' is not %-encoded", *name));
    }
    TRY_DO(check_value("Query parameter", *name, *value));
    passage.query.push_back({*name, *std::move(value)});
  }
  return passage;
}

}  // namespace toolgate::targets
