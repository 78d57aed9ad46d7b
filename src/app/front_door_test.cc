#include "app/front_door.h"

#include <gtest/gtest.h>

#include "net/test_loop.h"

namespace toolgate::app {
namespace {

class Door : public ::testing::Test {
 protected:
  explicit Door(std::vector<std::string> origins = {}, std::string own = "127.0.0.1")
      : door{{.aws = nullptr,
              .data_plane = nullptr,
              .oauth = nullptr,
              .metrics = nullptr,
              .allowed_origins = std::move(origins)}} {
    door.add_own({std::move(own), 7878});
    door.add_host("gateway.example");
  }
  // Asks for /healthz, which every known host answers.
  net::Response ask(std::string_view host, std::vector<net::HeaderView> fields = {},
                    std::string_view method = "GET") {
    net::Request request;
    request.method = method;
    request.target = request.path = "/healthz";
    request.host = host;
    for (const auto field : fields) request.headers.add(field);
    return loop.run(listener.handle(request, loop.worker));
  }
  int status(std::string_view host, std::vector<net::HeaderView> fields = {}) {
    return ask(host, std::move(fields)).status;
  }
  int from(std::string_view origin) { return status("127.0.0.1:7878", {{"Origin", origin}}); }

  FrontDoor door;
  FrontDoor::Listener listener{door, Audience::callers};
  net::testing::TestLoop loop;
};

// A page of a stranger whose name is made to resolve to this machine must not be answered.
TEST_F(Door, AnswersForItsOwnNamesAlone) {
  for (const std::string_view host :
       {"127.0.0.1:7878", "127.0.0.1", "localhost:1", "LocalHost", "[::1]:7878", "127.8.9.1",
        "gateway.example", "Gateway.Example:443"}) {
    EXPECT_EQ(status(host), 200) << host;
  }
  for (const std::string_view host :
       {"evil.example", "127.0.0.1.evil.example", "gateway.example.evil.example",
        "xgateway.example", "10.0.0.1", "localhost.evil.example", "[::2]:7878", "[::1"}) {
    EXPECT_EQ(status(host), 421) << host;
  }
}

TEST_F(Door, LetsPagesOfThisMachineAndOfItsOwnHostIn) {
  for (const std::string_view origin : {"http://localhost:6274", "http://127.0.0.1",
                                        "https://[::1]:8", "https://gateway.example"}) {
    EXPECT_EQ(from(origin), 200) << origin;
  }
  for (const std::string_view origin :
       {"http://evil.example", "null", "", "localhost", "http://localhost.evil.example",
        "https://evil.example/http://localhost", "http://sts.amazonaws.com"}) {
    EXPECT_EQ(from(origin), 403) << origin;
  }
  // The host is looked at first.
  EXPECT_EQ(status("evil.example", {{"Origin", "http://localhost"}}), 421);
}

TEST_F(Door, TellsAPageWhatItMaySee) {
  const auto answer = ask("localhost", {{"Origin", "http://localhost:6274"}});
  EXPECT_EQ(net::find_header(answer.headers, "access-control-allow-origin"),
            "http://localhost:6274");
  EXPECT_EQ(net::find_header(answer.headers, "vary"), "origin");
  EXPECT_FALSE(net::find_header(ask("localhost").headers, "access-control-allow-origin"));

  const auto asked_first = ask("localhost",
                               {{"Origin", "http://localhost:6274"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers", "authorization, x-a"}},
                               "OPTIONS");
  EXPECT_EQ(asked_first.status, 204);
  EXPECT_EQ(net::find_header(asked_first.headers, "access-control-allow-headers"),
            "authorization, x-a");
  const auto stranger = ask(
      "localhost", {{"Origin", "http://evil.example"}, {"Access-Control-Request-Method", "POST"}},
      "OPTIONS");
  EXPECT_EQ(stranger.status, 403);
  EXPECT_FALSE(net::find_header(stranger.headers, "access-control-allow-origin"));
}

class ListedOrigins : public Door {
 protected:
  ListedOrigins() : Door{{"https://console.example"}} {}
};
TEST_F(ListedOrigins, AreLetInAsTheyAreWritten) {
  EXPECT_EQ(from("https://console.example"), 200);
  EXPECT_EQ(from("http://console.example"), 403);
  EXPECT_EQ(from("https://console.example:8443"), 403);
}

class BeyondLoopback : public Door {
 protected:
  BeyondLoopback() : Door{{}, "0.0.0.0"} {}
};
TEST_F(BeyondLoopback, TakesNoPageOfSomebodysOwnMachine) {
  EXPECT_EQ(from("http://localhost:6274"), 403);
  EXPECT_EQ(from("https://gateway.example"), 200);
}

TEST_F(Door, OwnsWhatMustNeverLeaveTheProcess) {
  EXPECT_TRUE(door.owns("sts.amazonaws.com", 443));
  EXPECT_TRUE(door.owns("127.0.0.1", 7878));
  EXPECT_TRUE(door.owns("localhost", 7878));
  EXPECT_FALSE(door.owns("127.0.0.1", 7879));
  EXPECT_FALSE(door.owns("gateway.example", 7878));
}

}  // namespace
}  // namespace toolgate::app
