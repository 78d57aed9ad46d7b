#include "targets/mcp_server/mcp_server.h"

#include <atomic>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "targets/mcp_server/test_peer.h"

namespace toolgate::targets::mcp_server {
namespace {

using namespace std::chrono_literals;
using testing::Asked;
using testing::http;
using testing::NoEvents;
using testing::Peer;
using testing::result;

std::unique_ptr<const Target> open_target(const std::string& server_members) {
  auto configuration = json::parse(R"({"mcp":{"mcpServer":{)" + server_members + "}}}");
  EXPECT_TRUE(configuration) << server_members;
  auto opened = open({.id = "g/t", .name = "t", .configuration = *std::move(configuration)});
  EXPECT_TRUE(opened) << opened.error().message;
  return *std::move(opened);
}
std::unique_ptr<const Target> target_at(const Peer& peer) {
  return open_target(R"("endpoint":")" + peer.url() + '"');
}

// A client's thread. Declared after the peer, so that its connections are closed first.
class Caller {
 public:
  Result<Catalogue> discover(const Target& target) {
    return loop.run(target.discover({credential, net::Credential{}, loop.worker, within(10s)}));
  }
  Result<Outcome> call(const Target& target, std::string_view arguments = R"({"n":1})") {
    return loop.run(call_task(target, arguments));
  }
  Task<Result<Outcome>> call_task(const Target& target, std::string_view arguments) {
    co_return co_await target.call({.tool = "get",
                                    .arguments = arguments,
                                    .meta = {},
                                    .credential = credential,
                                    .deadline = within(10s)},
                                   loop.worker, events);
  }
  net::Credential credential;
  NoEvents events;
  net::testing::TestLoop loop;
};

std::string tools(const Asked& asked, std::string_view list, std::string_view next = "") {
  const std::string cursor = next.empty() ? "" : R"(,"nextCursor":")" + std::string{next} + '"';
  return http(200, result(asked, R"({"tools":[)" + std::string{list} + ']' + cursor + '}'));
}

TEST(Discover, FollowsPagesAndSaysWhatItLeftOut) {
  Peer peer{Peer::polite([](const Asked& asked) {
    const auto cursor = json::find_string(asked.body, "params", "cursor").value_or("");
    if (cursor == "") return tools(asked, R"({"name":"a","inputSchema":{}})", "p\\u0032");
    if (cursor == "p2") {
      return tools(asked,
                   R"({"name":"a","inputSchema":{}},{"inputSchema":{}},{"name":")" +
                       std::string(253, 'x') + R"(","inputSchema":{}})",
                   "p3");
    }
    return tools(asked, R"({"name":")" + std::string(252, 'y') + R"(","inputSchema":{}})");
  })};
  Caller caller;
  const auto found = caller.discover(*target_at(peer));
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->tools.size(), 2);
  EXPECT_EQ(found->tools[0].name, "a");
  EXPECT_EQ(found->tools[1].name, std::string(252, 'y'));
  ASSERT_EQ(found->skipped.size(), 3);
  EXPECT_EQ(found->skipped[0].why, "tool 2 has no name");
  EXPECT_EQ(found->skipped[1].why, "a second tool of this name");
  EXPECT_EQ(found->skipped[2].why, "the name with its prefix is longer than 256 characters");
}

TEST(Discover, EndsWithAListThatDoesNotEnd) {
  std::atomic<int> page = 0;
  std::atomic<bool> moves = true;
  Peer peer{Peer::polite([&](const Asked& asked) {
    const std::string number = std::to_string(++page);
    return tools(asked, R"({"name":")" + number + R"(","inputSchema":{}})", moves ? number : "on");
  })};
  Caller caller;
  auto found = caller.discover(*target_at(peer));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::quota);
  EXPECT_EQ(page, static_cast<int>(limits::catalogue_pages_count_max));
  page = 0;
  moves = false;
  found = caller.discover(*target_at(peer));
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("leads to the same page"), std::string::npos);
  EXPECT_EQ(page, 2);
}

TEST(Discover, EndsWithAListOfWhatIsNoTool) {
  std::string nameless = "{}";
  for (std::size_t i = 1; i < limits::catalogue_tools_count_max; ++i) nameless += ",{}";
  Peer peer{Peer::polite([&](const Asked& asked) {
    const auto cursor = json::find_string(asked.body, "params", "cursor");
    return tools(asked, nameless, cursor ? "" : "2");
  })};
  Caller caller;
  const auto found = caller.discover(*target_at(peer));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::quota);
}

TEST(Discover, TakesAnEmptyCursorForNone) {
  Peer peer{Peer::polite([](const Asked& asked) {
    return http(200, result(asked, R"({"tools":[{"name":"a","inputSchema":{}}],"nextCursor":""})"));
  })};
  Caller caller;
  const auto found = caller.discover(*target_at(peer));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->tools.size(), 1U);
}

