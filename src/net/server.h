// The HTTP/1.1 server: strict parsing, keep-alive, pipelining one by one, TLS by a context.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/task.h"
#include "net/http.h"
#include "net/worker.h"

namespace toolgate {
class Offload;
}

namespace toolgate::net {

class Tunnels;

// Says how a request's body is taken before it is read.
struct BodyPlan {
  enum class Take : std::uint8_t { buffered, streamed };
  Take take = Take::buffered;
  std::size_t bytes_max = 0;  // more is 413
};

// Answers requests. One object serves all threads, so it is const where it is shared.
class Handler {
 public:
  virtual ~Handler() = default;
  // Called with head only, before the body is read.
  [[nodiscard]] virtual BodyPlan plan(const Request& head) const = 0;
  // Never fails: a failure is a response. `request` lives until the task is done.
  virtual Task<Response> handle(Request& request, Worker& worker) = 0;
  // Who answers CONNECT; null: nobody does.
  [[nodiscard]] virtual Tunnels* tunnels() { return nullptr; }
};

struct Address {
  std::string host;  // "127.0.0.1", "::1"
  std::uint16_t port = 0;
};
// "127.0.0.1:7878", "[::1]:0", ":7878" (all interfaces). Fails with Code::invalid.
[[nodiscard]] Result<Address> parse_address(std::string_view text);
[[nodiscard]] bool is_loopback(std::string_view ip);

// What a listener needs to speak TLS: gives a context (an SSL_CTX) by server name. Implementations
// come with the certificates (later: made per name under a local CA).
class TlsContexts;

// A running server: threads with one io_context each, and listeners. Build it, listen, run, stop.
class Server {
 public:
  struct Options {
    std::size_t threads = 0;               // 0: one a core
    std::size_t connections_max = 20'000;  // of all threads; more are answered 503 and closed
    std::chrono::milliseconds head_timeout = limits::http_head_timeout;
    std::chrono::milliseconds body_timeout = limits::http_body_timeout;
    std::chrono::milliseconds idle_timeout = limits::http_idle_timeout;
  };
  explicit Server(Options options);
  ~Server();

  // This server's threads' workers; index 0 to threads-1. Valid while the server lives. The
  // io_contexts run from run() on; work may be posted before.
  [[nodiscard]] std::vector<Worker*> workers();

  // Binds and listens; connections are accepted from run() on. Port 0 takes a free one: the answer
  // is the address bound. `tls` null: plain. Fails with Code::unavailable (address in use, …).
  Result<Address> listen(const Address& address, Handler& handler,
                         std::shared_ptr<TlsContexts> tls = nullptr);

  // Starts the threads and returns.
  void run();
  // Stops accepting, closes idle connections, lets requests end until the deadline, then stops the
  // threads and joins them. Work that its tasks gave to `offload` is finished first: a task is then
  // destroyed while all it refers to is alive. `hurry` ends the wait for requests before the
  // deadline. From outside the threads.
  void stop(Deadline drain_until, Offload* offload = nullptr, const std::stop_token& hurry = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toolgate::net
