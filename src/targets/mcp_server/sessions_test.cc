#include "targets/mcp_server/sessions.h"

#include <boost/asio/steady_timer.hpp>

#include "base/steps.h"
#include "targets/mcp_server/mcp_server.h"
#include "targets/mcp_server/test_peer.h"

namespace toolgate::targets::mcp_server {
namespace {

using namespace std::chrono_literals;
using testing::Asked;
using testing::http;
using testing::NoEvents;
using testing::Peer;
using testing::result;

// The peer serves one connection after the other.
const std::string close = "connection: close\r\n";

// A server that gives each client a session of its own: "s1", "s2", …
class SessionPeer {
 public:
  SessionPeer()
      : peer{[this](const Asked& asked) {
          if (asked.head.starts_with("DELETE ")) {
            return http(405, "", "text/plain", close);
          }
          if (asked.method() == "initialize") {
            return http(200, result(asked, testing::greeting), "application/json",
                        close + "mcp-session-id: s" + std::to_string(++sessions) + "\r\n");
          }
          if (asked.id().empty()) return http(202, "", "text/plain", close);
          return http(200, result(asked, R"({"tools":[]})"), "application/json", close);
        }} {
    auto configuration = json::parse(R"({"mcp":{"mcpServer":{"endpoint":")" + peer.url() + "\"}}}");
    target = open({.id = "g/t", .name = "t", .configuration = *std::move(configuration)}).value();
  }
  // The ids of the sessions that were ended, in order.
  [[nodiscard]] std::string ended() const {
    std::string ids;
    for (const auto& asked : peer.seen()) {
      if (!asked.head.starts_with("DELETE /mcp HTTP/1.1\r\n")) continue;
      EXPECT_TRUE(asked.has("mcp-protocol-version: 2025-06-18")) << asked.head;
      EXPECT_TRUE(asked.has("authorization: Bearer t")) << asked.head;
      for (int i = 1; i <= sessions; ++i) {
        if (asked.has("mcp-session-id: s" + std::to_string(i))) ids += std::to_string(i);
      }
    }
    return ids;
  }

  std::atomic<int> sessions = 0;
  Peer peer;
  std::unique_ptr<const Target> target;
};

class Caller {
 public:
  bool call(const Target& target) {
    const auto outcome = loop.run(target.call({.tool = "get",
                                               .arguments = "{}",
                                               .meta = {},
                                               .credential = credential,
                                               .deadline = within(10s)},
                                              loop.worker, events));
    return outcome.has_value();
  }
  bool discover(const Target& target, Steps* steps = nullptr) {
    return loop
        .run(target.discover(
            {credential, net::Credential{}, loop.worker, within(10s), nullptr, steps}))
        .has_value();
  }
  // Gives what goes on in the background its time.
  void pause() { loop.run(wait()); }
  // Until a session was ended, and a moment more for one that must not be.
  void wait_for_end(const SessionPeer& server) {
    EXPECT_TRUE(net::testing::run_until(loop.io, [&] { return !server.ended().empty(); }));
    pause();
  }
  Sessions& sessions() { return loop.worker.local<Sessions>(); }

  net::Credential credential{.show = net::HeaderCredential{"authorization", "Bearer t"},
                             .key = "k"};
  NoEvents events;
  net::testing::TestLoop loop;

 private:
  Task<bool> wait() {
    boost::asio::steady_timer timer{loop.io, 200ms};
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return true;
  }
};

TEST(Sessions, AreEndedWhenAnotherTakesTheirPlace) {
  SessionPeer server;
  Caller caller;
  EXPECT_TRUE(caller.call(*server.target));
  EXPECT_TRUE(caller.discover(*server.target));  // a synchronisation opens a new one
  caller.wait_for_end(server);
  EXPECT_EQ(server.ended(), "1");
  EXPECT_TRUE(caller.call(*server.target));
  EXPECT_EQ(server.sessions, 2);
}

TEST(Sessions, OfATrialAreEndedWithIt) {
  SessionPeer server;
  Caller caller;
  Steps steps;
  EXPECT_TRUE(caller.discover(*server.target, &steps));
  caller.wait_for_end(server);
  EXPECT_EQ(server.ended(), "1");
}

TEST(Sessions, AreEndedWhenNobodyUsesThem) {
  SessionPeer server;
  Caller caller;
  EXPECT_TRUE(caller.call(*server.target));
  EXPECT_EQ(caller.sessions().sweep(), 1);
  EXPECT_TRUE(caller.call(*server.target));
  EXPECT_EQ(caller.sessions().sweep(), 1);  // it was used in between
  EXPECT_EQ(caller.sessions().sweep(), 0);
  caller.wait_for_end(server);
  EXPECT_EQ(server.ended(), "1");
  EXPECT_TRUE(caller.call(*server.target));
  EXPECT_EQ(server.sessions, 2);
}

TEST(Sessions, ThatTheServerHasForgottenAreNotEnded) {
  SessionPeer server;
  Caller caller;
  EXPECT_TRUE(caller.call(*server.target));
  const std::string place = "g/t\n" + server.peer.url();
  caller.sessions().drop({place, "k"}, "s1");
  caller.pause();
  EXPECT_EQ(server.ended(), "");
  EXPECT_TRUE(caller.call(*server.target));
  EXPECT_EQ(server.sessions, 2);
}

TEST(Sessions, WithoutAnIdAreKept) {
  Peer peer{Peer::polite([](const Asked& asked) { return http(200, result(asked, "{}")); })};
  auto configuration = json::parse(R"({"mcp":{"mcpServer":{"endpoint":")" + peer.url() + "\"}}}");
  const auto target =
      open({.id = "g/t", .name = "t", .configuration = *std::move(configuration)}).value();
  Caller caller;
  EXPECT_TRUE(caller.call(*target));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(caller.sessions().sweep(), 0);
  EXPECT_TRUE(caller.call(*target));
  EXPECT_EQ(peer.count("initialize"), 1);
}

}  // namespace
}  // namespace toolgate::targets::mcp_server
