#include "credentials/token_endpoint.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "credentials/bounds.h"
#include "crypto/hash.h"

namespace toolgate::credentials {
namespace {

// RFC 7523 §2.2.
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

void add_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form += percent_encode(name);
  form += '=';
  form += percent_encode(value);
}

// Another server's words, fit for a message of ours: printable, short, and never the secret.
std::string quoted(std::string_view words, std::string_view secret) {
  if (!secret.empty() && words.contains(secret)) return "(not shown: it repeats the secret)";
  std::string out{words.substr(0, bounds::quoted_bytes_max)};
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

Error refusal(int status, std::string_view body, std::string_view secret) {
  std::string message = fmt::format("token endpoint answered {}", status);
  std::string name;
  if (const auto document = json::parse(body)) {
    const auto error = json::find_string(*document, "error");
    if (error) message += ": " + quoted(*error, secret);
    if (error == "invalid_grant") name = *error;
    const auto description = json::find_string(*document, "error_description");
    if (description) message += fmt::format(" ({})", quoted(*description, secret));
  } else if (status >= 300 && status < 400) {
    message += "; redirects are not followed";
  }
  return {.code = Code::upstream,
          .message = std::move(message),
          .detail = {},
          .name = std::move(name),
          .fields = {}};
}

// expires_in is a number (RFC 6749 §5.1); some servers write it as text.
std::chrono::seconds life_of(const Json& document) {
  const Json* member = json::find(document, "expires_in");
  double seconds = -1;
  if (member != nullptr && member->is_number()) seconds = member->to_number<double>();
  if (member != nullptr && member->is_string()) {
    const std::string_view text{member->get_string()};
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) {
      seconds = static_cast<double>(number);
    }
  }
  if (!std::isfinite(seconds) || seconds < 0) return bounds::token_life_unsaid;
  const double most = std::chrono::duration<double>(bounds::token_life_max).count();
  return std::chrono::seconds{static_cast<std::int64_t>(std::min(seconds, most))};
}

// RFC 6750 §2.1 allows fewer characters; what matters is that it is one word of a header.
bool is_token_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

ClientAuth choose_client_auth(const std::vector<std::string>& methods) {
  const auto lists = [&](std::string_view method) {
    return std::ranges::find(methods, method) != methods.end();
  };
  return lists("client_secret_basic") && !lists("client_secret_post") ? ClientAuth::basic
                                                                      : ClientAuth::body;
}

TokenRequest token_request(const TokenQuestion& question) {
  TokenRequest request;
  request.headers = {{"content-type", "application/x-www-form-urlencoded"},
                     {"accept", "application/json"},
                     {"user-agent", "toolgate"}};
  add_field(request.body, "grant_type", question.grant);
  if (question.auth == ClientAuth::body) {
    add_field(request.body, "client_id", question.client_id);
    add_field(request.body, "client_secret", question.client_secret);
  } else if (question.auth == ClientAuth::key) {
    add_field(request.body, "client_id", question.client_id);
    add_field(request.body, "client_assertion_type", assertion_type);
    add_field(request.body, "client_assertion", question.assertion);
  } else if (question.auth == ClientAuth::basic) {
    const std::string both =
        percent_encode(question.client_id) + ":" + percent_encode(question.client_secret);
    request.headers.push_back({"authorization", "Basic " + crypto::base64(both)});
  }
  if (!question.scope.empty()) add_field(request.body, "scope", question.scope);
  for (const auto& [name, value] : question.fields) add_field(request.body, name, value);
  for (const auto& resource : question.resources) add_field(request.body, "resource", resource);
  for (const auto& audience : question.audiences) add_field(request.body, "audience", audience);
  if (question.parameters != nullptr && question.parameters->is_object()) {
    for (const auto& [name, value] : question.parameters->get_object()) {
      if (value.is_string()) add_field(request.body, name, value.get_string());
    }
  }
  return request;
}

Result<Token> read_token_answer(int status, std::string_view body, std::string_view secret) {
  if (status != 200) return std::unexpected(refusal(status, body, secret));
  const auto document = json::parse(body);
  if (!document || !document->is_object()) {
    return fail(Code::upstream, "token endpoint answered 200 with what is no JSON object");
  }
  const auto text = json::find_string(*document, "access_token");
  // GitHub answers its errors with 200.
  if (!text && json::find(*document, "error") != nullptr) {
    return std::unexpected(refusal(status, body, secret));
  }
  if (!text) return fail(Code::upstream, "token endpoint answered 200 without an access_token");
  if (text->size() > limits::token_bytes_max) {
    return fail(Code::upstream, fmt::format("token endpoint answered an access_token of {} bytes; "
                                            "at most {} are taken",
                                            text->size(), limits::token_bytes_max));
  }
  if (!is_token_text(*text)) {
    return fail(Code::upstream,
                "token endpoint answered an access_token that cannot stand in a header");
  }
  // "BearerToken" is what some API platforms say for the same thing.
  const auto type = json::find_string(*document, "token_type").value_or("Bearer");
  if (!lower(type).starts_with("bearer")) {
    return fail(Code::upstream,
                fmt::format("token endpoint answered a token of type '{}'; bearer is served",
                            quoted(type, secret)));
  }
  const auto refresh = json::find_string(*document, "refresh_token").value_or("");
  if (refresh.size() > limits::token_bytes_max) {
    return fail(Code::upstream, "token endpoint answered a refresh_token that is too long");
  }
  return Token{.text = std::string{*text},
               .life = life_of(*document),
               .refresh_token = std::string{refresh}};
}

}  // namespace toolgate::credentials
