#include "net/connection.h"

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/text.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// How long and how much is read of what a refused peer still sends, so that the refusal is not
// lost to a reset.
constexpr auto linger_time = std::chrono::seconds{2};
constexpr std::size_t linger_bytes_max = 1024 * 1024;

using NameOf = int (*)(int, sockaddr*, socklen_t*);

// What getpeername() or getsockname() says; an unspecified address when it fails.
tcp::endpoint endpoint_of(int descriptor, NameOf name_of) {
  tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (name_of(descriptor, endpoint.data(), &size) != 0) return {};
  endpoint.resize(size);
  return endpoint;
}

Peer peer_of(int descriptor) {
  Peer peer;
  const auto endpoint = endpoint_of(descriptor, ::getpeername);
  if (endpoint.port() == 0) return peer;
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  peer.address = address.to_string();
  peer.port = endpoint.port();
  peer.loopback = address.is_loopback();
  return peer;
}

}  // namespace

Connection::Connection(Home& home, Handler& handler)
    : home_{home},
      handler_{handler},
      channel_{home.worker.io(), Poller::Peer::client},
      caller_{std::make_shared<ConnectedCaller>()},
      body_reader_{channel_, in_, home.ticker, *this} {
  home_.connections.insert(this);
  request_.caller = caller_;
}

bool Connection::open(int descriptor) {
  if (channel_.open(descriptor)) return false;
  caller_->open(descriptor);
  request_.peer = peer_of(descriptor);
  return true;
}

Connection::~Connection() {
  caller_->forget();
  home_.connections.erase(this);
  --home_.open;
  --home_.total;
}

Task<void> Connection::run(std::unique_ptr<Connection> self, std::shared_ptr<SSL_CTX> tls) {
  if (tls) {
    self->idle_ = false;
    self->request_.peer.tls = true;
    self->home_.ticker.set(*self, self->home_.ticker.now() + self->home_.options.head_timeout);
    const auto error = co_await self->channel_.start_tls(TlsSession::accept(*tls));
    if (error) co_return;
    self->idle_ = true;
  }
  co_await self->serve();
}

bool ConnectedCaller::gone() const {
  if (socket_ < 0) return true;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

void Connection::close() {
  caller_->forget();
  channel_.close();
}

void Connection::drain() {
  if (idle_ || tunnelled_) close();
}

Task<void> Connection::serve() {
  while (true) {
    auto parsed = begin_head();
    while (parsed == Parsed::more) {
      const auto room = head_room();
      IoResult came;
      while (!channel_.read_now(room.data(), room.size(), came)) co_await channel_.readable();
      if (came.error) co_return;
      parsed = head_came(came.bytes);
    }
    Ticker::clear(*this);
    if (parsed == Parsed::refused) {
      unread_ = true;
      co_await refuse(parser_.refusal_status(), parser_.refusal());
      co_return;
    }
    take_head();
    if (request_.method == "CONNECT") {
      const bool go_on = co_await connect();
      if (!go_on) co_return;
      continue;
    }
    const auto plan = handler_.plan(request_);
    if (!take_body_now(plan)) {
      const bool go_on = co_await take_body(plan);
      if (!go_on) co_return;
    }

    Response response;
    try {
      response = co_await handler_.handle(request_, home_.worker);
    } catch (const std::exception& exception) {
      // Only what we call may throw: memory, a library.
      log::error("net: a handler threw: {}", exception.what());
      response = refusal(500, "Internal error.");
    }
    if (request_.stream != nullptr) consumed_ = body_reader_.consumed();
    if (!body_reader_.ended()) {
      keep_alive_ = false;
      unread_ = true;
    }
    bool sent = respond_now(response);
    if (!sent) sent = co_await respond_slowly(response);
    if (!sent) co_return;
    if (!keep_alive_) break;
    rewind();
  }
  co_await linger();
}

// The next request's first bytes may be here already.
Parsed Connection::begin_head() {
  parser_.reset();
  idle_ = in_.size() == 0;
  const auto timeout = idle_ ? home_.options.idle_timeout : home_.options.head_timeout;
  if (idle_) {
    if (home_.draining) close();
    home_.ticker.set(*this, home_.ticker.now() + timeout);
    return Parsed::more;
  }
  const auto parsed = parser_.parse(in_.bytes());
  if (parsed == Parsed::more) home_.ticker.set(*this, home_.ticker.now() + timeout);
  return parsed;
}

Parsed Connection::head_came(std::size_t bytes) {
  in_.came(bytes);
  const auto parsed = parser_.parse(in_.bytes());
  if (idle_) {
    idle_ = false;
    // From its first byte on, a head has this long, however slowly it drips in.
    if (parsed == Parsed::more) {
      home_.ticker.set(*this, home_.ticker.now() + home_.options.head_timeout);
    }
  }
  return parsed;
}

std::span<char> Connection::head_room() {
  if (in_.room().empty()) {
    in_.grow(limits::http_head_bytes_max + RequestBody::room_min);
    parser_.reset();
    parser_.parse(in_.bytes());
  }
  return in_.room();
}

void Connection::take_head() {
  if (parser_.head.body != BodyKind::none &&
      in_.capacity() - parser_.head_bytes() < RequestBody::room_min) {
    in_.grow(in_.capacity() + RequestBody::room_min);
    parser_.reset();
    parser_.parse(in_.bytes());
  }
  const auto& head = parser_.head;
  request_.method = head.method;
  request_.target = head.target;
  const auto mark = head.target.find('?');
  request_.path = head.target.substr(0, mark);
  request_.query =
      mark == std::string_view::npos ? std::string_view{} : head.target.substr(mark + 1);
  request_.host = head.host;
  if (request_.host.empty()) {
    const auto endpoint = endpoint_of(channel_.descriptor(), ::getsockname);
    const auto address = endpoint.address().to_string();
    // Our own address is what HTTP/1.0 without Host asked for.
    host_ = endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                       : fmt::format("{}:{}", address, endpoint.port());
    request_.host = host_;
  } else if (std::ranges::any_of(head.host, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    host_ = lower(head.host);  // a host's case means nothing (RFC 9110 §4.2.3)
    request_.host = host_;
  }
  std::swap(request_.headers, parser_.fields);
  request_.body = {};
  request_.stream = nullptr;
  keep_alive_ = head.keep_alive;
}

Task<void> Connection::refuse(int status, std::string_view message) {
  co_await refuse(refusal(status, message));
}

Task<void> Connection::refuse(Response response) {
  keep_alive_ = false;
  request_.method = {};
  bool sent = respond_now(response);
  if (!sent) sent = co_await respond_slowly(response);
  if (sent) co_await linger();
}

Task<void> Connection::linger() {
  channel_.end_sending();
  if (!unread_ && in_.size() <= consumed_) co_return;
  home_.ticker.set(*this, home_.ticker.now() + linger_time);
  in_.cut(0);
  for (std::size_t total = 0; total < linger_bytes_max;) {
    const auto room = in_.room();
    const auto [error, bytes] = co_await channel_.read_some(room.data(), room.size());
    if (error) co_return;
    total += bytes;
  }
}

void Connection::rewind() {
  in_.drop_front(consumed_);
  consumed_ = 0;
  if (body_.capacity() > limits::http_read_bytes) body_ = {};
}

}  // namespace toolgate::net
