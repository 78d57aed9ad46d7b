#include "services/bedrock_runtime/chat_stream.h"

#include <gtest/gtest.h>

#include "services/bedrock_runtime/bounds.h"

namespace toolgate::services::bedrock_runtime {
namespace {

// The events as short lines: "start", "0 text Hello", "1 use call_1 add", "1 input {}", "1 stop".
std::string line_of(const Event& event) {
  const auto& value = event.value;
  const auto block = json::find_int(value, "contentBlockIndex");
  const auto at = block ? std::to_string(*block) + " " : std::string{};
  const auto text = [&](auto... path) {
    return std::string{json::find_string(value, path...).value_or("?")};
  };
  if (event.name == "messageStart") return "start";
  if (event.name == "messageStop") return "end " + text("stopReason");
  if (event.name == "contentBlockStop") return at + "stop";
  if (event.name == "contentBlockStart") {
    return at + "use " + text("start", "toolUse", "toolUseId") + " " +
           text("start", "toolUse", "name");
  }
  if (json::find(value, "delta", "text") != nullptr) return at + "text " + text("delta", "text");
  if (json::find(value, "delta", "toolUse") != nullptr) {
    return at + "input " + text("delta", "toolUse", "input");
  }
  return at + "thought " + text("delta", "reasoningContent", "text");
}

using Lines = std::vector<std::string>;

struct Run {
  Lines lines;
  std::string failure;  // the exception's name
  Usage usage;
};

Run run(const std::vector<std::string>& chunks) {
  ChatStream stream;
  std::vector<Event> events;
  Run out;
  Result<void> done;
  for (const auto& chunk : chunks) {
    if (done) done = stream.take(chunk, events);
  }
  if (done) done = stream.finish(events);
  if (!done) out.failure = done.error().name;
  for (const auto& event : events) out.lines.push_back(line_of(event));
  out.usage = stream.usage();
  return out;
}

std::string delta(std::string_view members) {
  return R"({"choices":[{"index":0,"delta":{)" + std::string{members} + "}}]}";
}
std::string call(std::string_view members) {
  return delta(R"("tool_calls":[{)" + std::string{members} + "}]");
}
const std::string stop = R"({"choices":[{"delta":{},"finish_reason":"stop"}]})";
const std::string calls_stop = R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}]})";

TEST(ChatStream, PassesTextOnAsItComes) {
  const auto out =
      run({delta(R"("role":"assistant","content":"")"), delta(R"("content":"Hel")"),
           delta(R"("content":"lo")"), stop,
           R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}})", "[DONE]"});
  EXPECT_EQ(out.failure, "");
  EXPECT_EQ(out.lines, (Lines{"start", "0 text Hel", "0 text lo", "0 stop", "end end_turn"}));
  EXPECT_EQ(out.usage.total, 9);
}

TEST(ChatStream, PutsAToolCallTogether) {
  const auto out = run({delta(R"("content":"Adding.")"),
                        call(R"("index":0,"id":"call_1","function":{"name":"add","arguments":""})"),
                        call(R"("index":0,"function":{"arguments":"{\"a\""})"),
                        call(R"("index":0,"function":{"arguments":":1}"})"), calls_stop, "[DONE]"});
  EXPECT_EQ(out.lines, (Lines{"start", "0 text Adding.", "0 stop", "1 use call_1 add",
                              "1 input {\"a\"", "1 input :1}", "1 stop", "end tool_use"}));
}

TEST(ChatStream, KeepsOneBlockOpenWhenCallsInterleave) {
  const auto out =
      run({call(R"("index":0,"id":"a","function":{"name":"one","arguments":"{"})"),
           call(R"("index":1,"id":"b","function":{"name":"two","arguments":"{\"x\":"})"),
           call(R"("index":0,"function":{"arguments":"}"})"),
           call(R"("index":1,"function":{"arguments":"2}"})"), calls_stop, "[DONE]"});
  EXPECT_EQ(out.lines, (Lines{"start", "0 use a one", "0 input {", "0 input }", "0 stop",
                              "1 use b two", "1 input {\"x\":2}", "1 stop", "end tool_use"}));
}

TEST(ChatStream, ReadsCallsWithoutAnIndexOrWithTheSameOne) {
  const Lines wanted{"start",       "0 use a one", "0 input {}", "0 stop",
                     "1 use b two", "1 input {}",  "1 stop",     "end tool_use"};
  EXPECT_EQ(run({call(R"("id":"a","function":{"name":"one","arguments":"{}"})"),
                 call(R"("id":"b","function":{"name":"two","arguments":"{}"})"), stop})
                .lines,
            wanted);
  EXPECT_EQ(run({call(R"("index":0,"id":"a","function":{"name":"one","arguments":"{}"})"),
                 call(R"("index":0,"id":"b","function":{"name":"two","arguments":{}})"), stop})
                .lines,
            wanted);
}

