// CONNECT on a connection: it goes on under TLS as if the client had reached the name itself, or
// its bytes are passed on both ways.
#include <cstring>

#include "net/connection.h"
#include "net/relay.h"
#include "net/tunnels.h"

namespace toolgate::net {
namespace {

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";

}  // namespace

// True when requests follow, under TLS.
Task<bool> Connection::connect() {
  consumed_ = parser_.head_bytes();
  // Inside TLS a name has been reached already.
  Tunnels* const tunnels = request_.peer.tls ? nullptr : handler_.tunnels();
  if (tunnels == nullptr) {
    co_await refuse(405, "CONNECT is not served here.");
    co_return false;
  }
  const auto way = tunnels->way_of(request_);
  if (!way) {
    co_await refuse(tunnel_refusal(way.error()));
    co_return false;
  }
  if (way->tls) co_return co_await go_on_under_tls(way->tls);
  co_await lead_out(*tunnels, *way);
  co_return false;
}

Task<bool> Connection::go_on_under_tls(std::shared_ptr<SSL_CTX> context) {
  auto session = TlsSession::accept(*context);
  const auto ahead = in_.bytes().substr(consumed_);
  const auto room = session->input_room();
  if (ahead.size() > room.size()) {
    co_await refuse(400, "CONNECT: too much was sent ahead of the answer.");
    co_return false;
  }
  std::memcpy(room.data(), ahead.data(), ahead.size());
  session->input_came(ahead.size());
  in_.cut(0);
  consumed_ = 0;
  home_.ticker.set(*this, home_.ticker.now() + home_.options.head_timeout);
  Pieces text{established};
  auto error = co_await channel_.write(text);
  if (error) co_return false;
  error = co_await channel_.start_tls(std::move(session));
  if (error) co_return false;
  request_.peer.tls = true;
  co_return true;
}

Task<void> Connection::lead_out(Tunnels& tunnels, const Tunnels::Way& way) {
  const auto place = tunnels.take_place();
  if (!place) {
    co_await refuse(
        tunnel_refusal(fail(Code::quota, "CONNECT: all tunnels are taken; end some.").error()));
    co_return;
  }
  std::string ahead;
  const auto upstream = co_await tunnels.connect(home_.worker.io(), way, ahead);
  if (!upstream) {
    co_await refuse(tunnel_refusal(upstream.error()));
    co_return;
  }
  if (home_.draining) co_return;
  tunnelled_ = true;
  Channel& out = (*upstream)->channel;
  const auto watch = [this, idle = tunnels.idle_timeout()] {
    home_.ticker.set(*this, home_.ticker.now() + idle);
  };
  watch();
  Pieces to_client{established, ahead};
  auto error = co_await channel_.write(to_client);
  if (error) co_return;
  Pieces to_server{in_.bytes().substr(consumed_)};
  error = co_await out.write(to_server);
  if (error) co_return;
  co_await relay(home_.worker.io(), channel_, out, watch);
}

}  // namespace toolgate::net
