#include "net/listener.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

#include "base/log.h"
#include "net/ip.h"

namespace toolgate::net {
namespace {

namespace asio = boost::asio;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr int backlog = 4'096;
// When the process has no descriptors left, others must end first.
constexpr auto exhausted_wait = std::chrono::milliseconds{50};
constexpr auto exhausted_told_every = std::chrono::seconds{10};

struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketName name_of(const Ip& ip, std::uint16_t port) {
  SocketName name;
  if (ip.v6()) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(name.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, ip.bytes().data(), 16);
    name.size = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(name.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, ip.bytes().data(), 4);
    name.size = sizeof v4;
  }
  return name;
}

std::uint16_t bound_port(int descriptor) {
  SocketName name;
  ::getsockname(descriptor, name.get(), &name.size);
  return ntohs(name.storage.ss_family == AF_INET6
                   ? reinterpret_cast<sockaddr_in6&>(name.storage).sin6_port
                   : reinterpret_cast<sockaddr_in&>(name.storage).sin_port);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const Address& address, Handler& handler,
                                                 std::shared_ptr<TlsContexts> tls,
                                                 const Server::Options& options,
                                                 std::vector<IoThread*> threads) {
  const auto ip = Ip::parse(address.host);
  if (!ip) return fail(Code::invalid, fmt::format("\"{}\" is not an address.", address.host));
  const auto failed = [&](std::string_view step) {
    return fail(Code::unavailable, fmt::format("Cannot listen on {} port {}: {}: {}.", address.host,
                                               address.port, step, std::strerror(errno)));
  };
  const int family = ip->v6() ? AF_INET6 : AF_INET;
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return failed("socket");
  std::unique_ptr<Listener> listener{
      new Listener{descriptor, handler, std::move(tls), options, std::move(threads)}};
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (ip->v6()) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  auto name = name_of(*ip, address.port);
  if (::bind(descriptor, name.get(), name.size) != 0) return failed("bind");
  if (::listen(descriptor, backlog) != 0) return failed("listen");
  listener->address_ = {address.host, bound_port(descriptor)};
  return listener;
}

Listener::Listener(int descriptor, Handler& handler, std::shared_ptr<TlsContexts> tls,
                   const Server::Options& options, std::vector<IoThread*> threads)
    : descriptor_{descriptor},
      handler_{handler},
      contexts_{std::move(tls)},
      tls_{contexts_ ? make_listener_context(*contexts_) : nullptr},
      options_{options},
      threads_{std::move(threads)} {}

Listener::~Listener() { ::close(descriptor_); }

void Listener::start() { asio::co_spawn(threads_.front()->io(), accept_all(), asio::detached); }

void Listener::stop() {
  stopping_ = true;
  // Wakes the accepting task; the descriptor itself stays until it is gone.
  ::shutdown(descriptor_, SHUT_RDWR);
}

Task<void> Listener::accept_all() {
  auto& io = threads_.front()->io();
  asio::posix::stream_descriptor descriptor{io, ::dup(descriptor_)};
  asio::steady_timer pause{io};
  while (!stopping_) {
    bool wait = false;
    while (!stopping_ && accept_one(wait)) {
    }
    if (stopping_) break;
    if (wait) {
      pause.expires_after(exhausted_wait);
      co_await pause.async_wait(awaiting);
    } else {
      co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read, awaiting);
    }
  }
}

bool Listener::accept_one(bool& wait) {
  const int socket = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket >= 0) {
    place(socket);
    return true;
  }
  switch (errno) {
    case EAGAIN:
#if EAGAIN != EWOULDBLOCK
    case EWOULDBLOCK:
#endif
    case EINVAL:  // shut down
      return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      tell_exhausted(std::strerror(errno));
      wait = true;
      return false;
    default:
      return true;  // that connection's own trouble
  }
}

// It is tried again every moment, which need not all be told.
void Listener::tell_exhausted(const char* why) {
  const auto now = std::chrono::steady_clock::now();
  ++exhausted_count_;
  if (now < told_exhausted_ + exhausted_told_every) return;
  log::warn("net: cannot accept connections: {} ({} times since the last line of this)", why,
            std::exchange(exhausted_count_, 0));
  told_exhausted_ = now;
}

void Listener::place(int socket) {
  auto& total = threads_.front()->open_total();
  if (++total > options_.connections_max) {
    --total;
    if (!tls_) {
      static constexpr std::string_view refusal =
          "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
          "content-length: 54\r\nconnection: close\r\nretry-after: 1\r\n\r\n"
          R"({"message":"The server's connection limit is reached"})";
      ::send(socket, refusal.data(), refusal.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      ::shutdown(socket, SHUT_WR);
    }
    ::close(socket);
    return;
  }
  IoThread* least = threads_.front();
  for (auto* thread : threads_) {
    if (thread->load() < least->load()) least = thread;
  }
  least->adopt(socket, handler_, tls_);
}

}  // namespace toolgate::net
