#include "net/tunnels.h"

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "net/connector.h"
#include "net/exchange.h"
#include "net/wire.h"

namespace toolgate::net {
namespace {

constexpr std::uint16_t https_port = 443;
constexpr std::string_view plain_user = "toolgate";
constexpr std::string_view user_with_proxy = "toolgate.";

struct Login {
  std::string user;
  std::string password;
};

std::optional<Login> login_of(const Request& head) {
  const auto field = head.headers.find("proxy-authorization");
  if (!field) return std::nullopt;
  const auto space = field->find(' ');
  if (space == std::string_view::npos || !equal_ignoring_case(field->substr(0, space), "basic")) {
    return std::nullopt;
  }
  const auto text = crypto::from_base64(trim(field->substr(space + 1)));
  if (!text) return std::nullopt;
  const auto colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Login{text->substr(0, colon), text->substr(colon + 1)};
}

// Sets `through` and its credentials of a proxy's URL.
Result<void> set_proxy(Tunnels::Way& way, std::string_view url) {
  const auto scheme_end = url.find("://");
  std::string plain{url};
  if (scheme_end != std::string_view::npos) {
    const auto begin = scheme_end + 3;
    const auto at = url.substr(0, url.find_first_of("/?#", begin)).rfind('@');
    if (at != std::string_view::npos && at >= begin) {
      const auto credentials = percent_decode(url.substr(begin, at - begin));
      if (!credentials) return fail(Code::invalid, "The proxy's user name is malformed.");
      way.proxy_credentials = *credentials;
      plain.erase(begin, at + 1 - begin);
    }
  }
  TRY(way.through, Url::parse(plain));
  if (way.through->tls()) {
    return fail(Code::invalid, "The proxy to go through must be an http:// URL.");
  }
  return {};
}

Result<void> ask_proxy(Upstream& upstream, const Tunnels::Way& way) {
  auto authority =
      way.to.host.find(':') == std::string::npos ? way.to.host : '[' + way.to.host + ']';
  authority += fmt::format(":{}", way.to.port);
  upstream.out = fmt::format("CONNECT {0} HTTP/1.1\r\nhost: {0}\r\n", authority);
  if (!way.proxy_credentials.empty()) {
    upstream.out +=
        fmt::format("proxy-authorization: Basic {}\r\n", crypto::base64(way.proxy_credentials));
  }
  upstream.out += "\r\n";
  return {};
}

}  // namespace

std::string proxy_user(std::string_view proxy_url) {
  if (proxy_url.empty()) return std::string{plain_user};
  return fmt::format("{}{}", user_with_proxy, crypto::base64url(proxy_url));
}

std::optional<std::string> proxy_of_user(std::string_view user) {
  if (user == plain_user) return std::string{};
  if (!user.starts_with(user_with_proxy)) return std::nullopt;
  auto url = crypto::from_base64url(user.substr(user_with_proxy.size()));
  if (!url || url->empty()) return std::nullopt;
  return *std::move(url);
}

Result<Tunnels::Way> Tunnels::way_of(const Request& head) const {
  if (!head.peer.loopback) {
    return fail(Code::denied, "CONNECT: only for programs of this machine.");
  }
  const auto login = login_of(head);
  if (!login || !crypto::equal_in_constant_time(login->password, options_.secret)) {
    return fail(Code::unauthenticated,
                "CONNECT: the Proxy-Authorization that toolgate run hands out is missing or "
                "another one.");
  }
  const auto proxy = proxy_of_user(login->user);
  if (!proxy) return fail(Code::invalid, "CONNECT: the user name of Proxy-Authorization.");
  const auto parts = split_authority(head.target);
  ASSERT(parts.has_value());  // the parser has looked
  if (parts->port != "443") return fail(Code::denied, "CONNECT: only to port 443.");
  Way way;
  way.to = Url{.scheme = "http", .host = lower(parts->host), .port = https_port, .target = "/"};
  // "name." is the same name.
  while (way.to.host.ends_with('.')) way.to.host.pop_back();
  if (way.to.host.empty()) return fail(Code::invalid, "CONNECT: the target names no host.");
  if (options_.ends_here(way.to.host)) {
    way.tls = options_.contexts->context_for(way.to.host);
    if (!way.tls) return fail(Code::invalid, "CONNECT: there is no certificate for that name.");
    return way;
  }
  if (!proxy->empty()) TRY_DO(set_proxy(way, *proxy));
  return way;
}

std::optional<Tunnels::Place> Tunnels::take_place() {
  if (++open_ > options_.count_max) {
    --open_;
    return std::nullopt;
  }
  return Place{open_};
}

Task<Result<std::unique_ptr<Upstream>>> Tunnels::connect(boost::asio::io_context& io,
                                                         const Way& way, std::string& ahead) const {
  const Deadline deadline = within(limits::upstream_connect_timeout);
  Connector connector{io, Client::Options{.guard = options_.guard, .offload = options_.offload}};
  const Url& first = way.through ? *way.through : way.to;
  CO_TRY(auto upstream, co_await connector.connect(first, deadline, nullptr));
  if (!way.through) co_return upstream;

  CO_TRY_DO(ask_proxy(*upstream, way));
  upstream->give_until(deadline);
  const ClientRequest request{.url = &first};
  Exchange exchange{*upstream, request};
  Pieces pieces{upstream->out};
  exchange.written(co_await upstream->channel.write(pieces));
  while (exchange.state() == Exchange::State::reading) {
    const auto room = exchange.room();
    const auto [failure, bytes] = co_await upstream->channel.read_some(room.data(), room.size());
    exchange.came(failure, bytes);
  }
  if (exchange.state() != Exchange::State::answered) {
    co_return std::unexpected(std::move(exchange.error()));
  }
  upstream->give_all_time();
  const int status = upstream->parser.head.status;
  if (status < 200 || status > 299) {
    co_return step_failed(Code::upstream, "connect", fmt::format("the proxy answered {}", status),
                          first);
  }
  ahead = upstream->bytes().substr(upstream->parser.head_bytes());
  co_return upstream;
}

Response tunnel_refusal(const Error& error) {
  const int status = error.code == Code::unauthenticated ? 407
                     : error.code == Code::denied        ? 403
                     : error.code == Code::invalid       ? 400
                     : error.code == Code::quota         ? 503
                     : error.code == Code::timeout       ? 504
                                                         : 502;
  auto response = refusal(status, error.message);
  if (status == 407) {
    response.headers.push_back({"proxy-authenticate", "Basic realm=\"toolgate\""});
  }
  return response;
}

}  // namespace toolgate::net
