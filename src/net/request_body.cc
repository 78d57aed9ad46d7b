#include "net/request_body.h"

#include <algorithm>

#include <boost/asio/error.hpp>

namespace toolgate::net {

void RequestBody::begin(const RequestHead& head, std::size_t head_bytes, std::size_t bytes_max) {
  chunks_.reset();
  chunked_ = head.body == BodyKind::chunked;
  ended_ = head.body == BodyKind::none;
  continue_due_ = head.expects_continue;
  left_ = head.body_bytes;
  taken_ = 0;
  bytes_max_ = bytes_max;
  head_bytes_ = at_ = head_bytes;
}

Result<std::string_view> RequestBody::take() {
  auto bytes = in_.bytes().substr(at_);
  std::string_view piece;
  if (chunked_) {
    const auto state = chunks_.next(bytes, piece);
    at_ = in_.size() - bytes.size();
    if (state == ChunkDecoder::State::broken) {
      return fail(Code::upstream, "The chunked body is malformed.");
    }
    ended_ = state == ChunkDecoder::State::end;
  } else {
    piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
    at_ += piece.size();
    left_ -= piece.size();
    ended_ = left_ == 0;
  }
  taken_ += piece.size();
  if (taken_ > bytes_max_) return fail(Code::too_large, "The body is longer than the limit.");
  return piece;
}

Task<Result<std::string_view>> RequestBody::read(Deadline deadline) {
  while (!ended_) {
    CO_TRY(const auto piece, take());
    if (!piece.empty()) {
      continue_due_ = false;
      co_return piece;
    }
    if (ended_) break;
    // Everything that came is used up: its place is free again.
    in_.cut(head_bytes_);
    at_ = head_bytes_;
    ticker_.set(watch_, deadline);
    if (continue_due_) {
      continue_due_ = false;
      Pieces text{"HTTP/1.1 100 Continue\r\n\r\n"};
      const auto error = co_await channel_.write(text);
      if (error) co_return fail(Code::upstream, "The client has gone.");
    }
    const auto room = in_.room();
    const auto [error, bytes] = co_await channel_.read_some(room.data(), room.size());
    Ticker::clear(watch_);
    if (error) {
      if (!channel_.is_open()) co_return fail(Code::timeout, "The body did not arrive in time.");
      co_return fail(Code::upstream, "The client ended the connection in the middle of the body.");
    }
    in_.came(bytes);
  }
  co_return std::string_view{};
}

}  // namespace toolgate::net
