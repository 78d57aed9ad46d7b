// URLs of http and https, strictly.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "net/http.h"
#include "net/parser.h"

namespace toolgate::net {
namespace {

constexpr std::size_t url_bytes_max = 2'048;

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return fail(Code::invalid, "The URL's port must be a number from 1 to 65535.");
  }
  return port;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > url_bytes_max) {
    return fail(Code::invalid, "The URL must not be longer than 2,048 bytes.");
  }
  const auto printable = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::ranges::all_of(text, printable)) {
    return fail(Code::invalid,
                "The URL must not hold white space, control characters or bytes outside ASCII.");
  }
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos) url.scheme = lower(text.substr(0, scheme_end));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail(Code::invalid, "The URL must begin with http:// or https://.");
  }
  auto rest = text.substr(scheme_end + 3);
  const auto authority_end = rest.find_first_of("/?#");
  const auto authority = rest.substr(0, authority_end);
  rest = authority_end == std::string_view::npos ? std::string_view{} : rest.substr(authority_end);
  if (authority.find('@') != std::string_view::npos) {
    return fail(Code::invalid, "The URL must not hold a user name or password.");
  }
  const auto parts = split_authority(authority);
  if (!parts || parts->host.empty()) {
    return fail(Code::invalid,
                "The URL must name a host: a name, an IPv4 address or [an IPv6 one].");
  }
  url.host = lower(parts->host);
  if (parts->has_port) {
    TRY(url.port, parse_port(parts->port));
  } else {
    url.port = url.tls() ? 443 : 80;
  }
  const auto target = rest.substr(0, rest.find('#'));
  if (!target.starts_with('/')) url.target = "/";
  url.target += target;
  return url;
}

std::string Url::authority() const {
  std::string out;
  const bool v6 = host.find(':') != std::string::npos;
  if (v6) out += '[';
  out += host;
  if (v6) out += ']';
  if (port != (tls() ? 443 : 80)) {
    out += ':';
    out += std::to_string(port);
  }
  return out;
}

std::string Url::text() const { return scheme + "://" + authority() + target; }

}  // namespace toolgate::net
