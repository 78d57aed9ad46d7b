#include "net/relay.h"

#include <array>
#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace toolgate::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t piece_bytes = 16 * 1024;

struct Relay {
  Relay(asio::io_context& io, std::function<void()> on_move)
      : moved{std::move(on_move)}, both{io} {}
  const std::function<void()> moved;
  asio::steady_timer both;
  int running = 2;
};

Task<void> pump(std::shared_ptr<Relay> relay, Channel& from, Channel& to) {
  const auto buffer = std::make_unique<std::array<char, piece_bytes>>();
  ErrorCode error;
  while (!error) {
    relay->moved();
    const auto [failure, bytes] = co_await from.read_some(buffer->data(), buffer->size());
    error = failure;
    if (error) break;
    relay->moved();
    Pieces pieces{std::string_view{buffer->data(), bytes}};
    error = co_await to.write(pieces);
  }
  if (error == asio::error::eof) {
    to.end_sending();  // the other direction may go on
  } else {
    from.close();
    to.close();
  }
  --relay->running;
  relay->both.cancel();
}

}  // namespace

Task<void> relay(asio::io_context& io, Channel& left, Channel& right, std::function<void()> moved) {
  const auto shared = std::make_shared<Relay>(io, std::move(moved));
  asio::co_spawn(io, pump(shared, right, left), asio::detached);
  co_await pump(shared, left, right);
  while (shared->running > 0) {
    shared->both.expires_at(Deadline::max());
    co_await shared->both.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace toolgate::net
