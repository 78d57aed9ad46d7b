// An answer that is read to its end before anybody sees it.
#include <cstring>

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include "base/limits.h"
#include "net/connector.h"
#include "net/exchange.h"

namespace toolgate::net {
namespace {

constexpr std::size_t room_min = 4 * 1024;

}  // namespace

WholeAnswer::WholeAnswer(Upstream& upstream, const ClientRequest& request)
    : upstream_{upstream},
      request_{request},
      kind_{body_kind(upstream, request.method)},
      begin_{upstream.parser.head_bytes()},
      parsed_in_{upstream.buffer->data()} {}

std::unexpected<Error> WholeAnswer::cut_off() const {
  return step_failed(Code::upstream, "read", "the answer is cut off", *request_.url);
}

Result<void> WholeAnswer::check_size(std::uint64_t size) const {
  if (size <= request_.body_bytes_max) return {};
  return step_failed(Code::too_large, "read",
                     fmt::format("the answer is longer than {} bytes", request_.body_bytes_max),
                     *request_.url);
}

Result<bool> WholeAnswer::step() {
  switch (kind_) {
    case BodyKind::none:
      excess_ = upstream_.filled > begin_;
      return true;
    case BodyKind::length:
      return take_length();
    case BodyKind::chunked:
      return take_chunks();
    case BodyKind::until_close:
      size_ = upstream_.filled - begin_;
      TRY_DO(check_size(size_));
      return closed_;
  }
  return cut_off();
}

Result<bool> WholeAnswer::take_length() {
  if (size_ == 0) {
    TRY_DO(check_size(upstream_.parser.head.body_bytes));
    size_ = static_cast<std::size_t>(upstream_.parser.head.body_bytes);
    const auto end = begin_ + size_;
    if (end > upstream_.filled + upstream_.room().size()) upstream_.grow_buffer(end);
  }
  excess_ = upstream_.filled > begin_ + size_;
  return upstream_.filled >= begin_ + size_;
}

// Moves what is decoded to the front of what is not.
Result<bool> WholeAnswer::take_chunks() {
  char* const body = upstream_.buffer->data() + begin_;
  auto raw = upstream_.bytes().substr(begin_ + size_);
  std::string_view piece;
  while (true) {
    const auto state = chunks_.next(raw, piece);
    if (state == ChunkDecoder::State::broken) {
      return step_failed(Code::upstream, "read", "the answer's chunks are malformed",
                         *request_.url);
    }
    if (state != ChunkDecoder::State::data) break;
    TRY_DO(check_size(size_ + piece.size()));
    std::memmove(body + size_, piece.data(), piece.size());
    size_ += piece.size();
  }
  upstream_.filled = begin_ + size_;
  excess_ = !raw.empty();
  return chunks_.ended();
}

std::span<char> WholeAnswer::room() {
  const bool known = kind_ == BodyKind::length;
  if (!known && upstream_.room().size() < room_min) {
    upstream_.grow_buffer(upstream_.filled * 2 + room_min);
  }
  return upstream_.room();
}

Result<void> WholeAnswer::came(const ErrorCode& error, std::size_t bytes) {
  upstream_.filled += bytes;
  if (!error) return {};
  if (upstream_.given_up()) {
    return upstream_.why_given_up("read", "the answer did not end in time", *request_.url);
  }
  closed_ = true;
  if (kind_ == BodyKind::until_close && error == boost::asio::error::eof) return {};
  return cut_off();
}

bool WholeAnswer::reusable() const {
  return upstream_.parser.head.keep_alive && kind_ != BodyKind::until_close && !excess_;
}

ClientResponse WholeAnswer::take() {
  auto& parser = upstream_.parser;
  if (upstream_.buffer->data() != parsed_in_) {
    parser.reset();
    parser.parse(upstream_.bytes());
  }
  ClientResponse response;
  response.status = parser.head.status;
  response.headers = std::move(parser.fields);
  parser.fields = {};
  response.body = std::string_view{*upstream_.buffer}.substr(begin_, size_);
  response.buffer = upstream_.buffer;
  return response;
}

}  // namespace toolgate::net
