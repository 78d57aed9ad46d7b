// What an HTTP answer is to an MCP client: the one place where targets that speak plain HTTP make
// tool results.
#pragma once

#include <string_view>

#include "base/result.h"
#include "json/schema.h"
#include "net/client.h"
#include "net/credential.h"
#include "net/http.h"
#include "targets/target.h"

namespace toolgate::targets {

// What beside the answer decides how it is shown. Everything outlives the call.
struct ResultRules {
  // The tool's outputSchema, or null when it has none: the answer is then given as
  // structuredContent too, as clients ask for it (MCP 2025-11-25, Tools, Output Schema); what is no
  // JSON object as {"result": …}. One that does not fit the schema becomes a tool error that
  // carries the answer, because clients drop such a result without showing any of it.
  const json::Schema* output = nullptr;
  const net::Url& url;                // names binary content; its query is left out
  const net::Credential& credential;  // what must not be read in an error's message
};

// JSON and other text become a text block, the bytes of JSON as they are, other charsets turned
// into UTF-8; images and audio become MCP's content of that kind; other bytes an embedded resource;
// no body a line that says so. Fails for a status outside of 2xx: with Code::unauthenticated (401),
// denied (403), throttled (429), timeout (408, 504), unavailable (502, 503) or upstream; the
// message has the status and the beginning of the body.
[[nodiscard]] Result<Outcome> http_result(const net::ClientResponse& answer,
                                          const ResultRules& rules);

// A tool result of one text block: a success, with `structured` (an object's JSON, or empty) as its
// structuredContent, or a tool error.
[[nodiscard]] Outcome text_result(std::string_view text, std::string_view structured = {});
[[nodiscard]] Outcome error_result(std::string_view text);

// A tool result of our own: an error that the client may read whatever the gateway's exceptionLevel
// is, because the call's arguments are at fault.
[[nodiscard]] Outcome refuse_arguments(std::string_view why);

// The text in UTF-8: `charset` as a content-type names it, or empty. Bytes that cannot be read in
// it become U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view charset);

// "Application/JSON; charset=x" → "application/json", and a parameter's value, unquoted.
[[nodiscard]] std::string media_type_of(std::string_view content_type);
[[nodiscard]] std::string_view media_parameter(std::string_view content_type,
                                               std::string_view name);
// application/json, text/json and every …+json.
[[nodiscard]] bool is_json_type(std::string_view media_type);

}  // namespace toolgate::targets
