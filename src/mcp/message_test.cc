#include "mcp/message.h"

#include <gtest/gtest.h>

#include "json/json.h"
#include "mcp/protocol.h"

namespace toolgate::mcp {
namespace {

constexpr std::string_view call =
    R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay___send",)"
    R"("arguments":{"amount":1.50,"big":12345678901234567890123,"to":"\u00e9\/"},)"
    R"("_meta":{"progressToken":1,"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";

Message parsed(std::string_view bytes) {
  std::string id;
  auto message = parse_message(bytes, id);
  EXPECT_TRUE(message) << (message ? "" : message.error().message) << "\n" << bytes;
  return message ? *std::move(message) : Message{};
}

TEST(ParseMessage, ReadsToolCallAsSlices) {
  const Message message = parsed(call);
  EXPECT_EQ(message.kind, Message::Kind::request);
  EXPECT_EQ(message.id, "7");
  EXPECT_EQ(message.method, "tools/call");
  EXPECT_EQ(message.name, "pay___send");
  EXPECT_EQ(message.arguments, R"({"amount":1.50,"big":12345678901234567890123,"to":"\u00e9\/"})");
  EXPECT_EQ(message.meta_protocol_version, "2026-07-28");
  EXPECT_TRUE(message.meta.starts_with(R"({"progressToken")") && message.meta.ends_with("}"));
  EXPECT_TRUE(message.params.starts_with(R"({"name")") && message.params.ends_with("}}"));
  EXPECT_GE(message.params.data(), call.data());
  EXPECT_FALSE(message.uri);
}

TEST(ParseMessage, ReadsRoutingMembersUnescaped) {
  const Message message = parsed(
      "\n{\"params\" : { \"na\\u006de\" : \"\\u0061\\ud83d\\ude00\\n\" , "
      "\"uri\":\"file:///\\u0041\","
      "\"cursor\":\"\", \"protocolVersion\":\"2025-06-18\"} , \"method\":\"x\\/y\","
      "\"id\":\"a\\\"b\",\"jsonrpc\":\"2\\u002e0\"}\r\n\t ");
  EXPECT_EQ(message.name, "a\xF0\x9F\x98\x80\n");
  EXPECT_EQ(message.uri, "file:///A");
  EXPECT_EQ(message.cursor, "");
  EXPECT_EQ(message.protocol_version, "2025-06-18");
  EXPECT_EQ(message.method, "x/y");
  EXPECT_EQ(message.id, R"("a\"b")");
  EXPECT_TRUE(message.arguments.empty());
}

TEST(ParseMessage, TellsKindsApart) {
  struct {
    std::string_view bytes;
    Message::Kind kind;
    std::string_view id;
  } const cases[] = {
      {R"({"jsonrpc":"2.0","id":1,"method":"ping"})", Message::Kind::request, "1"},
      {R"({"jsonrpc":"2.0","id":-12,"method":"ping","params":{}})", Message::Kind::request, "-12"},
      {R"({"jsonrpc":"2.0","id":"","method":"ping"})", Message::Kind::request, "\"\""},
      {R"({"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"ping"})",
       Message::Kind::request, "123456789012345678901234567890"},
      {R"({"jsonrpc":"2.0","method":"notifications/initialized"})", Message::Kind::notification,
       ""},
      {R"({"jsonrpc":"2.0","method":"x","params":null})", Message::Kind::notification, ""},
      {R"({"jsonrpc":"2.0","id":1,"result":{}})", Message::Kind::response, "1"},
      {R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}})", Message::Kind::response, "1"},
      {R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}})", Message::Kind::response,
       "null"},
  };
  for (const auto& c : cases) {
    const Message message = parsed(c.bytes);
    EXPECT_EQ(message.kind, c.kind) << c.bytes;
    EXPECT_EQ(message.id, c.id) << c.bytes;
  }
}

TEST(ParseMessage, TakesOddParamsForAbsent) {
  const Message message =
      parsed(R"({"jsonrpc":"2.0","method":"x",)"
             R"("params":{"name":5,"_meta":null,"arguments":[1],"cursor":null}})");
  EXPECT_FALSE(message.name);
  EXPECT_FALSE(message.cursor);
  EXPECT_TRUE(message.meta.empty());
  EXPECT_EQ(message.arguments, "[1]");
}

