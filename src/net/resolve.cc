#include "net/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace toolgate::net {
namespace {

namespace asio = boost::asio;

Result<std::vector<std::string>> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0) {
    return fail(Code::unavailable, fmt::format("resolve: {}: {}.", host, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{list, &freeaddrinfo};
  std::vector<std::string> addresses;
  for (const auto* at = list; at != nullptr; at = at->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) != 0) {
      continue;
    }
    if (std::ranges::find(addresses, text) == addresses.end()) addresses.emplace_back(text);
  }
  if (addresses.empty()) {
    return fail(Code::unavailable, fmt::format("resolve: {} has no address.", host));
  }
  return addresses;
}

// Shared by the task that waits and the thread that looks up; touched only on the former's.
struct Waiting {
  explicit Waiting(const asio::any_io_executor& executor) : timer{executor} {}
  asio::steady_timer timer;
  std::optional<Result<std::vector<std::string>>> answer;
};

}  // namespace

Task<Result<std::vector<std::string>>> resolve(Offload& offload, std::string host,
                                               Deadline deadline) {
  const auto home = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<Waiting>(home);
  waiting->timer.expires_at(deadline);
  offload.post([home, host, waiting = waiting]() mutable {
    auto answer = look_up(host);
    asio::post(home, [waiting = std::move(waiting), answer = std::move(answer)]() mutable {
      waiting->answer = std::move(answer);
      waiting->timer.cancel();
    });
  });
  co_await waiting->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!waiting->answer) {
    co_return fail(Code::timeout, fmt::format("resolve: {}: no answer in time.", host));
  }
  co_return *std::move(waiting->answer);
}

}  // namespace toolgate::net