TEST(Discover, NamesTheStepThatFailed) {
  const struct {
    Peer::Script script;
    Code code;
    std::string_view words;
  } table[] = {
      {[](const Asked&) { return http(500); }, Code::upstream,
       "returned HTTP 500 to the initialize handshake"},
      {[](const Asked&) { return http(401); }, Code::unauthenticated,
       "returned HTTP 401 to the initialize handshake"},
      {[](const Asked&) { return http(307, "", "text/plain", "location: http://x/\r\n"); },
       Code::upstream, "Redirects are not followed."},
      {[](const Asked&) { return std::string{}; }, Code::unavailable, "initialize handshake: "},
      {[](const Asked& asked) {
         return http(200, result(asked, R"({"protocolVersion":"1999-01-01"})"));
       },
       Code::upstream, "chose protocol version '1999-01-01'"},
      {[](const Asked& asked) {
         return http(200, result(asked, R"({"protocolVersion":"2025-06-18","capabilities":{}})"));
       },
       Code::upstream, "has no tools capability"},
      {[](const Asked& asked) {
         return http(200, R"({"jsonrpc":"2.0","id":)" + asked.id() +
                              R"(,"error":{"code":-32602,"message":"too new"}})");
       },
       Code::upstream, "answered error -32602: too new"},
      {[](const Asked& asked) {
         return asked.id().empty() ? http(400) : http(200, result(asked, testing::greeting));
       },
       Code::upstream, "returned HTTP 400 to the initialized notification"},
      {Peer::polite([](const Asked&) { return http(200, "<html>", "text/html"); }), Code::upstream,
       "tool list: read: HTTP 200 with neither"},
      {Peer::polite([](const Asked& asked) { return http(200, result(asked, "{}")); }),
       Code::upstream, "'tools' is missing"},
      {Peer::polite([](const Asked&) { return http(403); }), Code::unauthenticated,
       "returned HTTP 403 to the tool list"},
  };
  for (const auto& row : table) {
    Peer peer{row.script};
    Caller caller;
    const auto found = caller.discover(*target_at(peer));
    ASSERT_FALSE(found) << row.words;
    EXPECT_EQ(found.error().code, row.code) << row.words;
    EXPECT_NE(found.error().message.find(row.words), std::string::npos) << found.error().message;
  }
}

TEST(Discover, AsksNobodyWhenTheToolsAreGiven) {
  const auto target =
      open_target(R"("endpoint":"http://127.0.0.1:1/","mcpToolSchema":{"inlinePayload":)"
                  R"("{\"tools\":[{\"name\":\"a\",\"inputSchema\":{}}]}"})");
  Caller caller;
  const auto found = caller.discover(*target);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->tools.at(0).name, "a");
}

TEST(Open, RefusesWhatDoesNotFit) {
  for (const auto* members :
       {R"("endpoint":"ftp://x")", R"("endpoint":"http://x","listingMode":"DYNAMIC")", R"("x":1)",
        R"("endpoint":"http://x","mcpToolSchema":{"inlinePayload":"[]"})",
        R"("endpoint":"http://x","mcpToolSchema":{"s3":{"uri":"https://b/k"}})"}) {
    const auto opened = open(
        {.id = "g/t",
         .name = "t",
         .configuration = *json::parse(R"({"mcp":{"mcpServer":{)" + std::string{members} + "}}}")});
    ASSERT_FALSE(opened) << members;
    EXPECT_EQ(opened.error().code, Code::invalid);
  }
}

TEST(Call, ShakesHandsOnceAndSaysWhoItIs) {
  Peer peer{Peer::polite([](const Asked& asked) { return http(200, result(asked, "{}")); },
                         "mcp-session-id: s1\r\n")};
  Caller caller;
  caller.credential = {.show = net::HeaderCredential{"authorization", "Bearer t"}, .key = "k"};
  const auto target = target_at(peer);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(caller.call(*target)->result, "{}");
  const auto seen = peer.seen();
  ASSERT_EQ(seen.size(), 5);
  EXPECT_EQ(peer.count("initialize"), 1);
  EXPECT_EQ(peer.count("notifications/initialized"), 1);
  for (const auto& asked : seen) {
    EXPECT_TRUE(asked.has("accept: application/json, text/event-stream"));
    EXPECT_TRUE(asked.has("authorization: Bearer t"));
    const bool first = asked.method() == "initialize";
    EXPECT_EQ(asked.has("mcp-session-id: s1"), !first);
    EXPECT_EQ(asked.has("mcp-protocol-version: 2025-06-18"), !first);
  }
  EXPECT_EQ(json::print(*json::find(seen[2].body, "params")),
            R"({"name":"get","arguments":{"n":1}})");
  EXPECT_NE(seen[3].id(), seen[4].id());

  // Another credential is another session, and may stand in the URL.
  caller.credential = {.show = net::QueryCredential{"api key", "a&b"}, .key = "other"};
  EXPECT_TRUE(caller.call(*target));
  EXPECT_EQ(peer.count("initialize"), 2);
  EXPECT_TRUE(peer.seen().back().head.starts_with("POST /mcp?api%20key=a%26b HTTP/1.1\r\n"))
      << peer.seen().back().head;
}

TEST(Call, OpensAForgottenSessionAnewAndAsksAgainOnce) {
  const struct {
    std::string forgotten;
    bool always;
  } table[] = {
      {http(404), false},
      {http(400, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"x"}})"), false},
      {http(404), true}};
  for (const auto& row : table) {
    std::atomic<int> calls = 0;
    Peer peer{Peer::polite(
        [&](const Asked& asked) {
          const bool forgets = ++calls == 2 || (row.always && calls > 1);
          return forgets ? row.forgotten : http(200, result(asked, "{}"));
        },
        "mcp-session-id: s\r\n")};
    Caller caller;
    const auto target = target_at(peer);
    EXPECT_TRUE(caller.call(*target));
    const auto second = caller.call(*target);
    EXPECT_EQ(second.has_value(), !row.always);
    if (row.always) {
      EXPECT_NE(second.error().message.find("returned HTTP 404 to the tool call"),
                std::string::npos);
    }
    EXPECT_EQ(peer.count("initialize"), 2);
    EXPECT_EQ(calls, 3);
  }
}

