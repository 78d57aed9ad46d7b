// API_KEY: a key from the vault, in a header or a query parameter.
#include "base/text.h"
#include "credentials/kinds.h"
#include "credentials/provider.h"

namespace toolgate::credentials {
namespace {

constexpr std::string_view default_header = "Authorization";
constexpr std::string_view default_prefix = "Bearer ";
constexpr std::string_view default_query_parameter = "api_key";

// RFC 9110 §5.6.2: what a header field's name is made of.
bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
  });
}

// Fields that the client or the protocol itself writes.
bool is_reserved(std::string_view header) {
  for (const std::string_view name : {"host", "content-length", "transfer-encoding", "connection",
                                      "content-type", "accept", "mcp-session-id",
                                      "mcp-protocol-version"}) {
    if (equal_ignoring_case(header, name)) return true;
  }
  return false;
}

}  // namespace

// The prefix stands in front of the key as it is: "Bearer " needs its space. Left out, it is
// "Bearer " in the header Authorization and nothing anywhere else.
Result<void> read_api_key(const Json& configuration, std::string_view path, Need& need) {
  const auto location =
      json::find_string(configuration, "credentialLocation").value_or("HEADER");
  if (location != "HEADER" && location != "QUERY_PARAMETER") {
    return wrong_member(fmt::format("{}.credentialLocation", path),
                        "expected HEADER or QUERY_PARAMETER");
  }
  need.in_query = location == "QUERY_PARAMETER";
  need.parameter_name = json::find_string(configuration, "credentialParameterName")
                            .value_or(need.in_query ? default_query_parameter : default_header);
  if (!need.in_query && (!is_token(need.parameter_name) || is_reserved(need.parameter_name))) {
    return wrong_member(
        fmt::format("{}.credentialParameterName", path),
        fmt::format("'{}' is no name of a header that a credential may stand in",
                    need.parameter_name));
  }
  const auto prefix = json::find_string(configuration, "credentialPrefix");
  const bool authorization =
      !need.in_query && equal_ignoring_case(need.parameter_name, default_header);
  need.prefix = prefix.value_or(authorization ? default_prefix : "");
  if (!fits_header(need.prefix)) {
    return wrong_member(fmt::format("{}.credentialPrefix", path), "has control characters");
  }
  return {};
}

Task<Result<Made>> make_api_key(const Need& need, const store::Document& provider,
                                Making making) {
  CO_TRY(const Json body, json::parse(provider.body));
  CO_TRY(const std::string key, unseal_member(making.secrets, provider, body, sealed_api_key));
  Made made;
  if (need.in_query) {
    made.credential.show = net::QueryCredential{need.parameter_name, need.prefix + key};
    co_return made;
  }
  if (!fits_header(key)) {
    co_return fail(Code::invalid,
                   fmt::format("the API key of credential provider '{}' has control characters: it "
                               "cannot stand in a header",
                               need.provider));
  }
  made.credential.show = net::HeaderCredential{need.parameter_name, need.prefix + key};
  co_return made;
}

}  // namespace toolgate::credentials
