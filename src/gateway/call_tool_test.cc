// A signed-in tools/call: who is asked what, and what the client is told.
#include <atomic>
#include <optional>

#include <gtest/gtest.h>

#include "gateway/turn.h"
#include "json/members.h"
#include "store/memory/memory_store.h"
#include "targets/mcp_server/test_peer.h"

namespace toolgate::gateway {
namespace {

using targets::mcp_server::testing::Asked;
using targets::mcp_server::testing::http;
using targets::mcp_server::testing::Peer;
using targets::mcp_server::testing::result;

class CallTool : public ::testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return loop.run(std::move(task));
  }

  // A gateway in front of one server with the tool orders___get, which needs an integer.
  void serve(Peer::Script script, std::string_view gateway = R"({"authorizerType":"NONE"})") {
    peer.emplace(std::move(script));
    const Json target = *json::parse(R"({"name":"orders","targetConfiguration":{"mcp":{)"
                                     R"("mcpServer":{"endpoint":")" +
                                     peer->url() + R"("}}}})");
    const Json document = *json::parse(gateway);
    auto table = make_tool_table(
        {.account = "1", .region = "r", .kind = "target", .id = "g/t"}, {}, target,
        {{.name = "get",
          .description = "gets an order",
          .input_schema = R"({"type":"object","properties":{"n":{"type":"integer"}}})",
          .rest = R"("inputSchema":{"type":"object","properties":{"n":{"type":"integer"}}})"}});
    ASSERT_TRUE(table) << table.error().message;
    snapshot = *make_snapshot({.key = {.account = "1", .region = "r", .kind = "gateway", .id = "g"},
                               .gateway = document,
                               .tables = {*table},
                               .base_url = "http://h:1"});
  }
  // The whole answer to a tools/call with these params.
  std::string call(std::string_view params, std::string_view id = "1") {
    std::string bytes = R"({"jsonrpc":"2.0","id":)" + std::string{id} +
                        R"(,"method":"tools/call","params":)" + std::string{params} + '}';
    bytes.reserve(bytes.size() + limits::json_padding_bytes);
    std::string failed_id;
    const auto message = mcp::parse_message(bytes, failed_id);
    EXPECT_TRUE(message) << bytes;
    const auto reply = run(
        find_method("tools/call")->run({services, *snapshot, caller, *message, loop.worker, 0}));
    outcome = reply.outcome;
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(json::parse(reply.message)) << reply.message;
    return reply.message;
  }
  std::string text_of(const std::string& answer) {
    const Json parsed = *json::parse(answer);
    const auto* content = json::find_array(parsed, "result", "content");
    if (content == nullptr) return "no content: " + answer;
    EXPECT_EQ(json::find_bool(parsed, "result", "isError"), true);
    return json::member(content->at(0), "text");
  }

  std::optional<Peer> peer;  // outlives the loop's connections
  net::testing::TestLoop loop;
  ManualClock clock;
  std::unique_ptr<store::Store> store = store::make_memory_store(clock);
  store::Secrets secrets = *run(store::Secrets::open(*store, crypto::SealKey::random()));
  credentials::Credentials credentials{*store, secrets, clock};
  Metrics metrics{1};
  Services services{credentials, metrics};
  identity::Principal caller;
  std::shared_ptr<const Snapshot> snapshot;
  std::string_view outcome;
};

Peer::Script answering(std::string raw) {
  return Peer::polite([raw = std::move(raw)](const Asked& a) { return http(200, result(a, raw)); });
}

TEST_F(CallTool, SplicesTheTargetsBytesUnderTheClientsId) {
  serve(answering(R"({ "content":[],"x":1.0e2,"y":"\u00e9" })"));
  EXPECT_EQ(
      call(R"({"name":"orders___get","arguments":{"n":7},"_meta":{"k":"v"}})", R"("a\u0041")"),
      R"({"jsonrpc":"2.0","id":"a\u0041","result":{ "content":[],"x":1.0e2,"y":"\u00e9" }})");
  EXPECT_EQ(outcome, "ok");
  const Asked asked = peer->seen().back();
  EXPECT_EQ(json::print(*json::find(asked.body, "params")),
            R"({"name":"get","arguments":{"n":7},"_meta":{"k":"v"}})");
  EXPECT_EQ(metrics.sum(Count::tool_calls), 1);
}

TEST_F(CallTool, SendsAnEmptyObjectForMissingArguments) {
  serve(answering("{}"));
  for (const auto* params :
       {R"({"name":"orders___get"})", R"({"name":"orders___get","arguments":null})"}) {
    call(params);
    EXPECT_EQ(json::print(*json::find(peer->seen().back().body, "params", "arguments")), "{}");
  }
  EXPECT_EQ(metrics.sum(Count::tool_calls), 2);
}

