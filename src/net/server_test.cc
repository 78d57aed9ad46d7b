// The server against clients that are slow, wrong or gone.
#include "net/server.h"

#include <atomic>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/offload.h"
#include "net/test_loop.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using testing::RawSocket;
using testing::soon;

class Plain final : public Handler {
 public:
  BodyPlan plan(const Request& head) const override {
    const auto take =
        head.path == "/streamed" ? BodyPlan::Take::streamed : BodyPlan::Take::buffered;
    return {take, head.path == "/long" ? 10'000'000UL : 100UL};
  }
  Task<Response> handle(Request& request, Worker& worker) override {
    if (request.path == "/unread") co_return Response::text(200, "text/plain", "unread");
    if (request.path == "/streamed") {
      std::size_t bytes = 0;
      while (true) {
        const auto piece = co_await request.stream->read(within(5s));
        if (!piece) {
          const bool large = piece.error().code == Code::too_large;
          co_return Response::text(large ? 413 : 400, "text/plain", piece.error().message);
        }
        if (piece->empty()) break;
        bytes += piece->size();
      }
      co_return Response::text(200, "text/plain", "streamed " + std::to_string(bytes));
    }
    if (request.path == "/wait") {
      ++begun;
      boost::asio::steady_timer timer{worker.io(), 100ms};
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      ++finished;
    }
    if (request.path == "/endless") {
      Response response;
      response.body = Response::Stream{[this](BodyWriter& writer) { return endless(writer); }};
      co_return response;
    }
    if (request.path == "/broken") {
      auto response = Response::text(200, "text/plain", "x");
      response.headers.push_back({"x-bad", "a\r\nset-cookie: b"});
      response.headers.push_back({"content-length", "99"});
      response.headers.push_back({"bad name", "c"});
      co_return response;
    }
    if (request.path == "/padded") {
      // Readable, or the address sanitizer says so.
      const char* end = request.body.data() + request.body.size();
      unsigned sum = 0;
      for (std::size_t i = 0; i < limits::json_padding_bytes; ++i) sum += end[i] == '!';
      co_return Response::text(sum > 64 ? 500 : 200, "text/plain", "");
    }
    co_return Response::text(200, "text/plain",
                             std::string{request.host} + " " + std::string{request.body});
  }
  std::atomic<int> begun = 0;
  std::atomic<int> finished = 0;
  std::atomic<int> ended = 0;

 private:
  Task<Result<void>> endless(BodyWriter& writer) {
    const std::string piece(60'000, 'e');
    while (true) {
      const auto written = co_await writer.write(piece);
      if (!written) {
        ++ended;
        co_return written;
      }
    }
  }
};

class ServerTest : public ::testing::Test {
 protected:
  explicit ServerTest(Server::Options options = {.threads = 1}) : server{options} {
    port = server.listen({"127.0.0.1", 0}, handler)->port;
    server.run();
  }
  // All that comes back for `text`, until the server closes or is silent.
  std::string talk(std::string_view text) const {
    RawSocket socket{port};
    socket.send(text);
    socket.end_sending();
    return socket.receive_all();
  }
  static int status_of(std::string_view answer) {
    return answer.size() < 12 ? 0 : std::atoi(std::string{answer.substr(9, 3)}.c_str());
  }
  static std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
    return n;
  }

  Plain handler;
  Server server;
  std::uint16_t port = 0;
};

