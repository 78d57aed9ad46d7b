#include "services/bedrock_runtime/stand_in.h"

#include <gtest/gtest.h>

#include "json/members.h"

namespace toolgate::services::bedrock_runtime {
namespace {

constexpr std::string_view tools = R"({"tools":[
  {"toolSpec":{"name":"shop___refundInvoice","description":"Pay an invoice back.\nSlow.",
    "inputSchema":{"json":{"type":"object","properties":{"invoiceId":{"type":"integer"}},
                           "required":["invoiceId"]}}}},
  {"toolSpec":{"name":"shop___listCustomers","description":"All customers",
    "inputSchema":{"json":{"type":"object","properties":{}}}}},
  {"cachePoint":{"type":"default"}}])";

Json input_of(std::string_view messages, std::string_view config = {}, std::string_view more = {}) {
  std::string text = R"({"messages":[)" + std::string{messages} + "]";
  if (!config.empty()) text += R"(,"toolConfig":)" + std::string{config};
  text += std::string{more} + "}";
  auto input = json::parse(text);
  EXPECT_TRUE(input) << text;
  return input ? *input : Json();
}

std::string user(std::string_view text) {
  return R"({"role":"user","content":[{"text":)" + json::quote(text) + "}]}";
}

std::string with_tools(std::string_view choice = {}) {
  std::string config{tools};
  if (!choice.empty()) config += R"(,"toolChoice":)" + std::string{choice};
  return config + "}";
}

std::string text_in(const Reply& reply) { return json::member(reply.content.at(0), "text"); }
std::string call_in(const Reply& reply) {
  for (const auto& block : reply.content) {
    if (const Json* use = json::find(block, "toolUse")) {
      return std::string{*json::find_string(*use, "name")} + " " +
             json::print(*json::find(*use, "input"));
    }
  }
  return "none";
}

TEST(StandIn, ListsItsToolsAndSaysWhatItIs) {
  for (const std::string_view prompt :
       {"Hello!", "Which tools do you have?", "Hi, can you list all tools available to you"}) {
    const auto reply = stand_in_reply(input_of(user(prompt), with_tools()));
    ASSERT_TRUE(reply);
    const auto text = text_in(*reply);
    EXPECT_TRUE(text.contains("no language model")) << text;
    EXPECT_TRUE(text.contains("--model-endpoint")) << text;
    EXPECT_TRUE(text.contains("- shop___refundInvoice: Pay an invoice back.\n")) << text;
    EXPECT_TRUE(text.contains("- shop___listCustomers: All customers")) << text;
    EXPECT_EQ(reply->stop_reason, "end_turn");
    EXPECT_EQ(call_in(*reply), "none");
  }
}

TEST(StandIn, CallsTheToolWhoseWordsFit) {
  const auto refund = stand_in_reply(input_of(user("Please refund invoice 17"), with_tools()));
  ASSERT_TRUE(refund);
  EXPECT_EQ(call_in(*refund), R"(shop___refundInvoice {"invoiceId":17})");
  EXPECT_EQ(refund->stop_reason, "tool_use");
  EXPECT_TRUE(text_in(*refund).contains("no language model"));
  const auto list = stand_in_reply(input_of(user("list the customers"), with_tools()));
  EXPECT_EQ(call_in(*list), "shop___listCustomers {}");
}

TEST(StandIn, AsksForWhatThePromptDoesNotSay) {
  const auto reply = stand_in_reply(input_of(user("refund the invoice"), with_tools()));
  ASSERT_TRUE(reply);
  EXPECT_EQ(call_in(*reply), "none");
  EXPECT_TRUE(text_in(*reply).contains("no value for invoiceId")) << text_in(*reply);
}

TEST(StandIn, AnswersWithoutToolsToo) {
  const auto reply = stand_in_reply(input_of(user("Why is the sky blue?")));
  ASSERT_TRUE(reply);
  EXPECT_TRUE(text_in(*reply).contains("no language model"));
  EXPECT_TRUE(text_in(*reply).contains("no tools"));
}

// The turn after a tool call: the call, and its result.
std::string turn(std::string_view result) {
  return user("refund invoice 17") +
         R"(,{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1",)"
         R"("name":"shop___refundInvoice","input":{"invoiceId":17}}}]},)"
         R"({"role":"user","content":[{"toolResult":{"toolUseId":"t1",)" +
         std::string{result} + "}}]}";
}

TEST(StandIn, RepeatsWhatTheToolAnswered) {
  const auto text = stand_in_reply(
      input_of(turn(R"("content":[{"text":"paid"},{"json":{"sum":5}}])"), with_tools()));
  ASSERT_TRUE(text);
  EXPECT_TRUE(text_in(*text).contains("shop___refundInvoice answered: paid\n{\"sum\":5}"))
      << text_in(*text);
  EXPECT_EQ(call_in(*text), "none");
  EXPECT_EQ(text->stop_reason, "end_turn");
  const auto failed = stand_in_reply(
      input_of(turn(R"("content":[{"text":"locked"}],"status":"error")"), with_tools()));
  EXPECT_TRUE(text_in(*failed).contains("shop___refundInvoice failed: locked"));
}

TEST(StandIn, CallsAToolWhenItMust) {
  const auto any = stand_in_reply(input_of(user("Hello"), with_tools(R"({"any":{}})")));
  ASSERT_TRUE(any);
  EXPECT_EQ(call_in(*any), "shop___refundInvoice {}");
  const auto named = stand_in_reply(
      input_of(user("Hello"), with_tools(R"({"tool":{"name":"shop___listCustomers"}})")));
  ASSERT_TRUE(named);
  EXPECT_EQ(call_in(*named), "shop___listCustomers {}");
  const auto unknown =
      stand_in_reply(input_of(user("Hello"), with_tools(R"({"tool":{"name":"other"}})")));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().fields.at(0).path, "toolConfig.toolChoice.tool.name");
}

TEST(StandIn, StaysWithinMaxTokensWithoutBreakingOff) {
  const auto reply =
      stand_in_reply(input_of(turn(R"("content":[{"text":")" + std::string(9'999, 'x') + R"("}])"),
                              with_tools(), R"(,"inferenceConfig":{"maxTokens":50})"));
  ASSERT_TRUE(reply);
  EXPECT_LE(text_in(*reply).size(), 50 * 4 + std::string_view{"…"}.size());
  EXPECT_EQ(reply->stop_reason, "end_turn");
}

TEST(StandIn, CountsWordsAsTokens) {
  const auto reply = stand_in_reply(input_of(user("one two three")));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->usage.input, 4);  // and the role
  EXPECT_GT(reply->usage.output, 10);
  EXPECT_EQ(reply->usage.total, reply->usage.input + reply->usage.output);
}

TEST(StandIn, RefusesAConversationWithoutAUser) {
  for (const std::string_view messages :
       {std::string_view{}, std::string_view{R"({"role":"assistant","content":[{"text":"x"}]})"}}) {
    const auto reply = stand_in_reply(input_of(messages));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().name, "ValidationException");
  }
}

}  // namespace
}  // namespace toolgate::services::bedrock_runtime