TEST(ParseMessage, RefusesInvalidRequests) {
  struct {
    std::string_view bytes, id, why;
  } const cases[] = {
      {R"(5)", "null", "must be an object"},
      {R"("x")", "null", "must be an object"},
      {R"({})", "null", "'jsonrpc' is missing"},
      {R"({"id":3,"method":"x"})", "3", "'jsonrpc' is missing"},
      {R"({"jsonrpc":"1.0","id":3,"method":"x"})", "3", "'jsonrpc' must be"},
      {R"({"jsonrpc":2.0,"id":3,"method":"x"})", "3", "'jsonrpc' must be"},
      {R"({"jsonrpc":"2.0","id":"q"})", R"("q")", "'method' is missing"},
      {R"({"jsonrpc":"2.0","id":3,"method":null})", "3", "'method' must be"},
      {R"({"jsonrpc":"2.0","id":null,"method":"x"})", "null", "'id' must be"},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"x"})", "null", "'id' must be"},
      {R"({"jsonrpc":"2.0","id":1e3,"method":"x"})", "null", "'id' must be"},
      {R"({"jsonrpc":"2.0","id":{},"method":"x"})", "null", "'id' must be"},
      {R"({"jsonrpc":"2.0","id":true,"method":"x"})", "null", "'id' must be"},
      {R"({"jsonrpc":"2.0","id":null,"result":{}})", "null", "'id' must be"},
      {R"({"jsonrpc":"2.0","result":{}})", "null", "without 'id'"},
      {R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", "1", "both a result and an error"},
      {R"({"jsonrpc":"2.0","id":1,"result":{},"method":"x"})", "1", "both a method"},
      {R"({"jsonrpc":"2.0","id":1,"method":"x","params":[]})", "1", "'params' must be"},
      {R"({"jsonrpc":"2.0","id":1,"method":"x","params":"y"})", "1", "'params' must be"},
      {R"({"jsonrpc":"2.0","id":1,"method":"\ud800"})", "1", "surrogate"},
      {R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"\udc00\ud800"}})", "1",
       "surrogate"},
  };
  for (const auto& c : cases) {
    std::string id;
    const auto message = parse_message(c.bytes, id);
    ASSERT_FALSE(message) << c.bytes;
    EXPECT_EQ(message.error().code, Code::invalid);
    EXPECT_EQ(message.error().name, "invalid_request") << c.bytes;
    EXPECT_NE(message.error().message.find(c.why), std::string::npos) << message.error().message;
    EXPECT_EQ(id, c.id) << c.bytes;
  }
}

TEST(ParseMessage, RefusesMembersThatStandTwice) {
  for (const std::string_view members : {
           R"("jsonrpc":"2.0")",
           R"("\u006asonrpc":"2.0")",
           R"("id":2)",
           R"("method":"y")",
           R"("m\u0065thod":"y")",
           R"("params":{})",
           R"("params":null)",
       }) {
    std::string id;
    const auto bytes =
        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{},)" + std::string{members} + "}";
    const auto message = parse_message(bytes, id);
    ASSERT_FALSE(message) << bytes;
    EXPECT_EQ(message.error().name, "invalid_request");
    EXPECT_NE(message.error().message.find("twice"), std::string::npos);
  }
  for (const std::string_view member : {
           R"("name":"b")",
           R"("na\u006de":"b")",
           R"("\u006e\u0061me":5)",
           R"("arguments":{})",
           R"("argument\u0073":null)",
           R"("_meta":{})",
           R"("uri":"b")",
           R"("cursor":"b")",
           R"("protocolVersion":"b")",
       }) {
    std::string id;
    const auto bytes =
        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"a","arguments":{},"uri":"a",)"
        R"("cursor":"a","protocolVersion":"a","_meta":{},)" +
        std::string{member} + "}}";
    const auto message = parse_message(bytes, id);
    ASSERT_FALSE(message) << bytes;
    EXPECT_NE(message.error().message.find("twice"), std::string::npos);
    EXPECT_EQ(id, "1");
  }
  std::string id;
  EXPECT_FALSE(parse_message(R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{)"
                             R"("io.modelcontextprotocol/protocolVersion":"a",)"
                             R"("io.modelcontextprotocol\/protocolVersion":"b"}}})",
                             id));
}

TEST(ParseMessage, RefusesBrokenJson) {
  const std::string deep = std::string(70, '[') + std::string(70, ']');
  const std::string in_arguments =
      R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"a":@}}})";
  for (const std::string value : {"",
                                  "tru",
                                  "nul",
                                  "01",
                                  "-",
                                  "1.",
                                  ".5",
                                  "1e",
                                  "1e+",
                                  "+1",
                                  "0x1",
                                  "NaN",
                                  "'a'",
                                  "\"a",
                                  "\"\\x\"",
                                  "\"\\u12g4\"",
                                  "\"\\u123\"",
                                  "\"\t\"",
                                  "[1,]",
                                  "[,1]",
                                  "[1 2]",
                                  "[1}",
                                  "{\"a\"}",
                                  "{\"a\":}",
                                  "{\"a\":1,}",
                                  "{a:1}",
                                  "{\"a\" 1}",
                                  "{1:2}",
                                  "\xff",
                                  "\"\xff\"",
                                  "\"\xc0\xaf\"",
                                  "\"\xed\xa0\x80\"",
                                  "1}",
                                  "]",
                                  "[",
                                  "{",
                                  deep.c_str()}) {
    std::string bytes = in_arguments;
    bytes.replace(bytes.find('@'), 1, value);
    std::string id;
    const auto message = parse_message(bytes, id);
    ASSERT_FALSE(message) << bytes;
    EXPECT_EQ(message.error().name, "parse_error") << bytes;
    EXPECT_EQ(id, "null");
    EXPECT_FALSE(is_json(value)) << value;
  }
}

