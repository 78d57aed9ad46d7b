#include "net/channel.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/result.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

// Ciphertext that waits for the socket; more plain text is not encrypted before it has gone.
constexpr std::size_t tls_pending_bytes_max = 64 * 1024;

}  // namespace

void Pieces::add(std::string_view piece) {
  if (piece.empty()) return;
  ASSERT(count_ < vector_.size());
  vector_[count_++] = {const_cast<char*>(piece.data()), piece.size()};
}

void Pieces::drop(std::size_t bytes) {
  while (first_ < count_ && bytes >= vector_[first_].iov_len) bytes -= vector_[first_++].iov_len;
  if (bytes == 0) return;
  ASSERT(first_ < count_);
  vector_[first_].iov_base = static_cast<char*>(vector_[first_].iov_base) + bytes;
  vector_[first_].iov_len -= bytes;
}

std::string_view Pieces::front() const {
  return {static_cast<const char*>(vector_[first_].iov_base), vector_[first_].iov_len};
}

std::size_t Channel::send(const iovec* vector, std::size_t count, bool& blocked,
                          ErrorCode& error) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(vector);
  message.msg_iovlen = count;
  // Not through libc, whose thread cancellation costs two atomic operations a call.
  ssize_t n;
  do {
    n = ::syscall(SYS_sendmsg, socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return static_cast<std::size_t>(n);
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    blocked = true;
  } else {
    error.assign(errno, boost::system::system_category());
  }
  return 0;
}

bool Channel::write_now(Pieces& pieces, ErrorCode& error) {
  bool blocked = false;
  if (!tls_) {
    while (!pieces.empty() && !blocked && !error) {
      pieces.drop(send(pieces.vector(), pieces.count(), blocked, error));
    }
    return pieces.empty() || error;
  }
  while (!error) {
    while (!pieces.empty() && tls_->pending().size() < tls_pending_bytes_max) {
      const auto taken = tls_->encrypt(pieces.front());
      if (taken == 0) {
        error = asio::error::connection_aborted;
        return true;
      }
      pieces.drop(taken);
    }
    if (!flush_tls(error)) return false;
    if (pieces.empty()) return true;
  }
  return true;
}

// False when the socket takes no more now.
bool Channel::flush_tls(ErrorCode& error) {
  bool blocked = false;
  while (!tls_->pending().empty() && !error) {
    const auto pending = tls_->pending();
    const iovec piece{const_cast<char*>(pending.data()), pending.size()};
    tls_->drop_pending(send(&piece, 1, blocked, error));
    if (blocked) return false;
  }
  return true;
}

Task<ErrorCode> Channel::wait_writable() {
  const auto [error] = co_await socket_.async_wait(tcp::socket::wait_write, awaiting);
  co_return error;
}

Task<ErrorCode> Channel::write(Pieces& pieces) {
  ErrorCode error;
  while (!write_now(pieces, error)) {
    error = co_await wait_writable();
    if (error) break;
  }
  co_return error;
}

Task<IoResult> Channel::read_some(char* to, std::size_t size) {
  if (tls_) return read_tls(to, size);
  return socket_.async_read_some(asio::buffer(to, size), awaiting);
}

Task<ErrorCode> Channel::send_tls() {
  ErrorCode error;
  while (!flush_tls(error)) {
    error = co_await wait_writable();
    if (error) break;
  }
  co_return error;
}

Task<ErrorCode> Channel::receive_tls() {
  const auto room = tls_->input_room();
  const auto [error, bytes] =
      co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), awaiting);
  tls_->input_came(bytes);
  co_return error;
}

Task<IoResult> Channel::read_tls(char* to, std::size_t size) {
  while (true) {
    std::size_t bytes = 0;
    const auto step = tls_->decrypt(to, size, bytes);
    if (bytes > 0) co_return IoResult{ErrorCode{}, bytes};
    if (step == TlsSession::Step::closed) co_return IoResult{asio::error::eof, 0};
    if (step == TlsSession::Step::failed) co_return IoResult{asio::error::connection_aborted, 0};
    // What reading makes us say (key updates); a write that is under way sends it with its own.
    ErrorCode error;
    flush_tls(error);
    if (!error) error = co_await receive_tls();
    // An end without TLS's own goodbye may be an attacker's: never an orderly end.
    if (error == asio::error::eof) error = asio::error::connection_reset;
    if (error) co_return IoResult{error, 0};
  }
}

Task<ErrorCode> Channel::start_tls(std::unique_ptr<TlsSession> session) {
  tls_ = std::move(session);
  while (true) {
    const auto step = tls_->handshake();
    ErrorCode error = co_await send_tls();
    if (error) co_return error;
    if (step == TlsSession::Step::done) co_return ErrorCode{};
    if (step != TlsSession::Step::wants_input) co_return asio::error::connection_aborted;
    error = co_await receive_tls();
    if (error) co_return error;
  }
}

void Channel::close() {
  ErrorCode ignored;
  socket_.close(ignored);
}

void Channel::end_sending() {
  if (!socket_.is_open()) return;
  ErrorCode ignored;
  if (tls_) {
    tls_->say_goodbye();
    flush_tls(ignored);
  }
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

bool Channel::stale() {
  if (!socket_.is_open()) return true;
  char byte;
  while (tls_) {
    // Session tickets may come at any time; they are no answer.
    const auto room = tls_->input_room();
    const auto n = ::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
    if (n <= 0) return n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    tls_->input_came(static_cast<std::size_t>(n));
    std::size_t bytes = 0;
    if (tls_->decrypt(&byte, 1, bytes) != TlsSession::Step::wants_input) return true;
  }
  const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace toolgate::net
