// For tests: one thread's worker and client without a server, raw sockets, and a peer that says
// exactly what the test wants.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/socket.h>

#include "base/run_task.h"
#include "base/test_wait.h"
#include "net/client.h"
#include "net/worker.h"

namespace toolgate::net::testing {

using toolgate::soon;
constexpr auto patience = test_patience;

// For what `io` does on this thread.
inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& holds) {
  const auto until = within(patience);
  const auto work = boost::asio::make_work_guard(io);
  io.restart();
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    io.run_one_for(std::chrono::milliseconds{50});
  }
  return true;
}
// Until nothing is ready: each task has ended or waits.
inline void settle(boost::asio::io_context& io) {
  io.restart();
  while (io.poll() > 0) {
  }
}

// A thread of our own: runs one task at a time to its end.
class TestLoop {
 public:
  explicit TestLoop(Client::Options options = {}) : client{worker, std::move(options)} {
    worker.set_client(client);
  }
  template <class T>
  T run(Task<T> task) {
    return run_task(io, std::move(task));
  }
  Result<ClientResponse> send(const ClientRequest& request) { return run(client.send(request)); }

  boost::asio::io_context io{1};
  Worker worker{0, io};
  Client client;
};

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return name;
}

// A blocking client socket.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
    const auto name = loopback(port);
    connected = ::connect(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  }
  explicit RawSocket(int accepted, bool /*accepted*/) : fd_{accepted} {}
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket() { close(); }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // What comes within `wait` of silence, or until `enough` says so, or until the end.
  std::string receive(const std::function<bool(std::string_view)>& enough, int wait_ms = 20'000) {
    std::string all;
    while (!enough(all)) {
      pollfd poll_fd{fd_, POLLIN, 0};
      if (::poll(&poll_fd, 1, wait_ms) <= 0) break;
      char buffer[16 * 1024];
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0) {
        at_end = true;
        break;
      }
      all.append(buffer, static_cast<std::size_t>(n));
    }
    return all;
  }
  std::string receive_until(std::string_view text) {
    return receive([text](std::string_view all) { return all.find(text) != all.npos; });
  }
  std::string receive_all() {
    return receive([](std::string_view) { return false; });
  }
  void end_sending() const { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int fd() const { return fd_; }

  bool connected = true;
  bool at_end = false;

 private:
  int fd_;
};

// A server that does what `script` says with each connection, one after the other.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(RawSocket&, int connection)> script)
      : listening_{::socket(AF_INET, SOCK_STREAM, 0)}, script_{std::move(script)} {
    auto name = loopback(0);
    socklen_t size = sizeof name;
    ::bind(listening_, reinterpret_cast<sockaddr*>(&name), size);
    ::listen(listening_, 16);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&name), &size);
    port = ntohs(name.sin_port);
    thread_ = std::thread{[this] {
      for (int count = 0;; ++count) {
        const int accepted = ::accept(listening_, nullptr, nullptr);
        if (accepted < 0) return;
        {
          RawSocket socket{accepted, true};
          script_(socket, count);
        }
        ++closed;
      }
    }};
  }
  ~ScriptedServer() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  [[nodiscard]] std::string url(std::string_view target = "/") const {
    return "http://127.0.0.1:" + std::to_string(port) + std::string{target};
  }
  std::uint16_t port = 0;
  std::atomic<int> closed = 0;  // connections

 private:
  int listening_;
  std::function<void(RawSocket&, int)> script_;
  std::thread thread_;
};

}  // namespace toolgate::net::testing
