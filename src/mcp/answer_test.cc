#include <gtest/gtest.h>

#include "mcp/message.h"

namespace toolgate::mcp {
namespace {

TEST(ParseAnswer, GivesResultAsSlices) {
  constexpr std::string_view bytes =
      R"({"jsonrpc":"2.0","id":"x","result": {"content":[],"n":1.0} ,"extra":[1]})";
  const auto answer = parse_answer(bytes);
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->id, "\"x\"");
  EXPECT_EQ((*answer)->result, R"({"content":[],"n":1.0})");
  EXPECT_FALSE((*answer)->is_error);
}

TEST(ParseAnswer, GivesErrors) {
  const auto answer =
      parse_answer(R"({"jsonrpc":"2.0","id":1,)"
                   R"("error":{"data":{"a":1},"message":"n\u006f \ud800","code":-32602}})");
  ASSERT_TRUE(answer && *answer);
  EXPECT_TRUE((*answer)->is_error);
  EXPECT_EQ((*answer)->error_code, -32602);
  EXPECT_EQ((*answer)->error_message, "no \xEF\xBF\xBD");
  EXPECT_EQ((*answer)->error_data, R"({"a":1})");
}

TEST(ParseAnswer, IsLenientWithWhatServersLeaveOut) {
  struct {
    std::string_view bytes, id;
    bool is_error;
  } const cases[] = {
      {R"({"jsonrpc":"2.0","error":{}})", "null", true},
      {R"({"jsonrpc":"2.0","id":null,"error":{"code":"x","message":5}})", "null", true},
      {R"({"jsonrpc":"2.0","id":1,"result":null,"error":{}})", "1", true},
      {R"({"jsonrpc":"2.0","id":1,"result":{},"error":null})", "1", false},
      {R"({"jsonrpc":"2.0","id":1,"result":null})", "1", false},
  };
  for (const auto& c : cases) {
    const auto answer = parse_answer(c.bytes);
    ASSERT_TRUE(answer && *answer) << c.bytes;
    EXPECT_EQ((*answer)->id, c.id);
    EXPECT_EQ((*answer)->is_error, c.is_error);
    if (c.is_error) EXPECT_EQ((*answer)->error_code, -32603);
  }
}

TEST(ParseAnswer, GivesNothingForRequestsAndNotifications) {
  for (const std::string_view bytes :
       {R"({"jsonrpc":"2.0","id":1,"method":"ping"})",
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{}})"}) {
    const auto answer = parse_answer(bytes);
    ASSERT_TRUE(answer) << bytes;
    EXPECT_FALSE(*answer) << bytes;
  }
}

TEST(ParseAnswer, RefusesWhatIsNoResponse) {
  for (const std::string_view bytes : {
           "",
           "[]",
           "5",
           "<html>",
           R"({"jsonrpc":"2.0","id":1,"result":{})",
           R"({"jsonrpc":"2.0","id":1,"result":{"a":tru}})",
           R"({"jsonrpc":"2.0","id":1,"result":{}} x)",
           R"({"id":1,"result":{}})",
           R"({"jsonrpc":"1.0","id":1,"result":{}})",
           R"({"jsonrpc":2.0,"id":1,"result":{}})",
           R"({"jsonrpc":"2.0","id":1})",
           R"({"jsonrpc":"2.0","result":{}})",
           R"({"jsonrpc":"2.0","id":null,"result":{}})",
           R"({"jsonrpc":"2.0","id":{},"result":{}})",
           R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})",
           R"({"jsonrpc":"2.0","id":1,"error":"no"})",
           R"({"jsonrpc":"2.0","id":1,"method":"x","result":{}})",
           R"({"jsonrpc":"2.0","id":1,"method":5})",
           R"({"jsonrpc":"2.0","id":1,"result":{},"r\u0065sult":{}})",
           R"({"jsonrpc":"2.0","id":1,"id":2,"result":{}})",
           "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":\"\xff\"}}",
       }) {
    const auto answer = parse_answer(bytes);
    ASSERT_FALSE(answer) << bytes;
    EXPECT_EQ(answer.error().code, Code::upstream);
    EXPECT_TRUE(answer.error().message.starts_with("the server's answer is no JSON-RPC response"));
  }
}

}  // namespace
}  // namespace toolgate::mcp
