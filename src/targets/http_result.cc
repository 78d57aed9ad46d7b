#include "targets/http_result.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "json/scan.h"
#include "json/schema_errors.h"
#include "mcp/message.h"

namespace toolgate::targets {
namespace {

// Of a failed answer's body, in a message.
constexpr std::size_t shown_bytes_max = 4 * 1024;
// What is shorter than this is no secret that could be told from chance.
constexpr std::size_t secret_bytes_min = 4;
// Of a body without a content-type: looked at to tell text from bytes.
constexpr std::size_t sniffed_bytes_max = 512;

Outcome outcome_of(std::string result) {
  auto buffer = std::make_shared<const std::string>(std::move(result));
  return {.result = *buffer, .error_message = {}, .error_data = {}, .buffer = buffer};
}

bool is_json(std::string_view text) {
  json::Scanner scan{text};
  std::string_view raw;
  return scan.skip(raw) && scan.finish() && json::is_utf8(text);
}

bool is_text(std::string_view bytes) {
  const auto begin = bytes.substr(0, sniffed_bytes_max);
  return std::ranges::none_of(begin,
                              [](char c) {
                                return static_cast<unsigned char>(c) < 0x20 && c != '\n' &&
                                       c != '\r' && c != '\t' && c != '\f';
                              }) &&
         json::is_utf8(bytes);
}

bool is_text_type(std::string_view type, std::string_view body) {
  if (type.empty() || type == "application/octet-stream") return is_text(body);
  if (type.starts_with("text/") || is_json_type(type) || type.ends_with("+xml")) return true;
  for (const std::string_view known :
       {"application/xml", "application/yaml", "application/x-yaml", "application/javascript",
        "application/graphql", "application/x-ndjson", "application/jsonl", "application/toml",
        "application/sql", "application/x-www-form-urlencoded", "application/x-httpd-php"}) {
    if (type == known) return true;
  }
  return false;
}

std::string text_block(std::string_view text) {
  return R"({"type":"text","text":)" + json::quote(text) + '}';
}

std::string media_block(std::string_view kind, std::string_view type, std::string_view bytes) {
  return fmt::format(R"({{"type":"{}","data":"{}","mimeType":{}}})", kind, crypto::base64(bytes),
                     json::quote(type));
}

std::string resource_block(const net::Url& url, std::string_view type, std::string_view bytes) {
  const std::string_view target = url.target;
  const std::string uri =
      url.scheme + "://" + url.authority() + std::string{target.substr(0, target.find('?'))};
  return fmt::format(R"({{"type":"resource","resource":{{"uri":{},"mimeType":{},"blob":"{}"}}}})",
                     json::quote(uri),
                     json::quote(type.empty() ? "application/octet-stream" : type),
                     crypto::base64(bytes));
}

std::string block_of(const net::ClientResponse& answer, std::string_view content_type,
                     const net::Url& url) {
  const std::string type = media_type_of(content_type);
  if (answer.body.empty()) {
    return text_block(
        fmt::format("HTTP {} {}, without a body", answer.status, net::reason_of(answer.status)));
  }
  if (type == "image/svg+xml" || is_text_type(type, answer.body)) {
    return text_block(to_utf8(answer.body, media_parameter(content_type, "charset")));
  }
  if (type.starts_with("image/")) return media_block("image", type, answer.body);
  if (type.starts_with("audio/")) return media_block("audio", type, answer.body);
  return resource_block(url, type, answer.body);
}

std::string printed(std::string_view blocks, std::string_view structured, bool is_error) {
  std::string out = R"({"content":[)";
  out += blocks;
  out += ']';
  if (!structured.empty()) {
    out += R"(,"structuredContent":)";
    out += structured;
  }
  out += is_error ? R"(,"isError":true})" : R"(,"isError":false})";
  return out;
}

// What a tool with an outputSchema gives as structuredContent, which is an object always: other
// JSON and text become its member "result".
std::string structured_of(const net::ClientResponse& answer, std::string_view content_type) {
  if (is_json(answer.body)) {
    json::Scanner scan{answer.body};
    if (scan.peek() == '{') return std::string{answer.body};
    return R"({"result":)" + std::string{answer.body} + '}';
  }
  if (answer.body.empty() || !is_text_type(media_type_of(content_type), answer.body)) return "{}";
  const std::string text = to_utf8(answer.body, media_parameter(content_type, "charset"));
  return R"({"result":)" + json::quote(text) + '}';
}

// A tool with an outputSchema, and an answer that breaks it.
std::string unfitting(std::string_view block, std::string_view why) {
  return printed(text_block(fmt::format("The API has answered with success, but not as its "
                                        "description says: {}. The answer follows.",
                                        why)) +
                     ',' + std::string{block},
                 {}, true);
}

Code code_of(int status) {
  switch (status) {
    case 401:
      return Code::unauthenticated;
    case 403:
      return Code::denied;
    case 408:
    case 504:
      return Code::timeout;
    case 429:
      return Code::throttled;
    case 502:
    case 503:
      return Code::unavailable;
    default:
      return Code::upstream;
  }
}

void blot_out(std::string& text, std::string_view secret) {
  if (secret.size() < secret_bytes_min) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 1)) {
    text.replace(at, secret.size(), "*");
  }
}

