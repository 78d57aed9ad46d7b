#include "services/bedrock_runtime/chat_request.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"

namespace toolgate::services::bedrock_runtime {
namespace {

Json parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : Json();
}

Result<Json> asked(std::string_view input, Delivery delivery = Delivery::whole) {
  return chat_request(parsed(input), "model-x", delivery);
}

// The endpoint's messages for one message of Converse.
std::string messages_of(std::string_view message) {
  JsonArray messages;
  const auto done = add_message(messages, parsed(message), "messages[0]");
  return done ? json::print(messages) : done.error().message;
}

TEST(ChatRequest, AsksWithEveryMemberInItsPlace) {
  const auto body = asked(R"({
    "system":[{"text":"Be brief."},{"cachePoint":{"type":"default"}},{"text":"Be kind."}],
    "messages":[{"role":"user","content":[{"text":"Hello"}]}],
    "inferenceConfig":{"maxTokens":500,"temperature":0.7,"topP":0.9,"stopSequences":["END"]},
    "toolConfig":{"tools":[{"toolSpec":{"name":"add","description":"Adds","strict":true,
      "inputSchema":{"json":{"type":"object"}}}},{"cachePoint":{"type":"default"}}],
      "toolChoice":{"tool":{"name":"add"}}},
    "outputConfig":{"effort":"low","textFormat":{"type":"json_schema","structure":{"jsonSchema":
      {"schema":"{\"type\":\"object\"}","name":"sum"}}}},
    "additionalModelRequestFields":{"top_k":40}})");
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(*body, parsed(R"({
    "model":"model-x",
    "messages":[{"role":"system","content":"Be brief.\n\nBe kind."},
                {"role":"user","content":"Hello"}],
    "max_tokens":500,"temperature":0.7,"top_p":0.9,"stop":["END"],
    "tools":[{"type":"function","function":{"name":"add","description":"Adds",
              "parameters":{"type":"object"},"strict":true}}],
    "tool_choice":{"type":"function","function":{"name":"add"}},
    "reasoning_effort":"low",
    "response_format":{"type":"json_schema","json_schema":
      {"name":"sum","schema":{"type":"object"},"strict":true}},
    "top_k":40})"));
}

TEST(ChatRequest, AsksForUsageWhenItStreams) {
  const auto body =
      asked(R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})", Delivery::streamed);
  ASSERT_TRUE(body);
  EXPECT_EQ(json::find_bool(*body, "stream"), true);
  EXPECT_EQ(json::find_bool(*body, "stream_options", "include_usage"), true);
  EXPECT_EQ(json::find(*body, "tools"), nullptr);
}

TEST(ChatRequest, SaysHowAToolIsChosen) {
  for (const auto& [choice, said] :
       {std::pair{R"({"auto":{}})", "auto"}, std::pair{R"({"any":{}})", "required"}}) {
    const auto body = asked(std::string{R"({"messages":[{"role":"user","content":[{"text":"x"}]}],
      "toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{}}}}],"toolChoice":)"} +
                            choice + "}}");
    ASSERT_TRUE(body);
    EXPECT_EQ(json::find_string(*body, "tool_choice"), said);
  }
}

TEST(ChatRequest, LeavesTheOlderBoundOutBesideTheNewer) {
  const auto body = asked(R"({"messages":[{"role":"user","content":[{"text":"x"}]}],
    "inferenceConfig":{"maxTokens":5},
    "additionalModelRequestFields":{"max_completion_tokens":9}})");
  ASSERT_TRUE(body);
  EXPECT_EQ(json::find(*body, "max_tokens"), nullptr);
  EXPECT_EQ(json::find_int(*body, "max_completion_tokens"), 9);
}

TEST(AdaptQuestion, ChangesWhatTheEndpointNames) {
  Json question = parsed(R"({"max_tokens":5,"stream_options":{"include_usage":true}})");
  EXPECT_FALSE(adapt_question(question, "Unsupported value: temperature"));
  EXPECT_TRUE(adapt_question(question, "Use 'max_completion_tokens' instead."));
  EXPECT_EQ(question, parsed(R"({"max_completion_tokens":5,
                                 "stream_options":{"include_usage":true}})"));
  EXPECT_FALSE(adapt_question(question, "max_completion_tokens is too large"));
  EXPECT_TRUE(adapt_question(question, "extra field: stream_options"));
  EXPECT_FALSE(adapt_question(question, "extra field: stream_options"));
  EXPECT_EQ(json::print(question), R"({"max_completion_tokens":5})");
}

