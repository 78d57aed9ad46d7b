#include "services/bedrock_runtime/chat_answer.h"

#include <gtest/gtest.h>

#include "services/bedrock_runtime/bounds.h"

namespace toolgate::services::bedrock_runtime {
namespace {

Json parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : Json();
}

std::string answer(std::string_view message, std::string_view reason) {
  return R"({"choices":[{"index":0,"message":)" + std::string{message} + R"(,"finish_reason":")" +
         std::string{reason} +
         R"("}],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}})";
}

TEST(ReadChatAnswer, ReadsTextThoughtsAndTools) {
  const auto reply = read_chat_answer(answer(
      R"({"role":"assistant","content":"Adding.","reasoning_content":"hm","tool_calls":[
          {"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":1}"}},
          {"id":"call_2","type":"function","function":{"name":"now","arguments":""}}]})",
      "tool_calls"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(Json(reply->content), parsed(R"([
      {"reasoningContent":{"reasoningText":{"text":"hm"}}},{"text":"Adding."},
      {"toolUse":{"toolUseId":"call_1","name":"add","input":{"a":1}}},
      {"toolUse":{"toolUseId":"call_2","name":"now","input":{}}}])"));
  EXPECT_EQ(reply->stop_reason, "tool_use");
  EXPECT_EQ(reply->usage.input, 10);
  EXPECT_EQ(reply->usage.output, 4);
  EXPECT_EQ(reply->usage.total, 14);
}

TEST(ReadChatAnswer, ReadsWhatOtherEndpointsWrite) {
  const auto parts = read_chat_answer(
      answer(R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})", "stop"));
  ASSERT_TRUE(parts);
  EXPECT_EQ(Json(parts->content), parsed(R"([{"text":"ab"}])"));
  const auto refusal = read_chat_answer(answer(R"({"content":null,"refusal":"No."})", "stop"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(Json(refusal->content), parsed(R"([{"text":"No."}])"));
  const auto object = read_chat_answer(answer(
      R"({"content":"","tool_calls":[{"function":{"name":"add","arguments":{"a":1}}}]})", "stop"));
  ASSERT_TRUE(object);
  EXPECT_EQ(json::find(object->content.at(0), "toolUse", "input")->get_object().at("a"), 1);
  EXPECT_TRUE(
      json::find_string(object->content.at(0), "toolUse", "toolUseId")->starts_with("tooluse_"));
  EXPECT_EQ(object->stop_reason, "tool_use");
}

TEST(ReadChatAnswer, SaysWhyTheModelStopped) {
  for (const auto& [reason, stop] :
       {std::pair{"stop", "end_turn"}, std::pair{"length", "max_tokens"},
        std::pair{"content_filter", "content_filtered"}, std::pair{"eos", "end_turn"}}) {
    const auto reply = read_chat_answer(answer(R"({"content":"x"})", reason));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->stop_reason, stop);
  }
  EXPECT_EQ(stop_reason_of(parsed(R"({"stop_reason":"END"})"), "stop", false), "stop_sequence");
  EXPECT_EQ(stop_reason_of(parsed(R"({"stop_reason":128001})"), "stop", false), "end_turn");
}

TEST(ReadChatAnswer, RefusesWhatIsNoAnswer) {
  std::string many = R"({"tool_calls":[{"function":{"name":"a"}})";
  for (std::size_t i = 0; i < bounds::tool_calls_count_max; ++i) {
    many += R"(,{"function":{"name":"a"}})";
  }
  for (const std::string& body :
       {std::string{}, std::string{"<html>"}, std::string{"{}"}, std::string{R"({"choices":[]})"},
        std::string{R"({"choices":[{}]})"}, std::string{R"({"choices":{"a":1}})"},
        answer(R"({"tool_calls":[{"function":{"arguments":"{}"}}]})", "stop"),
        answer(R"({"tool_calls":[{"function":{"name":"a","arguments":"{\"a\":"}}]})", "stop"),
        answer(R"({"tool_calls":[{"function":{"name":"a","arguments":"[1]"}}]})", "stop"),
        answer(many + "]}", "stop")}) {
    const auto reply = read_chat_answer(body);
    ASSERT_FALSE(reply) << body.substr(0, 100);
    EXPECT_EQ(reply.error().name, "ModelErrorException");
  }
}