TEST(ChatStream, WaitsForANameThatComesLater) {
  const auto out = run({call(R"("index":0,"id":"a","function":{"arguments":"{"})"),
                        call(R"("index":0,"function":{"name":"one","arguments":"}"})"), stop});
  EXPECT_EQ(out.lines, (Lines{"start", "0 use a one", "0 input {}", "0 stop", "end tool_use"}));
}

TEST(ChatStream, ClosesToolsBeforeTextGoesOn) {
  const auto out = run({delta(R"("reasoning":"hm")"), delta(R"("content":"a")"),
                        call(R"("index":0,"id":"x","function":{"name":"one","arguments":"{}"})"),
                        delta(R"("content":"b")"), stop});
  EXPECT_EQ(out.lines,
            (Lines{"start", "0 thought hm", "0 stop", "1 text a", "1 stop", "2 use x one",
                   "2 input {}", "2 stop", "3 text b", "3 stop", "end tool_use"}));
  const auto late = run({call(R"("index":0,"id":"x","function":{"name":"one"})"),
                         delta(R"("content":"b")"), call(R"("index":0,"function":{})"), stop});
  EXPECT_EQ(late.failure, "ModelStreamErrorException");
}

TEST(ChatStream, FailsWhenTheAnswerIsCutOff) {
  const auto out = run({delta(R"("content":"Hel")")});
  EXPECT_EQ(out.failure, "ModelStreamErrorException");
  EXPECT_EQ(out.lines, (Lines{"start", "0 text Hel"}));
  EXPECT_EQ(run({}).failure, "ModelStreamErrorException");
}

TEST(ChatStream, FailsWithWhatTheEndpointSays) {
  EXPECT_EQ(run({R"({"error":{"message":"x","code":429}})"}).failure, "ThrottlingException");
  EXPECT_EQ(run({R"({"error":{"message":"x","type":"rate_limit_error"}})"}).failure,
            "ThrottlingException");
  EXPECT_EQ(run({R"({"error":{"type":"overloaded_error"}})"}).failure,
            "ServiceUnavailableException");
  EXPECT_EQ(run({R"({"error":"x"})"}).failure, "ModelStreamErrorException");
  EXPECT_EQ(run({R"({"error":null,"choices":[]})", "[DONE]"}).failure, "");
}

TEST(ChatStream, RefusesPiecesThatCannotBe) {
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= bounds::tool_calls_count_max; ++i) {
    many.push_back(call(R"("id":"id)" + std::to_string(i) + R"(","function":{"name":"a"})"));
  }
  EXPECT_EQ(run(many).failure, "ModelStreamErrorException");
  const std::string long_arguments(bounds::answer_bytes_max / 4, 'x');
  std::vector<std::string> huge{call(R"("index":0,"id":"a","function":{"name":"one"})")};
  for (int i = 0; i < 5; ++i) {
    huge.push_back(call(R"("index":1,"function":{"arguments":")" + long_arguments + "\"}"));
  }
  EXPECT_EQ(run(huge).failure, "ModelStreamErrorException");
  for (const std::string& bad :
       {std::string{"{"}, std::string{"[1]"}, std::string{"text"},
        call(R"("index":7,"function":{"name":"a"})"), call(R"("index":-1,"function":{"name":"a"})"),
        call(R"("index":9223372036854775807,"function":{"name":"a"})")}) {
    EXPECT_EQ(run({bad, stop}).failure, "ModelStreamErrorException") << bad;
  }
  EXPECT_EQ(run({call(R"("index":0,"function":{"arguments":"{}"})"), stop}).failure,
            "ModelStreamErrorException");  // no name at all
}

TEST(ChatStream, PassesOverWhatItDoesNotKnow) {
  const auto out = run({"", " ", R"({})", R"({"choices":[null]})", R"({"choices":[{"delta":7}]})",
                        R"({"choices":[{"delta":{"tool_calls":{}}}]})", delta(R"("content":7)"),
                        stop, "[DONE]", "{ after the end"});
  EXPECT_EQ(out.failure, "");
  EXPECT_EQ(out.lines, (Lines{"start", "end end_turn"}));
}

TEST(EventsOf, GivesAWholeAnswerTheSameForm) {
  Reply reply;
  reply.content = json::parse(R"([{"reasoningContent":{"reasoningText":{"text":"hm"}}},
      {"text":"One two."},{"toolUse":{"toolUseId":"a","name":"add","input":{"b":1}}}])")
                      ->get_array();
  reply.stop_reason = "tool_use";
  Lines lines;
  for (const auto& event : events_of(reply)) lines.push_back(line_of(event));
  EXPECT_EQ(lines, (Lines{"start", "0 thought hm", "0 stop", "1 text One two.", "1 stop",
                          "2 use a add", "2 input {\"b\":1}", "2 stop", "end tool_use"}));
}

}  // namespace
}  // namespace toolgate::services::bedrock_runtime
