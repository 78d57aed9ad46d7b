// A listening socket: accepts and hands each connection to the thread with the fewest.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "net/io_thread.h"
#include "net/server.h"
#include "net/tls.h"

namespace toolgate::net {

class Listener {
 public:
  // Binds and listens. Fails with Code::unavailable.
  static Result<std::unique_ptr<Listener>> open(const Address& address, Handler& handler,
                                                std::shared_ptr<TlsContexts> tls,
                                                const Server::Options& options,
                                                std::vector<IoThread*> threads);
  ~Listener();

  [[nodiscard]] const Address& address() const { return address_; }
  // Accepting begins when the threads run.
  void start();
  // New connections are refused from now on. Any thread.
  void stop();

 private:
  Listener(int descriptor, Handler& handler, std::shared_ptr<TlsContexts> tls,
           const Server::Options& options, std::vector<IoThread*> threads);
  Task<void> accept_all();
  // False when there is nothing more to accept now; `wait` is set when the system is out of
  // something.
  bool accept_one(bool& wait);
  void tell_exhausted(const char* why);
  void place(int socket);

  const int descriptor_;
  Address address_;
  Handler& handler_;
  const std::shared_ptr<TlsContexts> contexts_;
  const std::shared_ptr<SSL_CTX> tls_;
  const Server::Options& options_;
  const std::vector<IoThread*> threads_;
  std::atomic<bool> stopping_ = false;
  // Of the accepting coroutine.
  std::chrono::steady_clock::time_point told_exhausted_;
  std::uint64_t exhausted_count_ = 0;  // since then
};

}  // namespace toolgate::net
