// The client against servers that are slow, wrong or gone.
#include <atomic>
#include <future>

#include <gtest/gtest.h>

#include "net/address_guard.h"
#include "net/resolve.h"
#include "net/server.h"
#include "net/test_loop.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using testing::RawSocket;
using testing::ScriptedServer;
using testing::soon;
using testing::TestLoop;

Result<ClientResponse> ask(TestLoop& loop, std::string_view text, ClientRequest request = {}) {
  const auto url = Url::parse(text);
  EXPECT_TRUE(url);
  request.url = &*url;
  if (request.deadline == Deadline{}) request.deadline = within(5s);
  return loop.send(request);
}

// Answers every connection's first request with `answer` and closes.
std::function<void(RawSocket&, int)> saying(std::string answer) {
  return [answer = std::move(answer)](RawSocket& socket, int) {
    socket.receive_until("\r\n\r\n");
    socket.send(answer);
  };
}

TEST(Client, SendsWhatItIsGivenAndAddsTheRest) {
  std::promise<std::string> seen;
  ScriptedServer server{[&](RawSocket& socket, int) {
    seen.set_value(socket.receive_until("body!"));
    socket.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  }};
  TestLoop loop;
  const Headers headers{{"x-a", "1"}, {"Host", "evil"}, {"Content-Length", "7"}};
  const auto prepared = PreparedFields::of({{"x-b", "2"}, {"connection", "close"}});
  ASSERT_TRUE(prepared);
  const Header one_more{"date", "now"};
  const auto answer = ask(loop, server.url("/p?q"),
                          {.method = "POST",
                           .prepared = &*prepared,
                           .headers = &headers,
                           .one_more = &one_more,
                           .body = "body!"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(seen.get_future().get(),
            "POST /p?q HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(server.port) +
                "\r\nx-b: 2\r\nx-a: 1\r\ndate: now\r\ncontent-length: 5\r\n\r\nbody!");
}

TEST(Client, GivesAnAnswerThatIsAllThereWithoutAReader) {
  ScriptedServer server{[&](RawSocket& socket, int) {
    socket.receive_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole");
    socket.receive_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nin ");
    socket.send("two");  // a byte too many; the first five are the answer
  }};
  TestLoop loop;
  const auto url = *Url::parse(server.url());
  const ClientRequest request{.url = &url, .deadline = within(10s), .whole_if_here = true};
  auto first = loop.run(loop.client.open(request));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->whole, "whole");
  EXPECT_EQ(first->body, nullptr);
  const auto kept = *std::move(first);
  auto second = loop.run(loop.client.open(request));  // the same connection
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(kept.whole, "whole");  // not overwritten
  if (!second->whole) {
    const auto piece = loop.run(second->body->read(within(10s)));
    ASSERT_TRUE(piece);
    EXPECT_TRUE(std::string_view{"in tw"}.starts_with(*piece));
  }
}

TEST(Client, RefusesToSendWhatBreaksAHead) {
  TestLoop loop;
  ScriptedServer server{saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")};
  for (const Header& bad : {Header{"x", "a\r\nb: c"}, Header{"x y", "a"}, Header{"", "a"},
                            Header{"x\n", "a"}, Header{"x", std::string(1, '\0')}}) {
    const Headers headers{bad};
    const auto answer = ask(loop, server.url(), {.headers = &headers});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::invalid);
    EXPECT_EQ(answer.error().name, "send");
  }
}

TEST(Client, ReadsAllKindsOfBodies) {
  const struct {
    std::string_view answer;
    std::string_view body;
  } table[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
       "hello"},
      {"HTTP/1.1 200 OK\r\n\r\nhello", "hello"},
      {"HTTP/1.0 200 OK\r\n\r\nhello", "hello"},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ""},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
       "hello"},
  };
  for (const auto& row : table) {
    ScriptedServer server{saying(std::string{row.answer})};
    TestLoop loop;
    const auto whole = ask(loop, server.url());
    ASSERT_TRUE(whole) << row.answer << whole.error().message;
    EXPECT_EQ(whole->body, row.body) << row.answer;
    EXPECT_FALSE(whole->headers.find("link"));

    const auto url = *Url::parse(server.url());
    auto stream = loop.run(loop.client.open({.url = &url, .deadline = within(5s)}));
    ASSERT_TRUE(stream) << row.answer << stream.error().message;
    std::string body;
    while (true) {
      const auto piece = loop.run(stream->body->read(within(5s)));
      ASSERT_TRUE(piece) << piece.error().message;
      if (piece->empty()) break;
      body += *piece;
    }
    EXPECT_EQ(body, row.body) << row.answer;
  }
}

