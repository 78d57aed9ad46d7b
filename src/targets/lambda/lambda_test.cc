#include "targets/lambda/lambda.h"

#include "crypto/hash.h"
#include "targets/aws_endpoints.h"
#include "targets/mcp_server/test_peer.h"

namespace toolgate::targets::lambda {
namespace {

using namespace std::chrono_literals;
using mcp_server::testing::Asked;
using mcp_server::testing::http;
using mcp_server::testing::Peer;

constexpr std::string_view arn = "arn:aws:lambda:eu-west-1:123456789012:function:weather";

class NoEvents final : public Events {
 public:
  Task<Result<void>> notify(std::string) override { co_return Result<void>{}; }
};

Result<std::unique_ptr<const Target>> open_with(std::string_view tool_schema,
                                                std::string_view function = arn) {
  const auto configuration =
      json::parse(R"({"mcp":{"lambda":{"lambdaArn":")" + std::string{function} +
                  R"(","toolSchema":)" + std::string{tool_schema} + "}}}");
  EXPECT_TRUE(configuration) << tool_schema;
  return open({.id = "g-1/T1",
               .name = "fn",
               .configuration = *configuration,
               .place = {.account = "123456789012", .region = "us-east-1"}});
}

constexpr std::string_view one_tool =
    R"({"inlinePayload":[{"name":"get","description":"gets","inputSchema":{"type":"object",)"
    R"("properties":{"unit":{"type":"string","enum":["c","f"],"default":"c"}}},)"
    R"("outputSchema":{"type":"object","properties":{"t":{"type":"integer"}},"required":["t"]}}]})";

// A gateway's thread in front of a scripted service.
class LambdaTarget : public ::testing::Test {
 protected:
  void serve(Peer::Script script) {
    peer.emplace(std::move(script));
    std::string url = peer->url();
    url.resize(url.rfind('/'));
    loop.worker.local<AwsEndpoints>() =
        *AwsEndpoints::parse({"lambda=" + url, "s3=" + url + "/s3/"});
  }
  Result<Catalogue> discover(const Target& target) {
    return loop.run(target.discover({role, role, loop.worker, within(10s)}));
  }
  Result<Outcome> call(std::string_view schema = one_tool, std::string_view tool = "get") {
    const auto target = open_with(schema);
    EXPECT_TRUE(target) << target.error().message;
    const auto catalogue = discover(**target);
    EXPECT_TRUE(catalogue) << catalogue.error().message;
    return loop.run(call_task(**target, catalogue->tools.front(), tool));
  }
  Task<Result<Outcome>> call_task(const Target& target, const mcp::ToolDefinition& definition,
                                  std::string_view tool) {
    CO_TRY(const auto recipe, target.prepare(definition));
    co_return co_await target.call({.tool = tool,
                                    .arguments = R"({"b": 1,  "a": [2.50]})",
                                    .meta = {},
                                    .credential = role,
                                    .deadline = within(10s),
                                    .recipe = recipe.get(),
                                    .message_id = R"("call-7")",
                                    .request_id = "req-1"},
                                   loop.worker, events);
  }

  std::optional<Peer> peer;  // outlives the loop's connections
  net::testing::TestLoop loop;
  NoEvents events;
  net::Credential role{.show = crypto::SigningKey{.access_key_id = "ASIA1",
                                                  .secret_access_key = "secret",
                                                  .session_token = "token",
                                                  .region = "us-east-1",
                                                  .service = {}},
                       .key = "role"};
};

std::string header(const Asked& asked, std::string_view name) {
  const auto at = asked.head.find("\r\n" + std::string{name} + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return asked.head.substr(from, asked.head.find("\r\n", from) - from);
}

TEST_F(LambdaTarget, InvokesTheFunctionSignedForItsRegionWithTheBareArguments) {
  serve([](const Asked&) { return http(200, R"({"t":  20})"); });
  const auto outcome = call();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->result,
            R"({"content":[{"type":"text","text":"{\"t\":  20}"}],"structuredContent":{"t":  20},)"
            R"("isError":false})");
  const Asked asked = peer->seen().front();
  EXPECT_TRUE(asked.head.starts_with(
      "POST /2015-03-31/functions/"
      "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aweather/invocations HTTP/1.1"))
      << asked.head;
  EXPECT_NE(header(asked, "authorization").find("/eu-west-1/lambda/aws4_request"),
            std::string::npos)
      << asked.head;
  EXPECT_EQ(header(asked, "x-amz-security-token"), "token");
  EXPECT_EQ(header(asked, "x-amz-invocation-type"), "RequestResponse");
  const auto context = json::parse(*crypto::from_base64(header(asked, "x-amz-client-context")));
  ASSERT_TRUE(context);
  const Json* custom = json::find(*context, "custom");
  ASSERT_NE(custom, nullptr);
  EXPECT_EQ(json::find_string(*custom, "bedrockAgentCoreToolName"), "fn___get");
  EXPECT_EQ(json::find_string(*custom, "bedrockAgentCoreMessageVersion"), "1.0");
  EXPECT_EQ(json::find_string(*custom, "bedrockAgentCoreMcpMessageId"), "call-7");
  EXPECT_EQ(json::find_string(*custom, "bedrockAgentCoreAwsRequestId"), "req-1");
  EXPECT_EQ(json::find_string(*custom, "bedrockAgentCoreGatewayId"), "g-1");
  EXPECT_EQ(json::find_string(*custom, "bedrockAgentCoreTargetId"), "T1");
  EXPECT_EQ(json::print(asked.body), R"({"b":1,"a":[2.5]})");
}

