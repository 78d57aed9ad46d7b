// Exchanges that nobody waits for any more.
#include <atomic>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "net/server.h"
#include "net/test_loop.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using testing::RawSocket;
using testing::ScriptedServer;
using testing::TestLoop;

class GoneAfter final : public Caller {
 public:
  explicit GoneAfter(std::chrono::milliseconds time)
      : at_{std::chrono::steady_clock::now() + time} {}
  [[nodiscard]] bool gone() const override { return std::chrono::steady_clock::now() >= at_; }

 private:
  const std::chrono::steady_clock::time_point at_;
};

TEST(Caller, EndsTheExchangeWhenItHasGone) {
  ScriptedServer server{[](RawSocket& socket, int) {
    socket.receive_until("\r\n\r\n");
    // Nothing: until the client closes.
    while (!socket.at_end) socket.receive_all();
  }};
  TestLoop loop;
  const auto url = *Url::parse(server.url());
  const std::shared_ptr<const Caller> caller = std::make_shared<GoneAfter>(100ms);
  const auto began = std::chrono::steady_clock::now();
  const auto answer = loop.send({.url = &url, .deadline = within(60s), .caller = &caller});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::cancelled) << answer.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

TEST(Caller, ThatStaysLeavesTheDeadlineInForce) {
  ScriptedServer server{[](RawSocket& socket, int) {
    socket.receive_until("\r\n\r\n");
    while (!socket.at_end) socket.receive_all();
  }};
  TestLoop loop;
  const auto url = *Url::parse(server.url());
  const std::shared_ptr<const Caller> caller = std::make_shared<GoneAfter>(1h);
  const auto answer = loop.send({.url = &url, .deadline = within(1500ms), .caller = &caller});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::timeout) << answer.error().message;
}

Task<Result<void>> read_all(Client& client, const ClientRequest& request) {
  CO_TRY(auto stream, co_await client.open(request));
  for (;;) {
    CO_TRY(const std::string_view piece, co_await stream.body->read(request.deadline));
    if (piece.empty()) co_return Result<void>{};
  }
}

TEST(Caller, EndsAnAnswerWhosePiecesNeverEnd) {
  ScriptedServer server{[](RawSocket& socket, int) {
    socket.receive_until("\r\n\r\n");
    bool open = socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100 && open; ++i) {
      std::this_thread::sleep_for(100ms);
      open = socket.send("1\r\nx\r\n");
    }
  }};
  TestLoop loop;
  const auto url = *Url::parse(server.url());
  const std::shared_ptr<const Caller> caller = std::make_shared<GoneAfter>(300ms);
  const ClientRequest request{.url = &url, .deadline = within(60s), .caller = &caller};
  const auto began = std::chrono::steady_clock::now();
  const auto read = loop.run(read_all(loop.client, request));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::cancelled) << read.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - began, 8s);
}

// Answers once its client has gone; says so in `seen`.
class Patient final : public Handler {
 public:
  BodyPlan plan(const Request&) const override { return {BodyPlan::Take::buffered, 100}; }
  Task<Response> handle(Request& request, Worker& worker) override {
    here = request.caller && !request.caller->gone();
    boost::asio::steady_timer timer{worker.io()};
    for (int i = 0; i < 500 && !request.caller->gone(); ++i) {
      timer.expires_after(10ms);
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    seen = request.caller->gone();
    co_return Response::text(200, "text/plain", "late");
  }
  std::atomic<bool> here = false;
  std::atomic<bool> seen = false;
};

TEST(Caller, IsTheClientOfTheConnection) {
  Patient handler;
  Server server{{.threads = 1}};
  const auto bound = server.listen({"127.0.0.1", 0}, handler);
  ASSERT_TRUE(bound);
  server.run();
  {
    RawSocket client{bound->port};
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 500 && !handler.here; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(handler.here);
    EXPECT_FALSE(handler.seen);
  }
  for (int i = 0; i < 500 && !handler.seen; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(handler.seen);
  server.stop(within(5s));
}

}  // namespace
}  // namespace toolgate::net
