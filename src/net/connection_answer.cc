// How a connection writes answers: at once if the socket takes them, else slowly; streams chunked,
// or in the length that their content-length field tells.
#include "net/connection.h"

#include <charconv>
#include <exception>
#include <optional>

#include <fmt/format.h>

#include "base/log.h"

namespace toolgate::net {

namespace {

// The length that a streamed answer says it has, if it does.
std::optional<std::size_t> told_length(const Response& response) {
  std::size_t length = 0;
  const auto text = find_header(response.headers, "content-length");
  if (!text || text->empty()) return std::nullopt;
  const auto* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, length);
  return error == std::errc{} && stop == end ? std::optional{length} : std::nullopt;
}

}  // namespace

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
    } else if (const auto length = told_length(response)) {
      framing.length = length;
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
  const bool streamed = co_await stream(*body, told_length(response));
  co_return streamed;
}

class Connection::StreamWriter final : public BodyWriter {
 public:
  StreamWriter(Connection& connection, bool chunked, std::optional<std::size_t> length)
      : connection_{connection}, chunked_{chunked}, left_{length} {}

  // Everything that was told has been written.
  [[nodiscard]] bool is_whole() const { return left_.value_or(0) == 0; }

  Task<Result<void>> write(std::string_view bytes) override {
    if (bytes.empty()) co_return Result<void>{};
    if (left_ && bytes.size() > *left_) {
      co_return fail(Code::internal, "Internal error.", "a stream is longer than it told");
    }
    if (left_) *left_ -= bytes.size();
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
  std::optional<std::size_t> left_;
};

Task<bool> Connection::stream(const Response::Stream& body, std::optional<std::size_t> length) {
  const bool chunked = !parser_.head.version_1_0 && !length;
  StreamWriter writer{*this, chunked, length};
  Result<void> written;
  try {
    written = co_await body(writer);
  } catch (const std::exception& exception) {
    log::error("net: a streamed body threw: {}", exception.what());
    written = fail(Code::internal, "Internal error.");
  }
  // Without the last chunk, so that the peer sees that something is missing.
  if (!written || !writer.is_whole()) co_return false;
  if (!chunked) co_return true;
  Pieces end{"0\r\n\r\n"};
  home_.ticker.set(*this, home_.ticker.now() + home_.options.body_timeout);
  const auto error = co_await channel_.write(end);
  Ticker::clear(*this);
  co_return !error;
}

}  // namespace toolgate::net