TEST_F(LambdaTarget, SaysWhyAFunctionGaveNoAnswer) {
  struct Case {
    std::string answer;
    Code code;
    std::string words;
  };
  const Case cases[]{
      {http(403, R"({"Message":"no lambda:InvokeFunction"})"), Code::denied,
       "Access denied while invoking Lambda function " + std::string{arn} +
           ". Check the permissions on the Lambda function and Gateway execution role, and retry "
           "the request. no lambda:InvokeFunction"},
      {http(403, R"({"message":"old"})", "application/json",
            "x-amzn-errortype: ExpiredTokenException:http://x/\r\n"),
       Code::unauthenticated, "ExpiredTokenException"},
      {http(404, R"({"Message":"gone"})"), Code::not_found, "does not exist. gone"},
      {http(429, R"({"Reason":"x","message":"Rate Exceeded."})"), Code::throttled, "Rate Exceeded"},
      {http(502, "<html>"), Code::upstream, "HTTP 502"},
      {http(200, R"({"errorMessage":"boom","errorType":"KeyError","stackTrace":[]})",
            "application/json", "x-amz-function-error: Unhandled\r\n"),
       Code::upstream, "returned an error: KeyError: boom"},
      {http(200, "odd", "application/json", "x-amz-function-error: Unhandled\r\n"), Code::upstream,
       "returned an error: odd"},
  };
  std::string answer;
  serve([&](const Asked&) { return answer; });
  for (const auto& one : cases) {
    answer = one.answer;
    const auto outcome = call();
    ASSERT_FALSE(outcome) << one.words;
    EXPECT_EQ(outcome.error().code, one.code) << one.words;
    EXPECT_NE(outcome.error().message.find(one.words), std::string::npos)
        << outcome.error().message;
  }
}

TEST_F(LambdaTarget, ReadsItsToolsFromS3WithTheRole) {
  std::string body(11 * 1024 * 1024, ' ');
  serve([&](const Asked& asked) {
    if (asked.head.starts_with("GET /s3/bucket/a%20b/tools.json ")) {
      return http(200, R"([{"name":"x","description":"d","inputSchema":{"type":"object"}}])");
    }
    if (asked.head.starts_with("GET /s3/bucket/large ")) return http(200, body);
    if (asked.head.starts_with("GET /s3/bucket/object ")) return http(200, "{}");
    return http(403, "<Error><Code>AccessDenied</Code><Message>not yours</Message></Error>");
  });
  const auto read = [&](std::string_view key) {
    const auto target = open_with(R"({"s3":{"uri":"s3://bucket/)" + std::string{key} + R"("}})");
    return discover(**target);
  };
  const auto found = read("a b/tools.json");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->tools.front().name, "x");
  EXPECT_NE(header(peer->seen().front(), "authorization").find("/us-east-1/s3/aws4_request"),
            std::string::npos);
  struct Case {
    std::string_view key, words;
  };
  const Case cases[]{{"large", "s3://bucket/large: is larger than 10485760 bytes"},
                     {"object", "expected a JSON array"},
                     {"secret",
                      "lacks permission to read it (s3:GetObject on "
                      "arn:aws:s3:::bucket/secret). not yours"}};
  for (const auto& one : cases) {
    const auto refused = read(one.key);
    ASSERT_FALSE(refused) << one.key;
    EXPECT_NE(refused.error().message.find(one.words), std::string::npos)
        << refused.error().message;
  }
}

TEST(OpenLambda, RefusesNamingTheMember) {
  struct Case {
    std::string schema, words;
    std::string_view function = arn;
  };
  const auto inline_tool = [](std::string_view tool) {
    return R"({"inlinePayload":[)" + std::string{tool} + "]}";
  };
  const Case cases[]{
      {"{}", "expected inlinePayload or s3"},
      {std::string{one_tool}, "lambdaArn", "arn:aws:lambda:eu-west-1:1:layer:x"},
      {R"({"s3":{"uri":"http://x/y"}})", "s3.uri"},
      {R"({"s3":{"uri":"s3://bucket"}})", "s3.uri"},
      {inline_tool(R"({"description":"d","inputSchema":{"type":"object"}})"), "[0].name: is"},
      {inline_tool(R"({"name":"n","inputSchema":{"type":"object"}})"), "[0].description: is"},
      {inline_tool(R"({"name":"n","description":"d"})"), "[0].inputSchema: is missing"},
      {inline_tool(R"({"name":"n","description":"d","inputSchema":{"type":"string"}})"),
       "type must be object"},
      {inline_tool(R"({"name":"n","description":"d","inputSchema":{"type":"object"}},)"
                   R"({"name":"n","description":"d","inputSchema":{"type":"object"}})"),
       "[1].name: 'n' is the name of an earlier tool"},
      {inline_tool(R"({"name":")" + std::string(252, 'x') +
                   R"(","description":"d","inputSchema":{"type":"object"}})"),
       "256"},
  };
  for (const auto& one : cases) {
    const auto opened = open_with(one.schema, one.function);
    ASSERT_FALSE(opened) << one.words;
    EXPECT_EQ(opened.error().code, Code::invalid);
    EXPECT_NE(opened.error().message.find(one.words), std::string::npos) << opened.error().message;
  }
}

}  // namespace
}  // namespace toolgate::targets::lambda
