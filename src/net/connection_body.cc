// How a connection takes a request's body: from the buffer the head came in, or from the socket.
#include <algorithm>

#include "net/connection.h"

namespace toolgate::net {

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

}  // namespace toolgate::net
