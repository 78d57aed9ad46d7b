// How a connection writes answers: at once if the socket takes them, else slowly; streams chunked.
#include "net/connection.h"

#include <exception>

#include <fmt/format.h>

#include "base/log.h"

namespace toolgate::net {

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
