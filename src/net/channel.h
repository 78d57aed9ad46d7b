// One connected socket, plain or under TLS. What can be done at once is done at once, with one
// system call; only what must wait is suspended.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/uio.h>

#include "base/task.h"
#include "net/poller.h"
#include "net/tls_session.h"

namespace toolgate::net {

using ErrorCode = boost::system::error_code;

struct IoResult {
  ErrorCode error;
  std::size_t bytes = 0;
};

// Some pieces of memory that are written one after the other. They are not copied.
class Pieces {
 public:
  Pieces() = default;
  Pieces(std::initializer_list<std::string_view> pieces) {
    for (const auto piece : pieces) add(piece);
  }
  void add(std::string_view piece);  // at most four that are not empty
  void drop(std::size_t bytes);      // from the front
  [[nodiscard]] bool empty() const { return first_ == count_; }
  [[nodiscard]] std::string_view front() const;
  [[nodiscard]] iovec* vector() { return vector_.data() + first_; }
  [[nodiscard]] std::size_t count() const { return count_ - first_; }

 private:
  std::array<iovec, 4> vector_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

class Channel {
 public:
  Channel(boost::asio::io_context& io, Poller::Peer peer) : socket_{Poller::of(io), peer} {}

  // Takes over a connected, non-blocking socket.
  ErrorCode open(int descriptor);
  Task<ErrorCode> connect(boost::asio::ip::tcp::endpoint to);

  // Goes on under TLS; the session's handshake is done here. With an error, tls_error() may say
  // more.
  Task<ErrorCode> start_tls(std::unique_ptr<TlsSession> session);
  [[nodiscard]] std::string_view tls_error() const {
    return tls_ ? std::string_view{tls_->error()} : std::string_view{};
  }

  // Reads what is there: at least one byte, or error::eof at the end. False: nothing has come yet,
  // or it is somebody else's turn; readable() says when to ask again. One reader at a time.
  bool read_now(char* to, std::size_t size, IoResult& result);
  Task<void> readable();
  // The same, and waits.
  Task<IoResult> read_some(char* to, std::size_t size);

  // Writes what the socket takes now and drops it from `pieces`. True when there is nothing left to
  // do: all is written, or `error` is set. One writer at a time.
  bool write_now(Pieces& pieces, ErrorCode& error);
  // The same, and waits until all is written. `pieces` and what they point to outlive the task.
  Task<ErrorCode> write(Pieces& pieces);

  // Makes what is waiting fail, and all that comes after it.
  void close();
  // Says that nothing more will be sent; what was written still arrives.
  void end_sending();
  // True when an idle connection's peer has closed it, or sent what nobody asked for.
  [[nodiscard]] bool stale();
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }
  // -1 when it is closed.
  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }

 private:
  bool read_tls_now(char* to, std::size_t size, IoResult& result);
  // What the socket has; false when it has nothing now.
  bool receive(char* to, std::size_t size, IoResult& result);
  Task<ErrorCode> writable();
  // Bytes that the socket took now; sets `blocked` when it would take no more.
  std::size_t send(const iovec* vector, std::size_t count, bool& blocked, ErrorCode& error);
  bool flush_tls(ErrorCode& error);
  Task<ErrorCode> send_tls();
  Task<ErrorCode> receive_tls();

  Poller::Socket socket_;
  std::unique_ptr<TlsSession> tls_;
  unsigned reads_in_turn_ = 0;
};

}  // namespace toolgate::net
