#include "mcp/tools.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "mcp/message.h"

namespace toolgate::mcp {
namespace {

TEST(ParseToolPage, KeepsDefinitionsAsTheyWere) {
  const auto page = parse_tool_page(
      R"({"tools":[{"name":"a\u0062","title":"T","description":"x\ny",)"
      R"("inputSchema":{"type":"object","multipleOf":0.10},"annotations":{"q":[1]}}],)"
      R"("nextCursor":"c\u0031"})");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->tools.size(), 1U);
  const ToolDefinition& tool = page->tools[0];
  EXPECT_EQ(tool.name, "ab");
  EXPECT_EQ(tool.description, "x\ny");
  EXPECT_EQ(tool.input_schema, R"({"type":"object","multipleOf":0.10})");
  EXPECT_EQ(tool.rest,
            R"("title":"T","description":"x\ny",)"
            R"("inputSchema":{"type":"object","multipleOf":0.10},"annotations":{"q":[1]})");
  EXPECT_EQ(page->next_cursor, "c1");
  EXPECT_TRUE(page->skipped.empty());
}

TEST(ParseToolPage, CutsTheNameOutWhereverItStands) {
  struct {
    std::string_view definition, rest;
  } const cases[] = {
      {R"({"name":"a","inputSchema":{}})", R"("inputSchema":{})"},
      {R"({"inputSchema":{},"name":"a"})", R"("inputSchema":{})"},
      {R"({"inputSchema":{},"name":"a","z":1})", R"("inputSchema":{},"z":1)"},
      {R"({ "inputSchema" : {} , "n\u0061me" : "a" , "z" : 1 })",
       R"( "inputSchema" : {} , "z" : 1 )"},
      {R"({ "inputSchema" : {} , "name" : "a" })", R"( "inputSchema" : {}  )"},
      {R"({ "name" : "a" , "inputSchema" : {} })", R"(  "inputSchema" : {} )"},
  };
  for (const auto& c : cases) {
    const auto page = parse_tool_page(R"({"tools":[)" + std::string{c.definition} + "]}");
    ASSERT_TRUE(page && page->tools.size() == 1) << c.definition;
    EXPECT_EQ(page->tools[0].rest, c.rest);
    EXPECT_TRUE(is_json(R"({"name":"n",)" + page->tools[0].rest + "}"));
  }
}

TEST(ParseToolPage, LeavesOutWhatIsNoToolAndSaysWhy) {
  const auto page = parse_tool_page(
      R"({"tools":[5,{"inputSchema":{}},{"name":"","inputSchema":{}},{"name":7,"inputSchema":{}},)"
      R"({"name":"a"},{"name":"b","inputSchema":[]},{"name":"c","name":"d","inputSchema":{}},)"
      R"({"name":"\ud800","inputSchema":{}},{"name":"e","inputSchema":{},"inputSchem\u0061":{}},)"
      R"({"name":"ok","description":null,"inputSchema":{}}],"nextCursor":null})");
  ASSERT_TRUE(page);
  EXPECT_EQ(
      page->skipped,
      (std::vector<std::string>{
          "tool 1 is no object", "tool 2 has no name", "tool 3 has no name", "tool 4 has no name",
          "tool 5 ('a') has no inputSchema that is an object",
          "tool 6 ('b') has no inputSchema that is an object", "tool 7 has the member 'name' twice",
          "tool 8 has half of a surrogate pair in its name",
          "tool 9 has the member 'inputSchem\\u0061' twice"}));
  ASSERT_EQ(page->tools.size(), 1U);
  EXPECT_EQ(page->tools[0].name, "ok");
  EXPECT_EQ(page->tools[0].description, "");
  EXPECT_FALSE(page->next_cursor);
}

TEST(ParseToolPage, LeavesOutDefinitionsThatAreTooLarge) {
  const std::string large(limits::tool_definition_bytes_max, ' ');
  const auto page = parse_tool_page(R"({"tools":[{"name":"a","inputSchema":{},"x":")" + large +
                                    R"("},{"name":"b","inputSchema":{}}]})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->tools.size(), 1U);
  EXPECT_EQ(page->skipped.size(), 1U);
}

TEST(ParseToolPage, RefusesWhatIsNoPage) {
  for (const std::string_view result : {
           "",
           "[]",
           "{}",
           R"({"tools":{}})",
           R"({"tools":null})",
           R"({"tools":[],"tools":[]})",
           R"({"tools":[],"nextCursor":5})",
           R"({"tools":[],"nextCursor":"\ud800"})",
           R"({"tools":[],"nextCursor":"a","nextCursor":"b"})",
           R"({"tools":[{"name":"a","inputSchema":{}])",
           R"({"tools":[]} x)",
           "{\"tools\":[\"\xff\"]}",
       }) {
    const auto page = parse_tool_page(result);
    ASSERT_FALSE(page) << result;
    EXPECT_EQ(page.error().code, Code::upstream);
  }
}

TEST(ParseToolPage, RefusesMoreDefinitionsThanATargetMayHave) {
  std::string page = R"({"tools":[{})";
  for (std::size_t i = 1; i < limits::catalogue_tools_count_max; ++i) page += ",{}";
  const auto most = parse_tool_page(page + "]}");
  ASSERT_TRUE(most);
  EXPECT_EQ(most->skipped.size(), limits::catalogue_tools_count_max);
  const auto more = parse_tool_page(page + ",{}]}");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::quota);
}

}  // namespace
}  // namespace toolgate::mcp