TEST(Call, DoesNotRepeatWhereThereIsNoSessionToForget) {
  Peer peer{Peer::polite([](const Asked&) { return http(404); })};
  Caller caller;
  EXPECT_FALSE(caller.call(*target_at(peer)));
  EXPECT_EQ(peer.count("tools/call"), 1);
  EXPECT_EQ(peer.count("initialize"), 1);
}

// Starts so many calls at once on one thread; what became of them.
std::vector<Result<Outcome>> call_at_once(Caller& caller, const Target& target, int count) {
  std::vector<Result<Outcome>> done;
  for (int i = 0; i < count; ++i) {
    boost::asio::co_spawn(
        caller.loop.io, caller.call_task(target, "{}"),
        [&](std::exception_ptr, Result<Outcome> outcome) { done.push_back(std::move(outcome)); });
  }
  caller.loop.io.restart();
  while (done.size() < static_cast<std::size_t>(count) && caller.loop.io.run_one() > 0) {
  }
  return done;
}

TEST(Call, SharesAHandshakeThatIsUnderWay) {
  Peer peer{Peer::polite([](const Asked& asked) {
    return http(200, result(asked, "{}"), "application/json", "connection: close\r\n");
  })};
  Caller caller;
  const auto target = target_at(peer);
  for (const auto& outcome : call_at_once(caller, *target, 10)) EXPECT_TRUE(outcome);
  EXPECT_EQ(peer.count("initialize"), 1);
  EXPECT_EQ(peer.count("tools/call"), 10);
}

// Each waiting its turn to fail would add the handshakes' times up, to the last call's deadline.
TEST(Call, SharesAHandshakesFailureToo) {
  Peer peer{[](const Asked&) { return http(503); }};
  Caller caller;
  const auto target = target_at(peer);
  for (const auto& outcome : call_at_once(caller, *target, 10)) {
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("HTTP 503 to the initialize handshake"),
              std::string::npos);
  }
  EXPECT_EQ(peer.count("initialize"), 1);
  EXPECT_FALSE(caller.call(*target));  // the next one tries again
  EXPECT_EQ(peer.count("initialize"), 2);
}

TEST(Call, PassesResultsAndErrorsOnAsTheyWere) {
  Peer peer{Peer::polite([](const Asked& asked) {
    const bool error = json::find(asked.body, "params", "arguments", "fail") != nullptr;
    return http(200, error ? R"({"jsonrpc":"2.0","id":)" + asked.id() +
                                 R"(,"error":{"code":-7,"message":"no\u0021","data":{"a":1.0}}})"
                           : result(asked, R"({ "content":[1.0e2] })"));
  })};
  Caller caller;
  const auto target = target_at(peer);
  const auto good = caller.call(*target);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->result, R"({ "content":[1.0e2] })");
  EXPECT_EQ(good->error_code, 0);
  const auto bad = caller.call(*target, R"({"fail":1})");
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->error_code, -7);
  EXPECT_EQ(bad->error_message, "no!");
  EXPECT_EQ(bad->error_data, R"({"a":1.0})");
}

}  // namespace
}  // namespace toolgate::targets::mcp_server
