// Bodies of answers for who reads them by pieces, from the wire or from memory.
#include <algorithm>

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include "net/chunked.h"
#include "net/connector.h"
#include "net/exchange.h"
#include "net/in_buffer.h"

namespace toolgate::net {
namespace {

class PiecesReader final : public BodyReader {
 public:
  PiecesReader(std::unique_ptr<Upstream> upstream, std::shared_ptr<UpstreamPool> pool,
               const ClientRequest& request)
      : upstream_{std::move(upstream)},
        pool_{std::move(pool)},
        kind_{body_kind(*upstream_, request.method)},
        left_{upstream_->parser.head.body_bytes},
        bytes_max_{request.body_bytes_max},
        url_{request.url->scheme, request.url->host, request.url->port, {}},
        first_{upstream_->buffer},
        raw_{upstream_->bytes().substr(upstream_->parser.head_bytes())} {
    if (kind_ == BodyKind::none) finish();
  }

  Task<Result<std::string_view>> read(Deadline deadline) override {
    while (!ended_) {
      auto piece = take();
      if (!piece) {
        ended_ = true;
        upstream_.reset();
        failed_ = piece.error();
        break;
      }
      if (!piece->empty()) co_return piece;
      if (ended_) break;
      upstream_->give_until(deadline);
      const auto room = in_.room();
      const auto [error, bytes] = co_await upstream_->channel.read_some(room.data(), room.size());
      if (error) {
        end_of_connection(error);
        break;
      }
      upstream_->give_all_time();
      raw_ = {room.data(), bytes};
    }
    // A failure stays: nobody shall take what comes after it for an orderly end.
    if (failed_) co_return std::unexpected(*failed_);
    co_return std::string_view{};
  }

 private:
  // A piece of what has come; empty when all is taken.
  Result<std::string_view> take() {
    std::string_view piece;
    if (kind_ == BodyKind::chunked) {
      const auto state = chunks_.next(raw_, piece);
      if (state == ChunkDecoder::State::broken) {
        return step_failed(Code::upstream, "read", "the answer's chunks are malformed", url_);
      }
      if (state == ChunkDecoder::State::end) finish();
    } else {
      const auto most = kind_ == BodyKind::length ? left_ : raw_.size();
      piece = raw_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(most, raw_.size())));
      raw_.remove_prefix(piece.size());
      left_ -= std::min<std::uint64_t>(left_, piece.size());
      if (kind_ == BodyKind::length && left_ == 0) finish();
    }
    taken_ += piece.size();
    if (taken_ > bytes_max_) {
      return step_failed(Code::too_large, "read",
                         fmt::format("the answer is longer than {} bytes", bytes_max_), url_);
    }
    return piece;
  }

  void finish() {
    ended_ = true;
    if (upstream_ && upstream_->parser.head.keep_alive && raw_.empty()) {
      pool_->give_back(std::move(upstream_));
    }
    upstream_.reset();
  }

  void end_of_connection(const ErrorCode& error) {
    ended_ = true;
    if (upstream_->given_up()) {
      failed_ = upstream_->why_given_up("read", "nothing came in time", url_).error();
    } else if (kind_ != BodyKind::until_close || error != boost::asio::error::eof) {
      failed_ = step_failed(Code::upstream, "read", "the answer is cut off", url_).error();
    }
    upstream_.reset();
  }

  std::unique_ptr<Upstream> upstream_;  // until the end
  std::shared_ptr<UpstreamPool> pool_;
  const BodyKind kind_;
  std::uint64_t left_;
  const std::size_t bytes_max_;
  const Url url_;                             // for messages
  const std::shared_ptr<std::string> first_;  // came with the head
  std::string_view raw_;
  InBuffer in_;
  ChunkDecoder chunks_;
  std::uint64_t taken_ = 0;
  bool ended_ = false;
  std::optional<Error> failed_;
};

class WholeReader final : public BodyReader {
 public:
  WholeReader(std::shared_ptr<const std::string> owner, std::string_view body)
      : owner_{std::move(owner)}, body_{body} {}
  Task<Result<std::string_view>> read(Deadline /*deadline*/) override {
    co_return std::exchange(body_, {});
  }

 private:
  const std::shared_ptr<const std::string> owner_;
  std::string_view body_;
};

}  // namespace

std::unique_ptr<BodyReader> whole_body(std::shared_ptr<const std::string> owner,
                                       std::string_view body) {
  return std::make_unique<WholeReader>(std::move(owner), body);
}

std::optional<ClientStream> take_whole(std::unique_ptr<Upstream>& upstream, UpstreamPool& pool,
                                       const ClientRequest& request) {
  const auto& head = upstream->parser.head;
  const auto kind = body_kind(*upstream, request.method);
  if (kind != BodyKind::length && kind != BodyKind::none) return std::nullopt;
  const std::uint64_t bytes = kind == BodyKind::none ? 0 : head.body_bytes;
  const auto came = upstream->bytes().substr(upstream->parser.head_bytes());
  if (bytes > request.body_bytes_max || came.size() < bytes) return std::nullopt;
  ClientStream stream;
  stream.status = head.status;
  stream.headers = std::exchange(upstream->parser.fields, {});
  stream.whole = came.substr(0, static_cast<std::size_t>(bytes));
  stream.buffer = upstream->buffer;
  upstream->give_all_time();
  const bool reusable = head.keep_alive && came.size() == bytes;
  if (reusable) pool.give_back(std::move(upstream));
  upstream.reset();
  return stream;
}

ClientStream read_by_pieces(std::unique_ptr<Upstream> upstream, std::shared_ptr<UpstreamPool> pool,
                            const ClientRequest& request) {
  ClientStream stream;
  stream.status = upstream->parser.head.status;
  stream.headers = std::move(upstream->parser.fields);
  upstream->parser.fields = {};
  stream.buffer = upstream->buffer;
  upstream->give_all_time();
  stream.body = std::make_unique<PiecesReader>(std::move(upstream), std::move(pool), request);
  return stream;
}

}  // namespace toolgate::net
