// One I/O thread of a server: its io_context, its worker, its connections.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/socket.h>

#include "net/connection.h"
#include "net/server.h"
#include "net/worker.h"

namespace toolgate::net {

class IoThread {
 public:
  IoThread(std::size_t index, const Server::Options& options, std::atomic<std::size_t>& open_total);
  ~IoThread();

  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  [[nodiscard]] Worker& worker() { return worker_; }
  // Open connections. Any thread.
  [[nodiscard]] std::size_t load() const { return home_.open; }
  // Those of all threads, this one's included.
  [[nodiscard]] std::atomic<std::size_t>& open_total() { return home_.total; }

  void start();
  void join();
  // After join(): what is suspended on this thread is destroyed; objects on it may die after.
  void destroy_tasks() { io_.shutdown(); }

  // Takes over a connected socket. Any thread; counted at once.
  void adopt(int socket, Handler& handler, std::shared_ptr<SSL_CTX> tls);
  // On this thread.
  void drain();
  void close_all();

 private:
  class Io : public boost::asio::io_context {
   public:
    using execution_context::shutdown;
    using io_context::io_context;
  };
  void serve(int socket, Handler& handler, std::shared_ptr<SSL_CTX> tls);

  Io io_;
  Worker worker_;
  Home home_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::thread thread_;
};

}  // namespace toolgate::net
