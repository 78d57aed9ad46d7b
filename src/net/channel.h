// One connected socket, plain or under TLS. What can be done at once is done at once, with one
// system call; only what must wait goes through Asio.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <tuple>

#include <boost/asio/ip/tcp.hpp>

#include "base/task.h"
#include "net/tls_session.h"

namespace toolgate::net {

using ErrorCode = boost::system::error_code;
using IoResult = std::tuple<ErrorCode, std::size_t>;

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
  explicit Channel(boost::asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

  // Goes on under TLS; the session's handshake is done here. With an error, tls_error() may say
  // more.
  Task<ErrorCode> start_tls(std::unique_ptr<TlsSession> session);
  [[nodiscard]] std::string_view tls_error() const {
    return tls_ ? std::string_view{tls_->error()} : std::string_view{};
  }

  // At least one byte; error::eof at the end. One reader at a time.
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
  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  Task<IoResult> read_tls(char* to, std::size_t size);
  Task<ErrorCode> wait_writable();
  // Bytes that the socket took now; sets `blocked` when it would take no more.
  std::size_t send(const iovec* vector, std::size_t count, bool& blocked, ErrorCode& error);
  bool flush_tls(ErrorCode& error);
  Task<ErrorCode> send_tls();
  Task<ErrorCode> receive_tls();

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace toolgate::net
