// Which sockets of an I/O thread can be read or written: an epoll of our own, inside Asio's loop.
// Each socket is registered once, edge-triggered, and is not asked again before the kernel has told
// of it; Asio would try each read at once, in vain (decision 0010).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"
#include "net/link.h"

namespace toolgate::net {

// Lives as long as its io_context and is used only on that context's thread. Like the Ticker it
// does not keep run() from returning.
class Poller final : public boost::asio::execution_context::service {
 public:
  using key_type = Poller;
  static boost::asio::execution_context::id id;

  explicit Poller(boost::asio::execution_context& context);
  // The one poller of `io`, made at first use.
  static Poller& of(boost::asio::io_context& io);

  // Who is at the other end. What a target has answered goes before what a client asks anew: the
  // fewer calls are under way at once, the less memory they share the processor's cache for.
  enum class Peer : std::uint8_t { target, client };

  // A descriptor of a stream socket and what is known of it.
  class Socket : private Link {
   public:
    Socket(Poller& poller, Peer peer) : poller_{poller}, peer_{peer} {}
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // Takes over a non-blocking descriptor, inside a running handler; closes it and returns errno
    // when it cannot.
    int open(int descriptor);
    // What waits resumes, later.
    void close();
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const { return descriptor_; }

    // False: it is not worth a system call. Who has read less than there was room for has read
    // all, unless the peer has ended.
    [[nodiscard]] bool may_read() const { return may_read_; }
    void has_read_all() { may_read_ = ended_; }
    void would_block_reading() { may_read_ = false; }
    [[nodiscard]] bool may_write() const { return may_write_; }
    void would_block_writing() { may_write_ = false; }

    // Until it may be read or is closed, and after the others that are ready when it may already.
    // One waits at a time, and the socket lives until it resumes.
    Task<void> readable();
    Task<void> writable();

   private:
    friend class Poller;
    using Waiter = boost::asio::async_result<boost::asio::use_awaitable_t<>, void()>::handler_type;

    Task<void> wait(std::optional<Waiter>& waiter);
    [[nodiscard]] bool is_due() const;
    void told(std::uint32_t events);
    void join_due();
    void resume();

    Poller& poller_;
    const Peer peer_;
    int descriptor_ = -1;
    bool may_read_ = true;
    bool may_write_ = true;
    bool ended_ = false;  // the peer sends nothing more
    std::optional<Waiter> reader_;
    std::optional<Waiter> writer_;
  };

 private:
  void shutdown() override;
  void arm();
  void on_events();
  void ask();
  void resume_due();
  void resume(Link& sockets, std::size_t count_max);
  void resume_later();

  boost::asio::io_context& io_;
  // The epoll; Asio tells when it has events.
  std::optional<boost::asio::posix::stream_descriptor> epoll_;
  Link waiting_;      // sockets that somebody waits for
  Link due_targets_;  // of those, the ones to resume
  Link due_clients_;
  std::size_t resumed_ = 0;  // since others were offered the core
  bool armed_ = false;
  bool resumes_later_ = false;
};

}  // namespace toolgate::net
