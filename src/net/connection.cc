#include "net/connection.h"

#include <exception>

#include <fmt/format.h>

#include "base/log.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// How long and how much is read of what a refused peer still sends, so that the refusal is not
// lost to a reset.
constexpr auto linger_time = std::chrono::seconds{2};
constexpr std::size_t linger_bytes_max = 1024 * 1024;

Peer peer_of(tcp::socket& socket) {
  Peer peer;
  ErrorCode error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return peer;
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

Connection::Connection(Home& home, Handler& handler, tcp::socket socket)
    : home_{home},
      handler_{handler},
      channel_{std::move(socket)},
      body_reader_{channel_, in_, home.ticker, *this} {
  home_.connections.insert(this);
  request_.peer = peer_of(channel_.socket());
}

Connection::~Connection() {
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

void Connection::drain() {
  if (idle_) channel_.close();
}

Task<void> Connection::serve() {
  while (true) {
    auto parsed = begin_head();
    while (parsed == Parsed::more) {
      const auto room = head_room();
      const auto [error, bytes] = co_await channel_.read_some(room.data(), room.size());
      if (error) co_return;
      parsed = head_came(bytes);
    }
    Ticker::clear(*this);
    if (parsed == Parsed::refused) {
      unread_ = true;
      co_await refuse(parser_.refusal_status(), parser_.refusal());
      co_return;
    }
    take_head();
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
    if (home_.draining) channel_.close();
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
    ErrorCode error;
    const auto endpoint = channel_.socket().local_endpoint(error);
    const auto address = endpoint.address().to_string();
    local_ = endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                        : fmt::format("{}:{}", address, endpoint.port());
    request_.host = local_;
  }
  std::swap(request_.headers, parser_.fields);
  request_.body = {};
  request_.stream = nullptr;
  keep_alive_ = head.keep_alive;
}

Keep Connection::keep() const {
  if (!keep_alive_) return Keep::closing;
  return parser_.head.version_1_0 ? Keep::open_1_0 : Keep::open;
}

void Connection::print_head(const Response& response) {
  if (home_.draining) keep_alive_ = false;
  out_.clear();
  Framing framing;
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  if (!bodiless) {
    if (!std::holds_alternative<Response::Stream>(response.body)) {
      framing.length = buffered(response).size();
    } else if (parser_.head.version_1_0) {
      keep_alive_ = false;
    } else {
      framing.chunked = true;
    }
  }
  append_response_head(out_, response, framing, keep(), home_.ticker.date());
  const bool with_body = !bodiless && request_.method != "HEAD";
  pieces_ = Pieces{out_, with_body ? buffered(response) : std::string_view{}};
}

// True when the whole answer has gone out at once, as most do.
bool Connection::respond_now(const Response& response) {
  print_head(response);
  ErrorCode error;
  const bool done = channel_.write_now(pieces_, error);
  return done && !error && !std::holds_alternative<Response::Stream>(response.body);
}

// The rest; false when the connection is at its end.
Task<bool> Connection::respond_slowly(const Response& response) {
  home_.ticker.set(*this, home_.ticker.now() + home_.options.body_timeout);
  const auto error = co_await channel_.write(pieces_);
  Ticker::clear(*this);
  if (error) co_return false;
  const auto* body = std::get_if<Response::Stream>(&response.body);
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  if (body == nullptr || bodiless || request_.method == "HEAD") co_return true;
  const bool streamed = co_await stream(*body);
  co_return streamed;
}

Task<void> Connection::refuse(int status, std::string_view message) {
  const auto response = refusal(status, message);
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

// ---- The body -----------------------------------------------------------------------------------

// False when it must be waited for or refused.
bool Connection::take_body_now(BodyPlan plan) {
  const auto& head = parser_.head;
  consumed_ = parser_.head_bytes();
  body_reader_.begin(head, consumed_, plan.bytes_max);
  if (head.body == BodyKind::none) {
    request_.body = in_.bytes().substr(consumed_, 0);
    return true;
  }
  if (head.body == BodyKind::length && head.body_bytes > plan.bytes_max) return false;
  if (plan.take == BodyPlan::Take::streamed) {
    request_.stream = &body_reader_;
    return true;
  }
  return head.body == BodyKind::length && read_in_place();
}

Task<bool> Connection::take_body(BodyPlan plan) {
  const auto& head = parser_.head;
  if (head.body == BodyKind::length && head.body_bytes > plan.bytes_max) {
    unread_ = true;
    co_await refuse(413, "The body is longer than the limit.");
    co_return false;
  }
  if (head.expects_continue && in_.size() == consumed_ && head.body == BodyKind::length) {
    Pieces text{"HTTP/1.1 100 Continue\r\n\r\n"};
    const auto error = co_await channel_.write(text);
    if (error) co_return false;
  }
  bool whole = false;
  if (head.body == BodyKind::chunked) {
    whole = co_await read_chunked_body();
  } else {
    home_.ticker.set(*this, home_.ticker.now() + home_.options.body_timeout);
    whole = co_await read_long_body();
    Ticker::clear(*this);
  }
  co_return whole;
}

// True when the whole body has come together with the head.
bool Connection::read_in_place() {
  const auto length = static_cast<std::size_t>(parser_.head.body_bytes);
  if (in_.size() - consumed_ < length) return false;
  request_.body = in_.bytes().substr(consumed_, length);
  consumed_ += length;
  body_reader_.begin({}, consumed_, 0);
  return true;
}

Task<bool> Connection::read_into(char* to, std::size_t size) {
  while (size > 0) {
    const auto [error, bytes] = co_await channel_.read_some(to, size);
    if (error) co_return false;
    to += bytes;
    size -= bytes;
  }
  co_return true;
}

Task<bool> Connection::read_long_body() {
  const auto length = static_cast<std::size_t>(parser_.head.body_bytes);
  const auto begin = consumed_;
  const auto here = in_.size() - begin;
  if (begin + length <= in_.capacity()) {
    const bool whole = co_await read_into(in_.room().data(), length - here);
    if (!whole) co_return false;
    in_.came(length - here);
    co_return read_in_place();
  }
  // Memory follows what has really come, not what the head promises.
  constexpr std::size_t step_min = 64 * 1024;
  body_.assign(in_.bytes().substr(begin));
  in_.cut(begin);
  while (body_.size() < length) {
    const auto size = body_.size();
    const auto next = std::min(length, std::max(size * 2, step_min));
    body_.reserve(next + limits::json_padding_bytes);
    body_.resize_and_overwrite(next, [](char*, std::size_t n) { return n; });
    const bool whole = co_await read_into(body_.data() + size, next - size);
    if (!whole) co_return false;
  }
  request_.body = body_;
  body_reader_.begin({}, consumed_, 0);
  co_return true;
}

Task<bool> Connection::read_chunked_body() {
  const Deadline deadline = home_.ticker.now() + home_.options.body_timeout;
  body_.clear();
  while (true) {
    const auto piece = co_await body_reader_.read(deadline);
    if (!piece) {
      unread_ = true;
      if (piece.error().code == Code::too_large) {
        co_await refuse(413, piece.error().message);
      } else if (parser_.head.body == BodyKind::chunked && channel_.is_open()) {
        co_await refuse(400, piece.error().message);
      }
      co_return false;
    }
    if (piece->empty()) break;
    body_ += *piece;
  }
  consumed_ = body_reader_.consumed();
  body_.reserve(body_.size() + limits::json_padding_bytes);
  request_.body = body_;
  co_return true;
}

// ---- Answers that are streams --------------------------------------------------------------------

class Connection::StreamWriter final : public BodyWriter {
 public:
  StreamWriter(Connection& connection, bool chunked)
      : connection_{connection}, chunked_{chunked} {}

  Task<Result<void>> write(std::string_view bytes) override {
    if (bytes.empty()) co_return Result<void>{};
    std::string size;
    if (chunked_) size = fmt::format("{:x}\r\n", bytes.size());
    Pieces pieces{size, bytes, chunked_ ? std::string_view{"\r\n"} : std::string_view{}};
    ErrorCode error;
    if (!connection_.channel_.write_now(pieces, error)) {
      auto& home = connection_.home_;
      home.ticker.set(connection_, home.ticker.now() + home.options.body_timeout);
      error = co_await connection_.channel_.write(pieces);
      Ticker::clear(connection_);
    }
    if (error) co_return fail(Code::unavailable, "The client has gone.");
    co_return Result<void>{};
  }

 private:
  Connection& connection_;
  const bool chunked_;
};

Task<bool> Connection::stream(const Response::Stream& body) {
  const bool chunked = !parser_.head.version_1_0;
  StreamWriter writer{*this, chunked};
  Result<void> written;
  try {
    written = co_await body(writer);
  } catch (const std::exception& exception) {
    log::error("net: a streamed body threw: {}", exception.what());
    written = fail(Code::internal, "Internal error.");
  }
  // Without the last chunk, so that the peer sees that something is missing.
  if (!written) co_return false;
  if (!chunked) co_return true;
  Pieces end{"0\r\n\r\n"};
  home_.ticker.set(*this, home_.ticker.now() + home_.options.body_timeout);
  const auto error = co_await channel_.write(end);
  Ticker::clear(*this);
  co_return !error;
}

}  // namespace toolgate::net
