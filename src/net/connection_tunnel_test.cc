// Tunnels through a running server: bytes both ways, silence, and the server's end.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "net/address_guard.h"
#include "net/issued_contexts.h"
#include "net/server.h"
#include "net/test_loop.h"
#include "net/tunnels.h"

namespace toolgate::net {
namespace {

using namespace std::chrono_literals;
using testing::RawSocket;
using testing::ScriptedServer;

class Nothing final : public Handler {
 public:
  explicit Nothing(Tunnels& tunnels) : tunnels_{tunnels} {}
  BodyPlan plan(const Request&) const override { return {}; }
  Task<Response> handle(Request&, Worker&) override {
    co_return Response::text(200, "text/plain", "served");
  }
  Tunnels* tunnels() override { return &tunnels_; }

 private:
  Tunnels& tunnels_;
};

// Leads "far.test" to `far`.
class Through {
 public:
  explicit Through(std::uint16_t far, std::chrono::milliseconds idle = 10s)
      : guard{*AddressGuard::make(
            {.allow_loopback = true,
             .resolve = {{"far.test:443", "127.0.0.1:" + std::to_string(far)}}})},
        tunnels{{.secret = "secret",
                 .ends_here = [](std::string_view) { return false; },
                 .guard = &guard,
                 .idle_timeout = idle}},
        handler{tunnels} {
    port = server.listen({"127.0.0.1", 0}, handler)->port;
    server.run();
  }
  static std::string head(const std::string& target) {
    return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target +
           "\r\nProxy-Authorization: Basic " + crypto::base64("toolgate:secret") + "\r\n\r\n";
  }

  AddressGuard guard;
  Tunnels tunnels;
  Nothing handler;
  Server server{{.threads = 1}};
  std::uint16_t port = 0;
};

constexpr std::string_view head_end = "\r\n\r\n";

TEST(Tunnel, PassesBytesOnBothWaysAndEachWaysEnd) {
  ScriptedServer far{[](RawSocket& socket, int) {
    auto all = socket.receive_all();
    socket.send(std::string{all.rbegin(), all.rend()});
  }};
  Through through{far.port};
  RawSocket socket{through.port};
  std::string data(300'000, 'a');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>('a' + i % 26);
  // The first bytes come together with the head.
  ASSERT_TRUE(socket.send(Through::head("far.test:443") + data.substr(0, 100)));
  EXPECT_TRUE(socket.receive_until(head_end).starts_with("HTTP/1.1 200 "));
  ASSERT_TRUE(socket.send(data.substr(100)));
  socket.end_sending();
  EXPECT_EQ(socket.receive_all(), (std::string{data.rbegin(), data.rend()}));
  EXPECT_TRUE(socket.at_end);
}

TEST(Tunnel, EndsAfterSilence) {
  ScriptedServer far{[](RawSocket& socket, int) { socket.receive_all(); }};
  Through through{far.port, 200ms};
  RawSocket socket{through.port};
  ASSERT_TRUE(socket.send(Through::head("far.test:443")));
  socket.receive_until(head_end);
  EXPECT_EQ(socket.receive_all(), "");
  EXPECT_TRUE(socket.at_end);
}

TEST(Tunnel, DoesNotHoldUpTheServersEnd) {
  ScriptedServer far{[](RawSocket& socket, int) { socket.receive_all(); }};
  Through through{far.port};
  RawSocket socket{through.port};
  ASSERT_TRUE(socket.send(Through::head("far.test:443")));
  socket.receive_until(head_end);
  const auto begun = std::chrono::steady_clock::now();
  through.server.stop(within(10s));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  EXPECT_EQ(socket.receive_all(), "");
  EXPECT_TRUE(socket.at_end);
}

TEST(Tunnel, IsDestroyedWithTheServerWhileItWaits) {
  ScriptedServer far{[](RawSocket& socket, int) { socket.receive_all(); }};
  Through through{far.port};
  RawSocket socket{through.port};
  ASSERT_TRUE(socket.send(Through::head("far.test:443")));
  socket.receive_until(head_end);
  through.server.stop(Deadline::min());
  EXPECT_EQ(socket.receive_all(), "");
}

TEST(Tunnel, IsRefusedWithTheReason) {
  Through through{1};
  RawSocket closed{through.port};
  ASSERT_TRUE(closed.send(Through::head("far.test:443")));
  const auto said = closed.receive_all();
  EXPECT_TRUE(said.starts_with("HTTP/1.1 502 ")) << said;
  EXPECT_NE(said.find("far.test"), std::string::npos);
  RawSocket port{through.port};
  ASSERT_TRUE(port.send(Through::head("far.test:80")));
  EXPECT_TRUE(port.receive_all().starts_with("HTTP/1.1 403 "));
}

}  // namespace
}  // namespace toolgate::net