TEST(Client, SaysWhatIsWrongWithAnAnswer) {
  const struct {
    std::string answer;
    Code code;
  } table[] = {
      {"", Code::unavailable},
      {"HTTP/1.1 200 O", Code::upstream},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", Code::upstream},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", Code::upstream},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nq", Code::upstream},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", Code::upstream},
      {"HTTP/1.1 200 OK\nContent-Length: 1\n\nx", Code::upstream},
      {"HTTP/1.1 101 Switching\r\n\r\n", Code::upstream},
      {"SSH-2.0-OpenSSH\r\n", Code::upstream},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", Code::upstream},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", Code::too_large},
      {"HTTP/1.1 200 OK\r\n\r\n" + std::string(1'001, 'x'), Code::too_large},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1'001, 'x') +
           "\r\n0\r\n\r\n",
       Code::too_large},
  };
  for (const auto& row : table) {
    ScriptedServer server{saying(row.answer)};
    TestLoop loop;
    const auto answer = ask(loop, server.url(), {.body_bytes_max = 1'000});
    ASSERT_FALSE(answer) << row.answer.substr(0, 80);
    EXPECT_EQ(answer.error().code, row.code) << row.answer.substr(0, 80);
    EXPECT_EQ(answer.error().name, "read") << answer.error().message;
  }
  std::string hundreds;
  for (int i = 0; i < 100; ++i) hundreds += "HTTP/1.1 100 Continue\r\n\r\n";
  ScriptedServer server{saying(hundreds)};
  TestLoop loop;
  EXPECT_EQ(ask(loop, server.url()).error().code, Code::upstream);
}

TEST(Client, GivesStreamedBodiesUpWhenTheyAreCutOffOrLate) {
  ScriptedServer server{[](RawSocket& socket, int) {
    const auto asked = socket.receive_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    if (asked.find("/late") != asked.npos) socket.receive_all();
  }};
  TestLoop loop;
  for (const std::string_view target : {"/cut", "/late"}) {
    const bool late = target == "/late";
    const auto url = *Url::parse(server.url(target));
    auto stream = loop.run(loop.client.open({.url = &url, .deadline = within(5s)}));
    ASSERT_TRUE(stream) << stream.error().message;
    EXPECT_EQ(loop.run(stream->body->read(within(5s))).value(), "one");
    const auto end = loop.run(stream->body->read(late ? within(150ms) : within(5s)));
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, late ? Code::timeout : Code::upstream);
    EXPECT_FALSE(loop.run(stream->body->read(within(5s))));
  }
}

