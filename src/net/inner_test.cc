#include "net/inner.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "net/test_loop.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using testing::TestLoop;

// Everything under ".inner" is ours.
class Inside final : public InnerNet {
 public:
  bool owns(std::string_view host, std::uint16_t port) const override {
    return host.ends_with(".inner") && port != 81;
  }
  Task<Response> answer(Request& request, Worker&) override {
    ++asked;
    last_hops = request.peer.hops;
    last_tls = request.peer.tls;
    if (request.path == "/shared") {
      Response response;
      response.body = std::make_shared<const std::string>("shared");
      co_return response;
    }
    if (request.path == "/stream" || request.path == "/cut") {
      const bool cut = request.path == "/cut";
      Response response;
      response.headers.push_back({"content-type", "text/event-stream"});
      response.body = Response::Stream{[this, cut](BodyWriter& out) { return write(out, cut); }};
      co_return response;
    }
    auto response =
        Response::text(201, "text/plain",
                       std::string{request.method} + " " + std::string{request.host} + " " +
                           std::string{request.path} + " " + std::string{request.query} + " " +
                           std::string{request.body});
    for (const auto& field : request.headers) {
      response.headers.push_back({"got-" + std::string{field.name}, std::string{field.value}});
    }
    co_return response;
  }
  int asked = 0;
  int last_hops = 0;
  bool last_tls = false;
  int writes_failed = 0;

 private:
  Task<Result<void>> write(BodyWriter& out, bool cut) {
    for (const std::string_view piece : {"one", "two", "three"}) {
      boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, 10ms};
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      const auto written = co_await out.write(piece);
      if (!written) {
        ++writes_failed;
        co_return written;
      }
      if (cut) co_return fail(Code::internal, "on purpose");
    }
    co_return Result<void>{};
  }
};

class InnerNetTest : public ::testing::Test {
 protected:
  Result<ClientResponse> ask(std::string_view text, ClientRequest request = {}) {
    const auto url = *Url::parse(text);
    request.url = &url;
    request.deadline = within(5s);
    return loop.send(request);
  }
  Result<ClientStream> open(std::string_view text) {
    const auto url = *Url::parse(text);
    return loop.run(loop.client.open({.url = &url, .deadline = within(5s)}));
  }
  Inside inside;
  TestLoop loop{{.inner = &inside}};
};

TEST_F(InnerNetTest, AnswersInProcessAsTheDoorWould) {
  const Headers headers{{"X-A", " 1 "}, {"Host", "evil"}};
  const auto answer = ask("https://a.inner/p?q",
                          {.method = "POST", .headers = &headers, .body = "body", .hops = 2});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "POST a.inner /p q body");
  EXPECT_EQ(answer->headers.find("got-x-a"), "1");
  EXPECT_EQ(answer->headers.find("got-host"), "a.inner");
  EXPECT_EQ(answer->headers.find("got-content-length"), "4");
  EXPECT_EQ(inside.last_hops, 3);
  EXPECT_TRUE(inside.last_tls);
  EXPECT_EQ(ask("http://a.inner/shared")->body, "shared");
}

TEST_F(InnerNetTest, LeavesOtherNamesAlone) {
  EXPECT_FALSE(ask("http://a.inner:81/"));
  EXPECT_EQ(inside.asked, 0);
}

TEST_F(InnerNetTest, EndsLoops) {
  EXPECT_EQ(ask("http://a.inner/", {.hops = limits::inner_hops_max - 1})->status, 201);
  EXPECT_EQ(ask("http://a.inner/", {.hops = limits::inner_hops_max})->status, 508);
  EXPECT_EQ(inside.asked, 1);
}

TEST_F(InnerNetTest, GathersStreams) {
  EXPECT_EQ(ask("http://a.inner/stream")->body, "onetwothree");
  const auto large = ask("http://a.inner/stream", {.body_bytes_max = 10});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::too_large);
  EXPECT_EQ(inside.writes_failed, 1);  // the writer is stopped there
  EXPECT_EQ(ask("http://a.inner/cut").error().code, Code::upstream);
}

TEST_F(InnerNetTest, PassesStreamsOnByPieces) {
  auto stream = open("http://a.inner/stream");
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->headers.find("content-type"), "text/event-stream");
  for (const auto* piece : {"one", "two", "three", ""}) {
    EXPECT_EQ(loop.run(stream->body->read(within(5s))).value(), piece);
  }
  auto cut = open("http://a.inner/cut");
  EXPECT_EQ(loop.run(cut->body->read(within(5s))).value(), "one");
  EXPECT_EQ(loop.run(cut->body->read(within(5s))).error().code, Code::upstream);
}

TEST_F(InnerNetTest, GivesWholeBodiesToStreamReadersToo) {
  auto stream = open("http://a.inner/shared");
  EXPECT_EQ(loop.run(stream->body->read(within(5s))).value(), "shared");
  EXPECT_EQ(loop.run(stream->body->read(within(5s))).value(), "");
}

TEST_F(InnerNetTest, StopsAWriterWhoseReaderHasGone) {
  auto stream = open("http://a.inner/stream");
  EXPECT_EQ(loop.run(stream->body->read(within(5s))).value(), "one");
  EXPECT_EQ(loop.run(stream->body->read(within(-1s))).error().code, Code::timeout);
  stream->body.reset();
  loop.io.restart();
  loop.io.run();
  EXPECT_EQ(inside.writes_failed, 1);
}

}  // namespace
}  // namespace toolgate::net