TEST(ChatRequest, RefusesWhatAnEndpointCannotDo) {
  const std::string user = R"("messages":[{"role":"user","content":[{"text":"x"}]}])";
  for (const auto& [input, message] : std::initializer_list<std::pair<std::string, std::string>>{
           {"{}", "messages: expected at least one message"},
           {R"({"messages":[]})", "messages: expected at least one message"},
           {R"({"messages":[{"role":"assistant","content":[{"text":"x"}]}]})",
            "messages[0].role: a conversation must start with a user message"},
           {"{" + user + R"(,"guardrailConfig":{"guardrailIdentifier":"g"}})",
            "guardrailConfig: guardrails are not served"},
           {"{" + user + R"(,"promptVariables":{}})", "promptVariables: "},
           {"{" + user + R"(,"toolConfig":{"tools":[{"systemTool":{"name":"search"}}]}})",
            "toolConfig.tools[0]: expected toolSpec"},
           {"{" + user + R"(,"additionalModelRequestFields":{"model":"y"}})",
            "additionalModelRequestFields.model: "},
           {"{" + user + R"(,"additionalModelRequestFields":[]})",
            "additionalModelRequestFields: expected an object"},
           {R"({"messages":[{"role":"user","content":[{"text":"x"},
               {"video":{"format":"mp4","source":{"bytes":"AA=="}}}]}]})",
            "messages[0].content[1].video: "},
           {R"({"messages":[{"role":"user","content":
               [{"image":{"format":"png","source":{"s3Location":{"uri":"s3://a/b"}}}}]}]})",
            "messages[0].content[0].image.source: an s3Location cannot be read"},
           {R"({"messages":[{"role":"user","content":
               [{"document":{"format":"docx","name":"d","source":{"bytes":"AA=="}}}]}]})",
            "messages[0].content[0].document.format: expected pdf, txt"},
           {R"({"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":
               [{"image":{"format":"png","source":{"bytes":"AA=="}}}]}]})",
            "messages[1].content[0]: expected text or toolUse"},
       }) {
    const auto body = asked(input);
    ASSERT_FALSE(body) << input;
    EXPECT_TRUE(body.error().message.starts_with(message)) << body.error().message;
    EXPECT_EQ(body.error().name, "ValidationException");
  }
}

TEST(AddMessage, PutsToolResultsFirstAndEachOnItsOwn) {
  EXPECT_EQ(messages_of(R"({"role":"user","content":[
      {"text":"And now?"},
      {"toolResult":{"toolUseId":"a","content":[{"text":"one"},{"json":{"two":2}}]}},
      {"toolResult":{"toolUseId":"b","content":[{"text":"no"}],"status":"error"}}]})"),
            R"([{"role":"tool","tool_call_id":"a","content":"one\n{\"two\":2}"},)"
            R"({"role":"tool","tool_call_id":"b","content":"Error: no"},)"
            R"({"role":"user","content":"And now?"}])");
}

TEST(AddMessage, GivesImagesOfToolResultsToTheUser) {
  EXPECT_EQ(messages_of(R"({"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[
      {"text":"see"},{"image":{"format":"png","source":{"bytes":"AAEC"}}}]}}]})"),
            R"([{"role":"tool","tool_call_id":"a","content":"see"},{"role":"user","content":[)"
            R"({"type":"text","text":"From the result of tool call a:"},)"
            R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAEC"}}]}])");
}

TEST(AddMessage, SendsImagesSoundsAndDocumentsAsParts) {
  const auto text = crypto::base64("a,b\n1,2");
  EXPECT_EQ(messages_of(R"({"role":"user","content":[
      {"text":"Look"},{"image":{"format":"jpeg","source":{"bytes":"AAEC"}}},
      {"audio":{"format":"wav","source":{"bytes":"AAEC"}}},
      {"document":{"format":"pdf","name":"paper","source":{"bytes":"AAEC"}}},
      {"document":{"format":"csv","name":"table","source":{"bytes":")" +
                        text + R"("}}}]})"),
            R"([{"role":"user","content":[{"type":"text","text":"Look"},)"
            R"({"type":"image_url","image_url":{"url":"data:image/jpeg;base64,AAEC"}},)"
            R"({"type":"input_audio","input_audio":{"data":"AAEC","format":"wav"}},)"
            R"({"type":"file","file":{"filename":"paper.pdf",)"
            R"("file_data":"data:application/pdf;base64,AAEC"}},)"
            R"({"type":"text","text":"Document table:\na,b\n1,2"}]}])");
}

TEST(AddMessage, RepeatsWhatTheModelSaidAndCalled) {
  EXPECT_EQ(messages_of(R"({"role":"assistant","content":[
      {"reasoningContent":{"reasoningText":{"text":"hm"}}},{"text":"Adding."},
      {"toolUse":{"toolUseId":"t1","name":"add","input":{"a":1.5,"b":[]}}}]})"),
            R"([{"role":"assistant","content":"Adding.","tool_calls":[{"id":"t1",)"
            R"("type":"function","function":{"name":"add",)"
            R"("arguments":"{\"a\":1.5,\"b\":[]}"}}]}])");
  EXPECT_EQ(messages_of(R"({"role":"assistant","content":[
      {"toolUse":{"toolUseId":"t1","name":"add","input":{}}}]})"),
            R"([{"role":"assistant","content":null,"tool_calls":[{"id":"t1",)"
            R"("type":"function","function":{"name":"add","arguments":"{}"}}]}])");
}

}  // namespace
}  // namespace toolgate::services::bedrock_runtime