TEST_F(CallTool, AsksNobodyForAnUnknownToolOrWrongArguments) {
  serve(answering("{}"));
  for (const auto* params :
       {R"({"name":"orders___nothing"})", R"({"name":"get"})", R"({"name":""})",
        R"({"name":"x_amz_bedrock_agentcore_search","arguments":{"query":"a"}})"}) {
    const auto answer = call(params);
    EXPECT_NE(answer.find(R"("error":{"code":-32602,"message":"Unknown tool: )"), answer.npos)
        << answer;
  }
  EXPECT_NE(call("{}").find(R"("code":-32602,"message":"params.name is missing")"),
            std::string::npos);
  const std::pair<std::string, std::string_view> wrong[] = {
      {R"({"n":"x"})", "'/n' has invalid type: string found, integer expected"},
      {"[]", "'arguments' has invalid type: array found, object expected"},
      {"5", "'arguments' has invalid type: number found, object expected"},
      {"true", "'arguments' has invalid type: boolean found, object expected"},
      {R"("text")", "'arguments' has invalid type: string found, object expected"}};
  for (const auto& [arguments, words] : wrong) {
    const auto text = text_of(call(R"({"name":"orders___get","arguments":)" + arguments + '}'));
    EXPECT_EQ(text,
              "ValidationException - Parameter validation failed: Invalid request parameters:\n"
              "- Field " +
                  std::string{words});
    EXPECT_EQ(outcome, "arguments_refused");
  }
  EXPECT_EQ(peer->seen().size(), 0);
  EXPECT_EQ(metrics.sum(Count::unknown_tools), 4);
  EXPECT_EQ(metrics.sum(Count::arguments_refused), 5);
  EXPECT_EQ(metrics.sum(Count::tool_calls), 0);
}

TEST_F(CallTool, SearchesWhereTheGatewayOffersIt) {
  serve(answering("{}"), R"({"authorizerType":"NONE","protocolConfiguration":{"mcp":{)"
                         R"("searchType":"SEMANTIC"}}})");
  const auto answer =
      call(R"({"name":"x_amz_bedrock_agentcore_search","arguments":{"query":"order"}})");
  EXPECT_NE(answer.find("orders___get"), answer.npos) << answer;
  EXPECT_EQ(outcome, "search");
  EXPECT_EQ(peer->seen().size(), 0);
}

TEST_F(CallTool, TellsAFailureInFullOnlyWhereTheGatewayDebugs) {
  const auto fails = Peer::polite([](const Asked&) { return http(500); });
  serve(fails);
  EXPECT_EQ(text_of(call(R"({"name":"orders___get"})")),
            "An internal error occurred. Please retry later.");
  EXPECT_EQ(outcome, "upstream");
  EXPECT_EQ(metrics.sum(Count::target_broken), 1);
  EXPECT_EQ(metrics.sum(Count::tool_errors), 1);
}

TEST_F(CallTool, TellsAFailureInFullWhereTheGatewayDebugs) {
  serve(Peer::polite([](const Asked&) { return http(500); }),
        R"({"authorizerType":"NONE","exceptionLevel":"DEBUG"})");
  const auto answer = call(R"({"name":"orders___get"})");
  EXPECT_NE(text_of(answer).find("returned HTTP 500 to the tool call"), std::string::npos);
  EXPECT_NE(answer.find(R"("_meta":{"debug":{"type":"text","text":"MCP server)"), answer.npos);
}

TEST_F(CallTool, DoesNotRepeatACallThatWasRefusedWithoutACredential) {
  serve(Peer::polite([](const Asked&) { return http(401); }));
  call(R"({"name":"orders___get"})");
  EXPECT_EQ(outcome, "unauthenticated");
  EXPECT_EQ(peer->count("tools/call"), 1);
  EXPECT_EQ(metrics.sum(Count::target_denied), 1);
}

TEST_F(CallTool, PassesJsonRpcsOwnErrorsOnAndHidesPrivateCodes) {
  std::atomic<int> code = -32602;
  serve(Peer::polite([&](const Asked& asked) {
    return http(200, R"({"jsonrpc":"2.0","id":)" + asked.id() + R"(,"error":{"code":)" +
                         std::to_string(code) + R"(,"message":"no","data":[1.0]}})");
  }));
  const auto told = [&](int upstreams) {
    code = upstreams;
    const Json answer = *json::parse(call(R"({"name":"orders___get"})"));
    EXPECT_EQ(json::find_string(answer, "error", "message"), "no");
    EXPECT_EQ(outcome, "target_error");
    return json::find_int(*json::find(answer, "error"), "code");
  };
  EXPECT_EQ(told(-32602), -32602);
  EXPECT_EQ(told(-32700), -32700);
  EXPECT_EQ(told(-32600), -32600);
  EXPECT_EQ(told(-32001), -32603);  // of our own hop: "unauthenticated"
  EXPECT_EQ(told(7), -32603);
  EXPECT_NE(call(R"({"name":"orders___get"})").find(R"("data":[1.0])"), std::string::npos);
}

}  // namespace
}  // namespace toolgate::gateway
