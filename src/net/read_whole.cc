#include <algorithm>
#include <cstring>

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include "base/limits.h"
#include "net/chunked.h"
#include "net/connector.h"
#include "net/exchange.h"

namespace toolgate::net {
namespace {

constexpr std::size_t room_min = 4 * 1024;

// Reads one answer's body behind its head, in one buffer.
class WholeBody {
 public:
  WholeBody(Upstream& upstream, const ClientRequest& request)
      : upstream_{upstream}, request_{request}, begin_{upstream.parser.head_bytes()} {}

  Task<Result<void>> read_length();
  Task<Result<void>> read_chunks();
  Task<Result<void>> read_until_close();

  [[nodiscard]] std::size_t size() const { return size_; }
  // True when more came than the answer.
  [[nodiscard]] bool excess() const { return excess_; }

 private:
  // At least one more byte; false is the connection's end.
  Task<Result<bool>> read_more();
  Result<void> check_size(std::uint64_t size) const;
  Result<bool> take_chunks(ChunkDecoder& chunks);

  Upstream& upstream_;
  const ClientRequest& request_;
  const std::size_t begin_;
  std::size_t size_ = 0;
  bool excess_ = false;
};

Result<void> WholeBody::check_size(std::uint64_t size) const {
  if (size <= request_.body_bytes_max) return {};
  return step_failed(Code::too_large, "read",
                     fmt::format("the answer is longer than {} bytes", request_.body_bytes_max),
                     *request_.url);
}

Task<Result<bool>> WholeBody::read_more() {
  if (upstream_.room().empty()) upstream_.grow_buffer(upstream_.filled * 2);
  const auto room = upstream_.room();
  const auto [error, bytes] = co_await upstream_.channel.read_some(room.data(), room.size());
  upstream_.filled += bytes;
  if (!error) co_return true;
  if (upstream_.timed_out()) {
    co_return step_failed(Code::timeout, "read", "the answer did not end in time", *request_.url);
  }
  if (error == boost::asio::error::eof) co_return false;
  co_return step_failed(Code::upstream, "read", "the answer is cut off", *request_.url);
}

Task<Result<void>> WholeBody::read_length() {
  CO_TRY_DO(check_size(upstream_.parser.head.body_bytes));
  size_ = static_cast<std::size_t>(upstream_.parser.head.body_bytes);
  const auto end = begin_ + size_;
  if (end > upstream_.filled + upstream_.room().size()) upstream_.grow_buffer(end);
  while (upstream_.filled < end) {
    CO_TRY(const bool more, co_await read_more());
    if (!more) {
      co_return step_failed(Code::upstream, "read", "the answer is cut off", *request_.url);
    }
  }
  excess_ = upstream_.filled > end;
  co_return Result<void>{};
}

Task<Result<void>> WholeBody::read_until_close() {
  while (true) {
    size_ = upstream_.filled - begin_;
    CO_TRY_DO(check_size(size_));
    CO_TRY(const bool more, co_await read_more());
    if (!more) co_return Result<void>{};
  }
}

// Moves what is decoded to the front of what is not. True at the end.
Result<bool> WholeBody::take_chunks(ChunkDecoder& chunks) {
  char* const body = upstream_.buffer->data() + begin_;
  auto raw = upstream_.bytes().substr(begin_ + size_);
  std::string_view piece;
  while (true) {
    const auto state = chunks.next(raw, piece);
    if (state == ChunkDecoder::State::broken) {
      return step_failed(Code::upstream, "read", "the answer's chunks are malformed",
                         *request_.url);
    }
    if (state == ChunkDecoder::State::more || state == ChunkDecoder::State::end) break;
    TRY_DO(check_size(size_ + piece.size()));
    std::memmove(body + size_, piece.data(), piece.size());
    size_ += piece.size();
  }
  upstream_.filled = begin_ + size_;
  excess_ = !raw.empty();
  return chunks.ended();
}

Task<Result<void>> WholeBody::read_chunks() {
  ChunkDecoder chunks;
  while (true) {
    CO_TRY(const bool ended, take_chunks(chunks));
    if (ended) co_return Result<void>{};
    if (upstream_.room().size() < room_min) upstream_.grow_buffer(upstream_.filled * 2 + room_min);
    CO_TRY(const bool more, co_await read_more());
    if (!more) {
      co_return step_failed(Code::upstream, "read", "the answer is cut off", *request_.url);
    }
  }
}

}  // namespace

Task<Result<ClientResponse>> read_whole(Upstream& upstream, const ClientRequest& request,
                                        bool& reusable) {
  const auto kind = body_kind(upstream, request.method);
  const auto head_bytes = upstream.parser.head_bytes();
  const auto* before = upstream.buffer->data();
  WholeBody body{upstream, request};
  if (kind == BodyKind::length) {
    CO_TRY_DO(co_await body.read_length());
  } else if (kind == BodyKind::chunked) {
    CO_TRY_DO(co_await body.read_chunks());
  } else if (kind == BodyKind::until_close) {
    CO_TRY_DO(co_await body.read_until_close());
  }
  const bool excess = kind == BodyKind::none ? upstream.filled > head_bytes : body.excess();
  reusable = upstream.parser.head.keep_alive && kind != BodyKind::until_close && !excess;

  if (upstream.buffer->data() != before) {
    upstream.parser.reset();
    upstream.parser.parse(upstream.bytes());
  }
  ClientResponse response;
  response.status = upstream.parser.head.status;
  response.headers = std::move(upstream.parser.fields);
  upstream.parser.fields = {};
  response.body = std::string_view{*upstream.buffer}.substr(head_bytes, body.size());
  response.buffer = upstream.buffer;
  co_return response;
}

}  // namespace toolgate::net