TEST(ParseMessage, RefusesEveryTruncationAndTrailingBytes) {
  std::string id;
  for (std::size_t size = 0; size < call.size(); ++size) {
    const std::string part{call.substr(0, size)};  // its own bytes, so that reading on is seen
    const auto message = parse_message(part, id);
    ASSERT_FALSE(message) << part;
    EXPECT_EQ(message.error().name, "parse_error");
  }
  using namespace std::string_view_literals;
  for (const std::string_view tail : {"x"sv, "{}"sv, ","sv, "}"sv, "\0"sv}) {
    EXPECT_FALSE(parse_message(std::string{call} + std::string{tail}, id)) << tail;
  }
}

TEST(ParseMessage, BoundsDepthAtSixtyFourLevelsCountedFromTheEnvelope) {
  const auto nested = [](std::size_t levels) {
    return R"({"jsonrpc":"2.0","method":"x","params":{"arguments":)" + std::string(levels, '[') +
           std::string(levels, ']') + "}}";
  };
  std::string id;
  EXPECT_TRUE(parse_message(nested(62), id));
  const auto message = parse_message(nested(63), id);
  ASSERT_FALSE(message);
  EXPECT_NE(message.error().message.find("64 levels"), std::string::npos);
}

TEST(ParseMessage, KeepsLoneSurrogatesInsideArguments) {
  const Message message =
      parsed(R"({"jsonrpc":"2.0","method":"x","params":{"arguments":{"\ud800":"\udfff"}}})");
  EXPECT_EQ(message.arguments, R"({"\ud800":"\udfff"})");
}

TEST(Batch, IsSplitIntoRawMessages) {
  EXPECT_TRUE(is_batch(" \n[1]"));
  EXPECT_FALSE(is_batch(R"({"a":[]})"));
  EXPECT_FALSE(is_batch(""));
  const auto messages = split_batch(R"( [ {"a":[1,2]} , 5,"x" ] )", 3);
  ASSERT_TRUE(messages);
  EXPECT_EQ(*messages, (std::vector<std::string>{R"({"a":[1,2]})", "5", "\"x\""}));
}

TEST(Batch, IsRefusedWhenEmptyOrLargeOrBroken) {
  struct {
    std::string_view bytes, name;
  } const cases[] = {{"[]", "invalid_request"}, {"[1,2,3]", "invalid_request"},
                     {"[1,2", "parse_error"},   {"[1,2] x", "parse_error"},
                     {"[1,]", "parse_error"},   {"{}", "parse_error"}};
  for (const auto& c : cases) {
    const auto messages = split_batch(c.bytes, 2);
    ASSERT_FALSE(messages) << c.bytes;
    EXPECT_EQ(messages.error().code, Code::invalid);
    EXPECT_EQ(messages.error().name, c.name) << c.bytes;
  }
}

TEST(Compose, SplicesRawPartsUnchanged) {
  EXPECT_EQ(result_message("7", R"({"n":1.50, "big":1e400})"),
            R"({"jsonrpc":"2.0","id":7,"result":{"n":1.50, "big":1e400}})");
  EXPECT_EQ(request_message("", "notifications/x"),
            R"({"jsonrpc":"2.0","method":"notifications/x"})");
  EXPECT_EQ(request_message("\"a\"", "ping", "{}"),
            R"({"jsonrpc":"2.0","id":"a","method":"ping","params":{}})");
  EXPECT_EQ(tool_call_message("1", "a\"b", R"({"x": 1})", R"({"m":2})"),
            R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
            R"({"name":"a\"b","arguments":{"x": 1},"_meta":{"m":2}}})");
  EXPECT_EQ(
      tool_call_message("1", "a", ""),
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{}}})");
}

TEST(Compose, EscapesTexts) {
  const std::string_view nasty{"\"\\\n\x01\xff\xe2\x82\x7f\xc3\xa9", 10};
  EXPECT_EQ(error_message("1", -32602, nasty, "[1]"),
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":"
            "\"\\\"\\\\\\n\\u0001\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x7f\xc3\xa9\","
            "\"data\":[1]}}");
  EXPECT_EQ(error_message("", parse_error, "x"),
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})");
  EXPECT_EQ(tool_error_result("a\"b\nc"),
            R"({"content":[{"type":"text","text":"a\"b\nc"}],"isError":true})");
  EXPECT_TRUE(is_json(tool_error_result(nasty)));
}

TEST(IsJson, AcceptsWholeValuesOnly) {
  for (const std::string_view good :
       {"1", " -0.5e+10 ", "null", "\"\\u00e9\\b\\f\\/\"", "[]", "{}", "[[],{}]",
        "[{\"a\":[{}]},[]]", "{\"\":\"\"}", "\"\x7f\xc3\xa9\""}) {
    EXPECT_TRUE(is_json(good)) << good;
  }
  for (const std::string_view bad : {" ", "1 1", "{}}", "nullx", "\xEF\xBB\xBF{}"}) {
    EXPECT_FALSE(is_json(bad)) << bad;
  }
}

}  // namespace
}  // namespace toolgate::mcp