TEST(UsageOf, CountsCachedTokensOnTheirOwn) {
  const auto usage = usage_of(parsed(R"({"prompt_tokens":100,"completion_tokens":5,
      "prompt_tokens_details":{"cached_tokens":60}})"));
  EXPECT_EQ(usage.input, 40);
  EXPECT_EQ(usage.cache_read, 60);
  EXPECT_EQ(usage.total, 105);
  EXPECT_EQ(usage_of(parsed(R"({"prompt_tokens":-5,"completion_tokens":"x"})")).total, 0);
}

TEST(ToolUseId, KeepsWhatTheContractAllows) {
  EXPECT_EQ(tool_use_id("call_A-1.b:2"), "call_A-1.b:2");
  for (const std::string& id :
       {std::string{}, std::string{"a b"}, std::string{"é"}, std::string(65, 'a')}) {
    EXPECT_TRUE(tool_use_id(id).starts_with("tooluse_")) << id;
  }
}

TEST(ChatError, NamesTheExceptionThatFits) {
  const struct {
    int status;
    std::string_view body, name, says;
  } table[] = {
      {400, R"({"error":{"message":"bad tool"}})", "ValidationException", "bad tool"},
      {400, R"({"error":"no such field"})", "ValidationException", "no such field"},
      {422, R"({"detail":"wrong type"})", "ValidationException", "wrong type"},
      {413, "too big", "ValidationException", "too long"},
      {404, R"({"message":"model 'x' not found"})", "ResourceNotFoundException", "'x' not found"},
      {408, "", "ModelTimeoutException", "408"},
      {429, R"({"error":{"message":"slow down"}})", "ThrottlingException", "slow down"},
      {500, "oops", "ModelErrorException", "500"},
      {502, "", "ServiceUnavailableException", "502"},
      {503, "", "ServiceUnavailableException", "503"},
      {504, "", "ModelTimeoutException", "504"},
      {529, "", "ServiceUnavailableException", "529"},
      {301, "", "ValidationException", "301"},
      {418, "", "ValidationException", "418"},
      {599, "", "ModelErrorException", "599"},
  };
  for (const auto& row : table) {
    const auto error = chat_error(row.status, row.body);
    EXPECT_EQ(error.name, row.name) << row.status;
    EXPECT_TRUE(error.message.contains(row.says)) << error.message;
  }
}

TEST(ChatError, DoesNotRepeatWhatIsSaidAboutAKey) {
  for (const int status : {401, 403}) {
    const auto error = chat_error(status, R"({"error":{"message":"Bad key: sk-secret"}})");
    EXPECT_EQ(error.name, "AccessDeniedException");
    EXPECT_FALSE(error.message.contains("sk-secret"));
    EXPECT_TRUE(error.message.contains("--model-api-key-file"));
  }
}

TEST(ChatError, CutsALongMessage) {
  const auto error = chat_error(400, R"({"error":{"message":")" + std::string(9'999, 'x') + "\"}}");
  EXPECT_LT(error.message.size(), bounds::error_message_bytes_max + 200);
}

TEST(ConnectionError, NamesTheExceptionThatFits) {
  for (const auto& [code, name] : {std::pair{Code::denied, "AccessDeniedException"},
                                   std::pair{Code::timeout, "ModelTimeoutException"},
                                   std::pair{Code::unavailable, "ServiceUnavailableException"},
                                   std::pair{Code::upstream, "ModelErrorException"},
                                   std::pair{Code::too_large, "ModelErrorException"}}) {
    const auto failed = fail(code, "connect: refused");
    const auto error = connection_error(failed.error());
    EXPECT_EQ(error.name, name);
    EXPECT_TRUE(error.message.contains("connect: refused"));
  }
}

}  // namespace
}  // namespace toolgate::services::bedrock_runtime
