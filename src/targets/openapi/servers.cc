#include "targets/openapi/servers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "net/http.h"

namespace toolgate::targets::openapi {
namespace {

std::optional<std::string> default_of(const Json& server, std::string_view variable) {
  if (const auto text = json::find_string(server, "variables", variable, "default")) {
    return std::string{*text};
  }
  // Unquoted in YAML it is a number.
  const Json* value = json::find(server, "variables", variable, "default");
  if (value != nullptr && value->is_number()) return json::print(*value);
  const JsonArray* values = json::find_array(server, "variables", variable, "enum");
  if (values != nullptr && !values->empty() && values->front().is_string()) {
    return std::string{values->front().get_string()};
  }
  return std::nullopt;
}

Result<std::string> with_defaults(const Json& server, std::string_view url) {
  std::string out;
  for (std::string_view rest = url; !rest.empty();) {
    const auto open = rest.find('{');
    out += rest.substr(0, open);
    if (open == rest.npos) break;
    const auto close = rest.find('}', open);
    const auto name = rest.substr(open + 1, close == rest.npos ? close : close - open - 1);
    const auto value = default_of(server, name);
    if (close == rest.npos || !value) {
      return fail(
          Code::invalid,
          fmt::format("the server URL '{}' has the variable {{{}}} without a default", url, name));
    }
    out += *value;
    rest.remove_prefix(close + 1);
  }
  return out;
}

Result<std::string> url_of(const Json& server) {
  const auto written = json::find_string(server, "url");
  if (!written) return fail(Code::invalid, "a server without a url");
  TRY(std::string url, with_defaults(server, trim(*written)));
  if (url.find("://") == url.npos) {
    return fail(Code::invalid,
                fmt::format("the server URL '{}' is relative; expected an absolute one that begins "
                            "with https:// or http://",
                            url));
  }
  if (const auto parsed = net::Url::parse(url); !parsed) {
    return fail(Code::invalid, fmt::format("the server URL '{}': {}", url, parsed.error().message));
  }
  if (url.find_first_of("?#") != url.npos) {
    return fail(Code::invalid, fmt::format("the server URL '{}' has a query or a fragment", url));
  }
  // A variable that begins with the slash that stands before it, as exports of API Gateway have.
  const auto path = url.find("://") + 3;
  for (auto at = url.find("//", path); at != url.npos; at = url.find("//", at)) url.erase(at, 1);
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Result<std::string> server_url(const Json& document, const Json& item, const Json& operation) {
  for (const Json* level : {&operation, &item, &document}) {
    const JsonArray* servers = json::find_array(*level, "servers");
    if (servers != nullptr && !servers->empty()) return url_of(servers->front());
  }
  return fail(Code::invalid,
              "the document names no server: expected servers[0].url, an absolute URL");
}

std::string path_template(std::string_view path) {
  constexpr std::string_view kept = "/:?[]@!$&'()*+,;=%";
  std::string out;
  for (std::string_view rest = path.substr(0, path.find('#')); !rest.empty();) {
    const auto open = std::min(rest.find('{'), rest.size());
    out += percent_encode(rest.substr(0, open), kept);
    rest.remove_prefix(open);
    const auto close = std::min(rest.find('}'), rest.size() - 1);
    if (rest.empty()) break;
    out += rest.substr(0, close + 1);
    rest.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace toolgate::targets::openapi