// APIs repeat the key that they refuse.
void blot_out_credential(std::string& text, const net::Credential& credential) {
  if (const auto* header = std::get_if<net::HeaderCredential>(&credential.show)) {
    const std::string_view value = header->value;
    const auto space = value.find(' ');
    blot_out(text, value);
    if (space != value.npos) blot_out(text, value.substr(space + 1));
  } else if (const auto* query = std::get_if<net::QueryCredential>(&credential.show)) {
    blot_out(text, query->value);
    blot_out(text, percent_encode(query->value));
  }
}

Error refusal(const net::ClientResponse& answer, const ResultRules& rules) {
  const auto type = answer.headers.find("content-type").value_or("");
  std::string body =
      is_text_type(media_type_of(type), answer.body)
          ? to_utf8(answer.body.substr(0, shown_bytes_max * 2), media_parameter(type, "charset"))
          : fmt::format("({} bytes of {})", answer.body.size(), type);
  blot_out_credential(body, rules.credential);
  if (body.size() > shown_bytes_max) {
    body.resize(shown_bytes_max);
    body = json::replace_broken_utf8(body) + " …";
  }
  std::string message =
      fmt::format("The target answered HTTP {} {}", answer.status, net::reason_of(answer.status));
  if (answer.status >= 300 && answer.status < 400) {
    message += fmt::format(" (location: {}). Redirects are not followed.",
                           answer.headers.find("location").value_or("none"));
  }
  if (!answer.body.empty()) message += ": " + body;
  return {.code = code_of(answer.status),
          .message = std::move(message),
          .detail = {},
          .name = answer.status >= 500 ? std::string{server_error_name} : std::string{},
          .fields = {}};
}

}  // namespace

std::string media_type_of(std::string_view content_type) {
  return lower(trim(content_type.substr(0, content_type.find(';'))));
}

std::string_view media_parameter(std::string_view content_type, std::string_view name) {
  const auto parts = split(content_type, ';');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string_view::npos) continue;
    if (!equal_ignoring_case(trim(parts[i].substr(0, equals)), name)) continue;
    auto value = trim(parts[i].substr(equals + 1));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

bool is_json_type(std::string_view media_type) {
  return media_type == "application/json" || media_type == "text/json" ||
         media_type.ends_with("+json");
}

Result<Outcome> http_result(const net::ClientResponse& answer, const ResultRules& rules) {
  if (answer.status < 200 || answer.status >= 300) return std::unexpected(refusal(answer, rules));
  const auto content_type = answer.headers.find("content-type").value_or("");
  const std::string block = block_of(answer, content_type, rules.url);
  if (rules.output == nullptr) return outcome_of(printed(block, {}, false));
  std::string structured = structured_of(answer, content_type);
  const std::size_t size = structured.size();
  structured.append(limits::json_padding_bytes, '\0');
  const std::string_view padded{structured.data(), size};
  const auto errors = rules.output->check(padded);
  if (!errors.empty()) return outcome_of(unfitting(block, json::describe(errors.front())));
  return outcome_of(printed(block, padded, false));
}

Outcome text_result(std::string_view text, std::string_view structured) {
  return outcome_of(printed(text_block(text), structured, false));
}

Outcome error_result(std::string_view text) {
  return outcome_of(printed(text_block(text), {}, true));
}

Outcome refuse_arguments(std::string_view why) {
  return outcome_of(mcp::tool_error_result(fmt::format(
      "ValidationException - Parameter validation failed: Invalid request parameters:\n- {}",
      why)));
}

}  // namespace toolgate::targets
