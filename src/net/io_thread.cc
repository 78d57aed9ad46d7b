#include "net/io_thread.h"

#include <fcntl.h>

#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <netinet/tcp.h>

#include "base/turns.h"
#include "net/poller.h"

namespace toolgate::net {

namespace asio = boost::asio;

// Posts from other threads are locked; the sockets, which only this thread touches, are not.
IoThread::IoThread(std::size_t index, const Server::Options& options,
                   std::atomic<std::size_t>& open_total)
    : io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO},
      worker_{index, io_},
      home_{worker_, options, open_total},
      work_{io_.get_executor()} {
  // Made now: when the first connections come they may take every descriptor that is left.
  Poller::of(io_);
}

IoThread::~IoThread() {
  join();
  destroy_tasks();
}

void IoThread::start() {
  thread_ = std::thread{[this] {
    take_short_turns();
    io_.run();
  }};
}

void IoThread::join() {
  work_.reset();
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void IoThread::adopt(int socket, Handler& handler, std::shared_ptr<SSL_CTX> tls) {
  ++home_.open;
  if (std::this_thread::get_id() == thread_.get_id()) {
    serve(socket, handler, std::move(tls));
    return;
  }
  asio::post(io_, [this, socket, &handler, tls = std::move(tls)]() mutable {
    serve(socket, handler, std::move(tls));
  });
}

void IoThread::serve(int descriptor, Handler& handler, std::shared_ptr<SSL_CTX> tls) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  auto connection = std::make_unique<Connection>(home_, handler);
  if (!connection->open(descriptor)) return;
  asio::co_spawn(io_, Connection::run(std::move(connection), std::move(tls)), asio::detached);
}

void IoThread::drain() {
  home_.draining = true;
  for (auto* connection : home_.connections) connection->drain();
}

void IoThread::close_all() {
  for (auto* connection : home_.connections) connection->close();
}

}  // namespace toolgate::net
