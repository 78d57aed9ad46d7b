#include "targets/mcp_server/wire.h"

#include "targets/mcp_server/test_peer.h"

namespace toolgate::targets::mcp_server {
namespace {

using namespace std::chrono_literals;
using testing::Asked;
using testing::http;
using testing::Peer;

constexpr std::string_view events = "text/event-stream";
constexpr std::string_view mine = R"({"jsonrpc":"2.0","id":7,"result":{"a":1}})";

// Asks once, with id 7, a server that answers so.
Result<Exchange> ask(std::string answer, std::size_t answer_bytes_max = 1'000,
                     std::string_view raw_id = "7") {
  Peer peer{[&](const Asked&) { return answer; }};
  net::testing::TestLoop loop;
  const auto url = *net::Url::parse(peer.url());
  const net::Credential credential;
  const Line line{.url = url,
                  .credential = credential,
                  .worker = loop.worker,
                  .deadline = within(10s),
                  .answer_bytes_max = answer_bytes_max};
  return loop.run(exchange(line, {}, R"({"jsonrpc":"2.0","id":7,"method":"m"})", raw_id));
}

std::string event(std::string_view data) { return "data: " + std::string{data} + "\n\n"; }

TEST(Exchange, FindsItsAnswerInJsonOrInAStream) {
  const std::string notification = event(R"({"jsonrpc":"2.0","method":"notifications/message"})");
  const std::string request = event(R"({"jsonrpc":"2.0","id":7,"method":"ping"})");
  const std::string other = event(R"({"jsonrpc":"2.0","id":"7","result":{"b":2}})");
  for (const auto& answer : {
           http(200, mine),
           http(200, mine, "Application/JSON; charset=utf-8"),
           http(200, event(mine), events),
           http(200, ": hello\n\nid: 1\ndata:\n\n" + notification + request + other + event(mine),
                events),
           "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
           "\r\n5\r\ndata:\r\n29\r\n" +
               std::string{mine} + "\r\n2\r\n\n\n\r\n0\r\n\r\n",
       }) {
    const auto found = ask(answer);
    ASSERT_TRUE(found) << answer << found.error().message;
    ASSERT_TRUE(found->answer) << answer;
    EXPECT_EQ(found->answer->result, R"({"a":1})");
  }
}

TEST(Exchange, SaysWhatIsWrongWithAnAnswer) {
  const struct {
    std::string answer;
    Code code;
    std::string_view words;
  } table[] = {
      {http(200, "{"), Code::upstream, ""},
      {http(200, ""), Code::upstream, ""},
      {http(200, R"({"jsonrpc":"2.0","id":8,"result":{}})"), Code::upstream,
       "read: the answer is not for this request"},
      {http(200, R"({"jsonrpc":"2.0","id":7,"method":"ping"})"), Code::upstream,
       "read: the answer is not for this request"},
      {http(200, mine, "text/plain"), Code::upstream, "neither application/json nor"},
      {http(200, event("{"), events), Code::upstream, ""},
      {http(200, event(R"({"jsonrpc":"2.0","id":8,"result":{}})"), events), Code::upstream,
       "read: the event stream ended without the answer"},
      {http(200, "data: " + std::string{mine} + "\n", events), Code::upstream,
       "read: the event stream ended without the answer"},
      {http(200, std::string(1'001, ' ')), Code::too_large, ""},
      {http(200, ": " + std::string(2'000, 'x') + "\n\n" + event(mine), events), Code::too_large,
       ""},
  };
  for (const auto& row : table) {
    const auto found = ask(row.answer);
    ASSERT_FALSE(found) << row.answer.substr(0, 200);
    EXPECT_EQ(found.error().code, row.code) << row.answer.substr(0, 200);
    EXPECT_NE(found.error().message.find(row.words), std::string::npos) << found.error().message;
  }
}

TEST(Exchange, KeepsWhatAnErrorStatusSaysWhenItIsJsonRpc) {
  const auto told = ask(http(
      400, R"({"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"why"}})"));
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->status, 400);
  ASSERT_TRUE(told->answer);
  EXPECT_EQ(told->answer->error_message, "why");
  for (const auto& answer : {http(502, "<html>", "text/html"), http(500, "{"),
                             http(500, std::string(5'000, 'x')), http(404)}) {
    const auto found = ask(answer);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_FALSE(found->answer);
  }
}

TEST(Exchange, AwaitsNoAnswerToANotification) {
  for (const auto& answer : {http(202), http(200, mine), http(200, "nonsense", "text/plain")}) {
    const auto told = ask(answer, 1'000, "");
    ASSERT_TRUE(told) << told.error().message;
  }
}

TEST(Exchange, ReadsTheSessionsId) {
  EXPECT_EQ(ask(http(200, mine, "application/json", "Mcp-Session-Id: s-1\r\n"))->session_id, "s-1");
  EXPECT_EQ(ask(http(200, mine))->session_id, "");
}

}  // namespace
}  // namespace toolgate::targets::mcp_server