TEST_F(ServerTest, RefusesWithAReasonAndCloses) {
  const struct {
    std::string text;
    int status;
  } table[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: x\n\n", 400},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
      {"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 405},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x'), 413},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" +
           std::string(101, 'x') + "\r\n0\r\n\r\n",
       413},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n", 400},
      {"POST /streamed HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n", 400},
      {"POST /streamed HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", 413},
      {"GET /" + std::string(17'000, 'a') + " HTTP/1.1\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(33'000, 'a'), 431},
      {"GET / HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n", 417},
  };
  for (const auto& row : table) {
    const auto answer = talk(row.text);
    EXPECT_EQ(status_of(answer), row.status) << row.text.substr(0, 100) << "\n" << answer;
    EXPECT_EQ(count(answer, "content-length: "), 1) << answer;
    EXPECT_EQ(count(answer, "connection: close\r\n"), 1) << answer;
    if (!row.text.starts_with("POST /streamed HTTP/1.1\r\nHost: x\r\nTransfer")) {
      EXPECT_EQ(count(answer, "{\"message\":\""), 1) << answer;
    }
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  const auto answer = talk(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"
      "POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n"
      "POST /streamed HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n3\r\n0\r\n\r\n"
      "POST /streamed HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n44"
      "GET / HTTP/1.1\r\nHost: e\r\n\r\n");
  EXPECT_EQ(count(answer, "HTTP/1.1 200 OK"), 5) << answer;
  std::size_t last = 0;
  for (const auto* part : {"a 1", "b 2", "streamed 1", "streamed 2", "e "}) {
    const auto at = answer.find(part, last);
    ASSERT_NE(at, answer.npos) << part << "\n" << answer;
    last = at;
  }
}

// RFC 9110 §4.2.3.
TEST_F(ServerTest, TheCaseOfAHostMeansNothing) {
  EXPECT_TRUE(talk("GET / HTTP/1.1\r\nHost: LocalHost:80\r\n\r\n").contains("localhost:80 "));
  EXPECT_TRUE(talk("GET http://A.b/ HTTP/1.1\r\nHost: c\r\n\r\n").contains("a.b "));
}

TEST_F(ServerTest, ClosesWhenAStreamedBodyIsLeftUnread) {
  const auto answer = talk(
      "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n"
      "GET / HTTP/1.1\r\nHost: b\r\n\r\n0123456789012345678901234");
  EXPECT_EQ(count(answer, "HTTP/1.1 200 OK"), 1) << answer;
}

TEST_F(ServerTest, TellsAWaitingClientToContinue) {
  for (const auto* path : {"/", "/streamed"}) {
    RawSocket socket{port};
    socket.send("POST " + std::string{path} +
                " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(socket.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("abc");
    EXPECT_EQ(status_of(socket.receive_until("\r\n\r\n")), 200);
  }
  RawSocket socket{port};
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(socket.receive_all()), 413);
}

TEST_F(ServerTest, SpeaksHttp10) {
  const auto once = talk("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(count(once, "HTTP/1.1 200"), 1) << once;
  EXPECT_NE(once.find("127.0.0.1:" + std::to_string(port)), once.npos) << once;
  const auto twice = talk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(count(twice, "HTTP/1.1 200"), 2) << twice;
  EXPECT_EQ(count(twice, "connection: keep-alive"), 1) << twice;
}

TEST_F(ServerTest, KeepsHandlersFromSplittingAnswers) {
  const auto answer = talk("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(answer.find("x-bad: a  set-cookie: b\r\n"), answer.npos) << answer;
  EXPECT_EQ(count(answer, "content-length:"), 1) << answer;
  EXPECT_EQ(answer.find("bad name"), answer.npos) << answer;
}

TEST_F(ServerTest, GivesPaddingBehindEveryBody) {
  for (const std::size_t size : {0UL, 1UL, 100UL}) {
    EXPECT_EQ(status_of(talk("POST /padded HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                             std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'))),
              200);
  }
}

TEST_F(ServerTest, TakesARequestByteByByte) {
  RawSocket socket{port};
  for (const char c :
       std::string_view{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"}) {
    socket.send({&c, 1});
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(status_of(socket.receive_until("ok")), 200);
}

TEST_F(ServerTest, LetsHandlersEndWhenTheClientHasGone) {
  {
    RawSocket socket{port};
    socket.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(soon([&] { return handler.begun == 1; }));
  }
  {
    RawSocket socket{port};
    socket.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.receive_until("eee");
  }
  EXPECT_TRUE(soon([&] { return handler.finished > 0 && handler.ended > 0; }));
  EXPECT_EQ(handler.finished, 1);
  EXPECT_EQ(handler.ended, 1);
}

TEST_F(ServerTest, SaysThatAnAddressIsInUse) {
  const auto second = server.listen({"127.0.0.1", port}, handler);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_NE(second.error().message.find(std::to_string(port)), std::string::npos);
}

TEST_F(ServerTest, RefusesConnectionsOnceStopped) {
  server.stop(within(1s));
  RawSocket late{port};
  EXPECT_TRUE(!late.connected || late.receive_all().empty());
}

class ImpatientServer : public ServerTest {
 protected:
  explicit ImpatientServer(std::chrono::milliseconds idle = 60s)
      : ServerTest{{.threads = 1,
                    .connections_max = 3,
                    .head_timeout = 200ms,
                    .body_timeout = 200ms,
                    .idle_timeout = idle}} {}
  // How long until the server closes.
  std::chrono::steady_clock::duration lasts(std::string_view text) const {
    const auto begin = std::chrono::steady_clock::now();
    RawSocket socket{port};
    socket.send(text);
    socket.receive_all();
    EXPECT_TRUE(socket.at_end) << text;
    return std::chrono::steady_clock::now() - begin;
  }
};

TEST_F(ImpatientServer, DropsClientsThatDoNotGoOn) {
  EXPECT_LT(lasts("GET / HT"), 10s);
  EXPECT_LT(lasts("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"), 10s);
  EXPECT_LT(lasts("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"), 10s);
  EXPECT_LT(lasts("POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nab"), 10s);
}

struct ImpatientServerWhenIdle : ImpatientServer {
  ImpatientServerWhenIdle() : ImpatientServer{2s} {}
};
TEST_F(ImpatientServerWhenIdle, DropsClientsLaterThanInAHead) { EXPECT_GT(lasts(""), 1'900ms); }

TEST_F(ImpatientServer, DropsAHeadThatDripsIn) {
  RawSocket socket{port};
  const auto begin = std::chrono::steady_clock::now();
  while (socket.send("G") && std::chrono::steady_clock::now() - begin < 20s) {
    std::this_thread::sleep_for(30ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST_F(ImpatientServer, DropsAClientThatTakesNoAnswer) {
  RawSocket socket{port};
  socket.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(soon([&] { return handler.ended == 1; }));
}

TEST_F(ImpatientServer, RefusesConnectionsAboveItsLimit) {
  RawSocket first{port};
  RawSocket second{port};
  RawSocket third{port};
  RawSocket fourth{port};
  const auto answer = fourth.receive_all();
  EXPECT_EQ(status_of(answer), 503) << answer;
  EXPECT_TRUE(
      answer.ends_with("\r\n\r\n{\"message\":\"The server's connection limit is reached\"}"));
  EXPECT_EQ(count(answer, "content-length: 54\r\n"), 1);
  first.close();
  EXPECT_TRUE(soon([&] { return status_of(talk("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == 200; }));
}

TEST(ServerThreads, ShareConnectionsEvenly) {
  class Where final : public Handler {
   public:
    BodyPlan plan(const Request&) const override { return {}; }
    Task<Response> handle(Request&, Worker& worker) override {
      co_return Response::text(200, "text/plain", "thread " + std::to_string(worker.index()));
    }
  } where;
  Server server{{.threads = 4}};
  const auto port = server.listen({"127.0.0.1", 0}, where)->port;
  server.run();
  std::vector<std::unique_ptr<RawSocket>> sockets;
  std::map<std::string, int> counts;
  for (int i = 0; i < 32; ++i) {
    sockets.push_back(std::make_unique<RawSocket>(port));
    sockets.back()->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = sockets.back()->receive_until("thread ");
    ++counts[answer.substr(answer.size() - 1)];
  }
  EXPECT_EQ(counts.size(), 4);
  for (const auto& [thread, n] : counts) EXPECT_EQ(n, 8) << thread;
}

TEST(ServerStop, FinishesTheWorkThatItsTasksWaitFor) {
  struct Tells {
    bool& told;
    ~Tells() { told = true; }
  };
  Offload offload{1};
  bool worked = false;
  bool destroyed = false;
  Server server{{.threads = 1}};
  std::atomic<bool> begun = false;
  const auto work = [&] {
    begun = true;
    std::this_thread::sleep_for(50ms);
    return worked = true;
  };
  const auto wait = [](Offload& pool, auto job, bool& told) -> Task<void> {
    const Tells tells{told};
    (void)co_await pool.run(job);
  };
  server.run();
  boost::asio::co_spawn(server.workers()[0]->io(), wait(offload, work, destroyed),
                        boost::asio::detached);
  while (!begun) std::this_thread::yield();
  server.stop(Deadline::min(), &offload);
  EXPECT_TRUE(worked);
  EXPECT_TRUE(destroyed);
}

}  // namespace
}  // namespace toolgate::net
