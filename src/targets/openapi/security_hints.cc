#include "targets/openapi/security_hints.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::size_t notes_count_max = 5;
constexpr std::size_t alternatives_count_max = 3;  // told of one operation
constexpr std::size_t name_bytes_max = 100;        // of a name that the document gives

std::string text_in(const Json& scheme, std::string_view member) {
  return std::string{json::find_string(scheme, member).value_or("").substr(0, name_bytes_max)};
}

bool is_signature(const Json& scheme) {
  return text_in(scheme, "x-amazon-apigateway-authtype") == "awsSigv4";
}

// OpenAPI 3.1.1, Security Scheme Object.
std::string words_of(const Json& scheme) {
  const std::string type = text_in(scheme, "type");
  if (is_signature(scheme)) return "a signature of AWS (SigV4)";
  if (type == "apiKey") {
    const std::string in = text_in(scheme, "in");
    return fmt::format("an API key in the {} {}", in == "query" ? "query parameter" : in,
                       text_in(scheme, "name"));
  }
  if (type == "oauth2" || type == "openIdConnect") return "an OAuth token";
  if (type == "mutualTLS") return "a client certificate";
  if (type != "http") return fmt::format("authentication of the type '{}'", type);
  const std::string how = lower(text_in(scheme, "scheme"));
  if (how == "bearer") return "a bearer token";
  return how == "basic" ? "HTTP basic authentication"
                        : fmt::format("HTTP authentication '{}'", how);
}

// What shows it, as a target is configured; empty for what a target cannot show.
std::string advice_of(const Json& scheme) {
  const std::string type = text_in(scheme, "type");
  if (is_signature(scheme)) return "GATEWAY_IAM_ROLE";
  if (type == "apiKey") {
    const std::string in = text_in(scheme, "in");
    if (in != "header" && in != "query") return {};
    const std::string name = text_in(scheme, "name");
    // What stands before a key in this header when nothing is given (credentials/api_key.cc).
    const bool prefixed = in == "header" && equal_ignoring_case(name, "authorization");
    return fmt::format(
        "API_KEY with credentialLocation {} and credentialParameterName {}{}",
        in == "header" ? "HEADER" : "QUERY_PARAMETER", name,
        prefixed ? " (credentialPrefix is 'Bearer ' there unless you give one)" : "");
  }
  if (type == "oauth2" || type == "openIdConnect") return "OAUTH";
  if (type != "http") return {};
  const std::string how = lower(text_in(scheme, "scheme"));
  if (how == "bearer") return "OAUTH, or API_KEY, which is shown as 'Authorization: Bearer …'";
  if (how != "basic") return {};
  return "API_KEY with credentialPrefix 'Basic ' and, as the key, user:password in base64";
}

}  // namespace

void SecurityHints::look_at(const Operation& operation) {
  const JsonArray* alternatives = json::find_array(*operation.operation, "security");
  if (alternatives == nullptr) alternatives = json::find_array(references_.root(), "security");
  if (alternatives == nullptr || alternatives->empty()) return;
  references_.spend(alternatives->size());
  std::string words;
  std::string advice;
  std::size_t told = 0;
  for (const auto& alternative : *alternatives) {
    const auto* requirement = alternative.if_object();
    if (requirement == nullptr || meets(*requirement)) return;
    if (told++ >= alternatives_count_max) continue;
    words += (words.empty() ? "" : ", or ") + words_of(*requirement);
    if (advice.empty() && requirement->size() == 1) {
      const Json* only = scheme(requirement->begin()->key());
      if (only != nullptr) advice = advice_of(*only);
    }
  }
  Asked& asked = missing_[words];
  if (asked.count++ == 0) {
    asked.advice = std::move(advice);
    asked.first = operation.label();
  }
}

std::vector<std::string> SecurityHints::notes() const {
  std::vector<std::string> notes;
  for (const auto& [words, asked] : missing_) {
    if (notes.size() == notes_count_max) break;
    std::string note = asked.count == 1
                           ? fmt::format("{} asks for {}", asked.first, words)
                           : fmt::format("{} operations ask for {}", asked.count, words);
    note += fmt::format(", and this target shows {}: expect such calls to be refused.", shown());
    if (!asked.advice.empty()) {
      note +=
          fmt::format(" What the document asks for is credentialProviderType {}.", asked.advice);
    }
    notes.push_back(std::move(note));
  }
  return notes;
}

const Json* SecurityHints::scheme(std::string_view name) const {
  const Json* found = json::find(references_.root(), "components", "securitySchemes", name);
  if (found == nullptr) return nullptr;
  const auto place = references_.resolve({.value = found, .pointer = {}});
  return place ? place->value : nullptr;
}

bool SecurityHints::shows(const Json& scheme) const {
  const std::string type = text_in(scheme, "type");
  const std::string name = text_in(scheme, "name");
  if (std::holds_alternative<crypto::SigningKey>(credential_.show)) return is_signature(scheme);
  if (const auto* query = std::get_if<net::QueryCredential>(&credential_.show)) {
    return type == "apiKey" && text_in(scheme, "in") == "query" && name == query->name;
  }
  const auto* header = std::get_if<net::HeaderCredential>(&credential_.show);
  if (header == nullptr && !users_own_) return false;
  const std::string field = header != nullptr ? header->name : "authorization";
  if (type == "apiKey") {
    const std::string in = text_in(scheme, "in");
    return in == "cookie" ? equal_ignoring_case(field, in)
                          : in == "header" && equal_ignoring_case(field, name);
  }
  return type != "mutualTLS" && equal_ignoring_case(field, "authorization");
}

bool SecurityHints::meets(const JsonObject& requirement) const {
  return std::ranges::all_of(requirement, [&](const auto& member) {
    const Json* one = scheme(member.key());
    return one == nullptr || shows(*one);  // one that is not described asks for nothing we know
  });
}

std::string SecurityHints::words_of(const JsonObject& requirement) const {
  std::string words;
  for (const auto& member : requirement) {
    const Json* one = scheme(member.key());
    if (one == nullptr) continue;
    words += (words.empty() ? "" : " and ") + openapi::words_of(*one);
  }
  return words;
}

std::string SecurityHints::shown() const {
  if (const auto* header = std::get_if<net::HeaderCredential>(&credential_.show)) {
    return "the header " + header->name;
  }
  if (const auto* query = std::get_if<net::QueryCredential>(&credential_.show)) {
    return "the query parameter " + query->name;
  }
  if (std::holds_alternative<crypto::SigningKey>(credential_.show)) return "a signature of AWS";
  return users_own_ ? "the caller's own token" : "no credential";
}

}  // namespace toolgate::targets::openapi
