#include "targets/lambda/answer.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace toolgate::targets::lambda {
namespace {

std::string result_of(std::string_view payload, std::string_view schema = "") {
  auto buffer = std::make_shared<std::string>(payload);
  buffer->reserve(buffer->size() + limits::json_padding_bytes);
  std::optional<json::Schema> output;
  if (!schema.empty()) output = *json::Schema::compile(schema);
  const auto outcome = outcome_of(*buffer, buffer, output ? &*output : nullptr);
  return std::string{outcome.result};
}

TEST(LambdaAnswer, IsOneTextBlockOfThePayloadsBytes) {
  EXPECT_EQ(result_of(R"("good")"),
            R"({"content":[{"type":"text","text":"\"good\""}],"isError":false})");
  EXPECT_EQ(result_of("null"), R"({"content":[{"type":"text","text":"null"}],"isError":false})");
  EXPECT_EQ(result_of(R"({"statusCode":200,"body":"{}"})"),
            R"({"content":[{"type":"text","text":"{\"statusCode\":200,\"body\":\"{}\"}"}],)"
            R"("isError":false})");
}

TEST(LambdaAnswer, ThatIsAToolResultIsUsedAsOne) {
  for (const std::string_view payload :
       {R"({"content":[]})", R"({"isError":true,"content":[{"type":"text","text":"no"}]})",
        R"({"content":[{"type":"image","data":"aa","mimeType":"image/png"}],"_meta":{}})",
        R"({"content":[{"type":"resource","resource":{"uri":"x:y","text":"t"}}],)"
        R"("structuredContent":{"a":1}})",
        R"({"content":[{"type":"resource_link","uri":"x:y","name":"n"}]})"}) {
    EXPECT_TRUE(is_tool_result(payload)) << payload;
    EXPECT_EQ(result_of(payload), payload);
  }
}

TEST(LambdaAnswer, ThatOnlyLooksLikeAToolResultStaysText) {
  for (const std::string_view payload :
       {R"({})", R"([])", R"({"content":"text"})", R"({"content":[1]})",
        R"({"content":[{"type":"text"}]})", R"({"content":[{"text":"no type"}]})",
        R"({"content":[{"type":"video","text":"x"}]})", R"({"content":[],"isError":"no"})",
        R"({"content":[{"type":"resource","resource":{"uri":"x:y"}}]})",
        R"({"content":[{"type":"text","text":"a model's answer"}],"role":"assistant"})",
        R"({"content":[]} x)", R"({"content":[})"}) {
    EXPECT_FALSE(is_tool_result(payload)) << payload;
  }
}

TEST(LambdaAnswer, IsStructuredWhereTheToolsOutputSchemaSaysSo) {
  constexpr std::string_view schema =
      R"({"type":"object","properties":{"t":{"type":"integer"}},"required":["t"]})";
  EXPECT_EQ(result_of(R"({"t":1})", schema),
            R"({"content":[{"type":"text","text":"{\"t\":1}"}],"structuredContent":{"t":1},)"
            R"("isError":false})");
  for (const std::string_view payload : {R"({"t":"x"})", R"({})", R"([1])", R"("x")"}) {
    EXPECT_EQ(result_of(payload, schema).find("structuredContent"), std::string::npos) << payload;
  }
}

}  // namespace
}  // namespace toolgate::targets::lambda
