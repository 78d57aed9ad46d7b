// Server and client together, over real sockets on loopback.
#include <atomic>
#include <future>

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
using testing::soon;
using testing::TestLoop;

// Says what it was asked; a few paths behave in their own way.
class EchoHandler final : public Handler {
 public:
  BodyPlan plan(const Request& head) const override {
    const bool streamed = head.path.starts_with("/streamed");
    return {streamed ? BodyPlan::Take::streamed : BodyPlan::Take::buffered, 8 * 1024 * 1024};
  }

  Task<Response> handle(Request& request, Worker& worker) override {
    if (request.path == "/shared") {
      Response response;
      response.body = std::make_shared<const std::string>(3'000'000, 's');
      co_return response;
    }
    if (request.path == "/stream") {
      Response response;
      response.body = Response::Stream{&write_three};
      co_return response;
    }
    if (request.path == "/cut") {
      Response response;
      response.body = Response::Stream{&write_and_fail};
      co_return response;
    }
    if (request.path == "/throw") throw std::runtime_error{"on purpose"};
    if (request.path == "/held") {
      holds = true;
      while (holds) {
        boost::asio::steady_timer timer{worker.io(), 5ms};
        co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      }
    }
    if (request.path == "/moved") {
      Response response;
      response.status = 302;
      response.headers.push_back({"location", "/elsewhere"});
      co_return response;
    }
    if (request.path == "/nothing") co_return Response{204, {}, std::string{}};
    std::string body{request.body};
    if (request.stream != nullptr) {
      while (true) {
        const auto piece = co_await request.stream->read(within(std::chrono::seconds{5}));
        if (!piece) co_return Response::text(400, "text/plain", piece.error().message);
        if (piece->empty()) break;
        body += *piece;
      }
    }
    auto response = Response::text(200, "text/plain", std::move(body));
    response.headers.push_back({"x-asked", std::string{request.method} + " " +
                                               std::string{request.path} + " " +
                                               std::string{request.query}});
    response.headers.push_back({"x-host", std::string{request.host}});
    co_return response;
  }
  std::atomic<bool> holds = false;  // a request, until it is set back

 private:
  static Task<Result<void>> write_three(BodyWriter& writer) {
    for (const std::string_view piece : {"one,", "two,", "three"}) {
      CO_TRY_DO(co_await writer.write(piece));
    }
    co_return Result<void>{};
  }
  static Task<Result<void>> write_and_fail(BodyWriter& writer) {
    CO_TRY_DO(co_await writer.write("half"));
    co_return fail(Code::internal, "on purpose");
  }
};

class RoundTrip : public ::testing::Test {
 protected:
  RoundTrip() : server{{.threads = 2}} {
    port = server.listen({"127.0.0.1", 0}, handler)->port;
    server.run();
  }
  Url url(std::string_view target) const {
    return *Url::parse("http://127.0.0.1:" + std::to_string(port) + std::string{target});
  }
  Result<ClientResponse> ask(std::string_view method, std::string_view target,
                             std::string_view body = {}) {
    const auto to = url(target);
    return loop.send(
        {.method = method, .url = &to, .body = body, .deadline = within(std::chrono::seconds{10})});
  }

  EchoHandler handler;
  Server server;
  std::uint16_t port = 0;
  TestLoop loop;
};

TEST_F(RoundTrip, CarriesMethodTargetHostAndBody) {
  const auto answer = ask("POST", "/a%20b?x=1&y", "hello");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->headers.find("X-Asked"), "POST /a%20b x=1&y");
  EXPECT_EQ(answer->headers.find("x-host"), "127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(answer->headers.find("content-length"), "5");
  EXPECT_TRUE(answer->headers.find("date")->ends_with(" GMT"));
}

TEST_F(RoundTrip, KeepsTheConnectionAndTheAnswersApart) {
  std::vector<ClientResponse> answers;
  for (int i = 0; i < 50; ++i) {
    auto answer = ask("POST", "/", std::to_string(i));
    ASSERT_TRUE(answer) << answer.error().message;
    answers.push_back(*std::move(answer));
  }
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(answers[i].body, std::to_string(i));
}

TEST_F(RoundTrip, CarriesBodiesOfAllSizes) {
  for (const std::size_t size : {0UL, 1UL, 15'000UL, 16'384UL, 17'000UL, 100'000UL, 6'000'000UL}) {
    std::string body(size, 'b');
    if (size > 0) body.back() = 'e';
    for (const auto* target : {"/", "/streamed"}) {
      const auto answer = ask("POST", target, body);
      ASSERT_TRUE(answer) << size << ": " << answer.error().message;
      EXPECT_TRUE(answer->body == body) << target << " " << size;
    }
  }
}

TEST_F(RoundTrip, WritesSharedBodies) {
  const auto answer = ask("GET", "/shared");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, std::string(3'000'000, 's'));
}

TEST_F(RoundTrip, ReadsAStreamAsAWhole) {
  const auto answer = ask("GET", "/stream");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "one,two,three");
  EXPECT_EQ(answer->headers.find("transfer-encoding"), "chunked");
}

TEST_F(RoundTrip, SaysThatAFailedStreamIsCutOff) {
  const auto answer = ask("GET", "/cut");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::upstream);
  EXPECT_EQ(answer.error().name, "read");
}

TEST_F(RoundTrip, AnswersHeadWithoutBody) {
  const auto answer = ask("HEAD", "/shared");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(answer->headers.find("content-length"), "3000000");
  EXPECT_EQ(ask("GET", "/")->status, 200);
}

TEST_F(RoundTrip, SendsNoBodyWith204) {
  const auto answer = ask("GET", "/nothing");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_FALSE(answer->headers.find("content-length"));
}

TEST_F(RoundTrip, DoesNotFollowRedirects) {
  const auto answer = ask("GET", "/moved");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->headers.find("location"), "/elsewhere");
}

TEST_F(RoundTrip, AnswersForAHandlerThatThrows) { EXPECT_EQ(ask("GET", "/throw")->status, 500); }

TEST_F(RoundTrip, RefusesABodyAboveThePlan) {
  const auto answer = ask("POST", "/", std::string(9'000'000, 'x'));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

TEST_F(RoundTrip, GivesUpAtTheDeadline) {
  const auto to = url("/held");
  const auto answer = loop.send({.url = &to, .deadline = within(1s)});
  handler.holds = false;
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::timeout);
  EXPECT_EQ(answer.error().name, "read");
}

TEST_F(RoundTrip, StopsAfterRequestsUnderWay) {
  RawSocket idle{port};
  RawSocket busy{port};
  busy.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(soon([&] { return handler.holds.load(); }));
  // The idle one ends while the busy one is still held.
  auto idle_heard = std::async(std::launch::async, [&] {
    auto heard = idle.receive_all();
    handler.holds = false;
    return heard;
  });
  const auto before = std::chrono::steady_clock::now();
  server.stop(within(40s));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 15s);
  const auto answer = busy.receive_all();
  EXPECT_NE(answer.find("200 OK"), answer.npos) << answer;
  EXPECT_NE(answer.find("connection: close"), answer.npos) << answer;
  EXPECT_EQ(idle_heard.get(), "");
  EXPECT_TRUE(idle.at_end);
}

}  // namespace
}  // namespace toolgate::net
