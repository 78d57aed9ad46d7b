#include "net/channel.h"

#include <unistd.h>

#include <cerrno>

#include <boost/asio/error.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/result.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Ciphertext that waits for the socket; more plain text is not encrypted before it has gone.
constexpr std::size_t tls_pending_bytes_max = 64 * 1024;
// Then the thread's other sockets have their turn, though there is more to read.
constexpr unsigned reads_in_turn_max = 16;

ErrorCode system_error(int number) { return {number, boost::system::system_category()}; }

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

ErrorCode Channel::open(int descriptor) { return system_error(socket_.open(descriptor)); }

Task<ErrorCode> Channel::connect(tcp::endpoint to) {
  const int descriptor =
      ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) co_return system_error(errno);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const bool done = ::connect(descriptor, to.data(), static_cast<socklen_t>(to.size())) == 0;
  if (!done && errno != EINPROGRESS) {
    const auto error = system_error(errno);
    ::close(descriptor);
    co_return error;
  }
  auto error = open(descriptor);
  if (error || done) co_return error;
  socket_.would_block_writing();
  error = co_await writable();
  if (error) co_return error;
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
  co_return system_error(failure);
}

std::size_t Channel::send(const iovec* vector, std::size_t count, bool& blocked, ErrorCode& error) {
  if (!socket_.is_open()) {
    error = asio::error::operation_aborted;
    return 0;
  }
  if (!socket_.may_write()) {
    blocked = true;
    return 0;
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(vector);
  message.msg_iovlen = count;
  // Not through libc, whose thread cancellation costs two atomic operations a call.
  ssize_t n;
  do {
    n = ::syscall(SYS_sendmsg, socket_.descriptor(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return static_cast<std::size_t>(n);
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    blocked = true;
    socket_.would_block_writing();
  } else {
    error = system_error(errno);
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

Task<ErrorCode> Channel::writable() {
  if (socket_.is_open()) co_await socket_.writable();
  co_return socket_.is_open() ? ErrorCode{} : ErrorCode{asio::error::operation_aborted};
}

Task<ErrorCode> Channel::write(Pieces& pieces) {
  ErrorCode error;
  while (!write_now(pieces, error)) {
    error = co_await writable();
    if (error) break;
  }
  co_return error;
}

bool Channel::receive(char* to, std::size_t size, IoResult& result) {
  result = {};
  if (!socket_.is_open()) {
    result.error = asio::error::operation_aborted;
    return true;
  }
  if (!socket_.may_read()) return false;
  ssize_t n;
  do {
    n = ::syscall(SYS_recvfrom, socket_.descriptor(), to, size, MSG_DONTWAIT, nullptr, nullptr);
  } while (n < 0 && errno == EINTR);
  if (n > 0) {
    result.bytes = static_cast<std::size_t>(n);
    if (result.bytes < size) socket_.has_read_all();
    return true;
  }
  if (n == 0) {
    result.error = asio::error::eof;
    return true;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    socket_.would_block_reading();
    return false;
  }
  result.error = system_error(errno);
  return true;
}

bool Channel::read_now(char* to, std::size_t size, IoResult& result) {
  ASSERT(size > 0);
  if (socket_.may_read() && ++reads_in_turn_ > reads_in_turn_max) return false;
  return tls_ ? read_tls_now(to, size, result) : receive(to, size, result);
}

Task<void> Channel::readable() {
  reads_in_turn_ = 0;
  return socket_.readable();
}

Task<IoResult> Channel::read_some(char* to, std::size_t size) {
  IoResult result;
  while (!read_now(to, size, result)) co_await readable();
  co_return result;
}

Task<ErrorCode> Channel::send_tls() {
  ErrorCode error;
  while (!flush_tls(error)) {
    error = co_await writable();
    if (error) break;
  }
  co_return error;
}

Task<ErrorCode> Channel::receive_tls() {
  const auto room = tls_->input_room();
  IoResult got;
  while (!receive(room.data(), room.size(), got)) co_await socket_.readable();
  tls_->input_came(got.bytes);
  co_return got.error;
}

bool Channel::read_tls_now(char* to, std::size_t size, IoResult& result) {
  result = {};
  while (true) {
    const auto step = tls_->decrypt(to, size, result.bytes);
    if (result.bytes > 0) return true;
    if (step == TlsSession::Step::closed) result.error = asio::error::eof;
    if (step == TlsSession::Step::failed) result.error = asio::error::connection_aborted;
    if (result.error) return true;
    // What reading makes us say (key updates); a write that is under way sends it with its own.
    flush_tls(result.error);
    if (result.error) return true;
    const auto room = tls_->input_room();
    IoResult got;
    if (!receive(room.data(), room.size(), got)) return false;
    tls_->input_came(got.bytes);
    // An end without TLS's own goodbye may be an attacker's: never an orderly end.
    if (got.error == asio::error::eof) got.error = asio::error::connection_reset;
    result.error = got.error;
    if (result.error) return true;
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

void Channel::close() { socket_.close(); }

void Channel::end_sending() {
  if (!socket_.is_open()) return;
  if (tls_) {
    ErrorCode ignored;
    tls_->say_goodbye();
    flush_tls(ignored);
  }
  ::shutdown(socket_.descriptor(), SHUT_WR);
}

bool Channel::stale() {
  if (!socket_.is_open()) return true;
  char byte;
  while (tls_) {
    // Session tickets may come at any time; they are no answer.
    const auto room = tls_->input_room();
    const auto n = ::recv(socket_.descriptor(), room.data(), room.size(), MSG_DONTWAIT);
    if (n <= 0) return n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    tls_->input_came(static_cast<std::size_t>(n));
    std::size_t bytes = 0;
    if (tls_->decrypt(&byte, 1, bytes) != TlsSession::Step::wants_input) return true;
  }
  const auto n = ::recv(socket_.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace toolgate::net