// Serves `per_connection` requests on each connection, without saying that it closes then.
std::function<void(RawSocket&, int)> closing_after(int per_connection, std::atomic<int>& requests) {
  return [per_connection, &requests](RawSocket& socket, int) {
    for (int i = 0; i < per_connection; ++i) {
      const auto asked = socket.receive_until("\r\n\r\n");
      if (asked.empty()) return;
      ++requests;
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  };
}

TEST(Client, DoesNotStumbleOverConnectionsThatWereClosedWhileIdle) {
  std::atomic<int> requests = 0;
  ScriptedServer server{closing_after(1, requests)};
  TestLoop loop;
  for (int i = 0; i < 5; ++i) {
    const auto answer = ask(loop, server.url(), {.method = "POST", .body = "x"});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_TRUE(soon([&] { return server.closed == i + 1; }));
    std::this_thread::sleep_for(20ms);  // the kernel tells the client's end
  }
  EXPECT_EQ(requests, 5);
}

TEST(Client, KeepsConnections) {
  std::atomic<int> connections = 0;
  ScriptedServer server{[&](RawSocket& socket, int) {
    ++connections;
    while (!socket.receive_until("\r\n\r\n").empty() && !socket.at_end) {
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  }};
  {
    TestLoop loop;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(ask(loop, server.url()));
  }
  EXPECT_EQ(connections, 1);
}

TEST(Client, DoesNotKeepAConnectionWithMoreThanTheAnswer) {
  std::atomic<int> connections = 0;
  ScriptedServer server{[&](RawSocket& socket, int) {
    ++connections;
    socket.receive_until("\r\n\r\n");
    socket.send(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"
        "Content-Length: 6\r\n\r\npoison");
  }};
  TestLoop loop;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(loop, server.url())->body, "ok");
  EXPECT_EQ(connections, 3);
}

// The first connection answers ten requests, takes the eleventh and closes without an answer.
TEST(Client, SendsAgainOnlyWhatCannotHaveTakenEffect) {
  for (const auto* method : {"GET", "POST"}) {
    std::atomic<int> requests = 0;
    ScriptedServer server{[&](RawSocket& socket, int connection) {
      for (int i = 0; i < 11; ++i) {
        if (socket.receive_until("\r\n\r\n").empty()) return;
        ++requests;
        if (connection == 0 && i == 10) return;
        socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    }};
    {
      TestLoop loop;
      for (int i = 0; i < 10; ++i) ASSERT_TRUE(ask(loop, server.url(), {.method = method}));
      const auto answer = ask(loop, server.url(), {.method = method});
      if (method == std::string_view{"GET"}) {
        EXPECT_TRUE(answer);
      } else {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, Code::unavailable);
      }
    }
    EXPECT_EQ(requests, method == std::string_view{"GET"} ? 12 : 11);
  }
}

TEST(Client, NeverSendsTwiceOnAFreshConnection) {
  std::atomic<int> connections = 0;
  ScriptedServer server{[&](RawSocket& socket, int) {
    ++connections;
    socket.receive_until("\r\n\r\n");
  }};
  TestLoop loop;
  EXPECT_EQ(ask(loop, server.url()).error().code, Code::unavailable);
  EXPECT_EQ(connections, 1);
}

TEST(Client, ReadsTheRefusalOfABodyThatIsNotTaken) {
  ScriptedServer server{[](RawSocket& socket, int) {
    socket.receive_until("\r\n\r\n");
    socket.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    socket.end_sending();
    socket.receive_all();
  }};
  TestLoop loop;
  const std::string body(5'000'000, 'x');
  const auto answer = ask(loop, server.url(), {.method = "POST", .body = body});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

TEST(Client, NamesTheStepThatFails) {
  TestLoop loop;
  std::uint16_t closed_port = 0;
  {
    closed_port = ScriptedServer{[](RawSocket&, int) {}}.port;
  }
  const auto refused = ask(loop, "http://127.0.0.1:" + std::to_string(closed_port));
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(refused.error().name, "connect");

  ScriptedServer silent{[](RawSocket& socket, int) { socket.receive_all(); }};
  const auto late = ask(loop, silent.url(), {.deadline = within(1s)});
  EXPECT_EQ(late.error().code, Code::timeout);
  EXPECT_EQ(late.error().name, "read");
  const auto tls =
      ask(loop, "https://127.0.0.1:" + std::to_string(silent.port), {.deadline = within(1s)});
  EXPECT_EQ(tls.error().code, Code::timeout);
  EXPECT_EQ(tls.error().name, "TLS");
  EXPECT_EQ(ask(loop, silent.url(), {.deadline = within(-1s)}).error().code, Code::timeout);
}

TEST(Client, AsksTheGuardBeforeItConnects) {
  std::atomic<int> connections = 0;
  ScriptedServer server{[&](RawSocket&, int) { ++connections; }};
  const auto guard = *AddressGuard::make({});
  TestLoop loop{{.guard = &guard}};
  for (const auto* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"}) {
    const auto answer =
        ask(loop, "http://" + std::string{host} + ":" + std::to_string(server.port));
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().code, Code::denied) << host;
  }
  EXPECT_EQ(connections, 0);
}

TEST(Client, ConnectsWhereTheSettingsSayInstead) {
  ScriptedServer server{[](RawSocket& socket, int) {
    const auto asked = socket.receive_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\n\r\n" + asked);
  }};
  const auto guard = *AddressGuard::make(
      {.allow_loopback = true,
       .resolve = {{"idp.example:80", "127.0.0.1:" + std::to_string(server.port)}}});
  TestLoop loop{{.guard = &guard}};
  const auto answer = ask(loop, "http://idp.example/x");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->body.find("host: idp.example\r\n"), std::string::npos) << answer->body;
}

TEST(Client, ResolvesNamesAwayFromItsThread) {
  ScriptedServer server{saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")};
  TestLoop loop;
  const auto answer = ask(loop, "http://localhost:" + std::to_string(server.port));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(ask(loop, "http://no-offload.invalid/").error().name, "resolve");

  Offload offload{1};
  TestLoop resolving{{.offload = &offload}};
  // A label of 64 bytes cannot exist: no name server is asked.
  const auto unknown = ask(resolving, "http://" + std::string(64, 'a') + ".invalid/");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::unavailable);
  EXPECT_EQ(unknown.error().name, "resolve") << unknown.error().message;
  const auto known = resolving.run(resolve(offload, "localhost", within(5s)));
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_TRUE(is_loopback(known->front()));
}

TEST(Client, AnswersOutliveTheClientAndTheConnection) {
  ScriptedServer server{saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok")};
  std::optional<ClientResponse> answer;
  {
    TestLoop loop;
    answer = *ask(loop, server.url());
  }
  EXPECT_EQ(answer->body, "ok");
  EXPECT_EQ(answer->headers.find("x-a"), "b");
}

}  // namespace
}  // namespace toolgate::net
