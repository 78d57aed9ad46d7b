#include "catalogue/conform.h"

#include <gtest/gtest.h>

#include "mcp/message.h"

namespace toolgate::catalogue {
namespace {

mcp::ToolDefinition tool_of(std::string_view definition) {
  std::string page = R"({"tools":[)" + std::string{definition} + "]}";
  page.reserve(page.size() + 64);
  auto read = mcp::parse_tool_page(page);
  EXPECT_TRUE(read && read->tools.size() == 1) << definition;
  return read->tools.at(0);
}

TEST(Conform, LeavesWhatFitsByteForByte) {
  for (const std::string_view definition : {
           R"({"name":"a", "inputSchema" : {"type" : "object"} , "z" : null})",
           R"({"name":"a","title":"t","description":"d","icons":[],"annotations":{},)"
           R"("execution":{},"_meta":{},"outputSchema":{"type":"object"},)"
           R"("inputSchema":{"ty\u0070e":"obj\u0065ct","properties":{"type":{"type":"string"}}}})",
       }) {
    auto tool = tool_of(definition);
    const auto before = tool;
    EXPECT_FALSE(conform(tool));
    EXPECT_EQ(tool.rest, before.rest);
    EXPECT_EQ(tool.input_schema, before.input_schema);
  }
}

TEST(Conform, SaysThatArgumentsAreAnObjectWhereTheSchemaDoesNot) {
  const struct {
    std::string_view definition, rest;
  } table[] = {
      {R"({"name":"a","inputSchema":{}})", R"("inputSchema":{"type":"object"})"},
      {R"({"name":"a","inputSchema": { } })", R"("inputSchema": {"type":"object" })"},
      {R"({"inputSchema":{"properties":{"type":{}}},"name":"a","z":1})",
       R"("inputSchema":{"type":"object","properties":{"type":{}}},"z":1)"},
      {R"({"name":"a","x":[1, 2] ,"inputSchema":{"$ref":"#/$defs/b"}})",
       R"("x":[1, 2],"inputSchema":{"type":"object","$ref":"#/$defs/b"})"},
  };
  for (const auto& row : table) {
    auto tool = tool_of(row.definition);
    EXPECT_FALSE(conform(tool));
    EXPECT_EQ(tool.rest, row.rest);
    EXPECT_TRUE(tool.input_schema.starts_with(R"({"type":"object")"));
    EXPECT_TRUE(mcp::is_json('{' + tool.rest + '}'));
    // What is stored is read back the same.
    auto again = tool_of(R"({"name":"a",)" + tool.rest + '}');
    EXPECT_FALSE(conform(again));
    EXPECT_EQ(again.input_schema, tool.input_schema);
  }
}

TEST(Conform, DropsOptionalMembersOfTheWrongType) {
  const std::string schema = R"("inputSchema":{"type":"object"})";
  for (const std::string_view bad : {
           R"("title":null)",
           R"("title":5)",
           R"("description":null)",
           R"("icons":null)",
           R"("icons":{})",
           R"("annotations":null)",
           R"("annotations":[])",
           R"("execution":null)",
           R"("_meta":null)",
           R"("_meta":"x")",
           R"("outputSchema":null)",
           R"("outputSchema":true)",
           R"("outputSchema":{})",
           R"("outputSchema":{"type":"string"})",
           R"("outputSchema":{"properties":{}})",
           R"("t\u0069tle":null)",
       }) {
    for (const bool first : {true, false}) {
      auto tool = tool_of(
          R"({"name":"a",)" +
          (first ? std::string{bad} + ',' + schema : schema + ',' + std::string{bad}) + '}');
      EXPECT_FALSE(conform(tool));
      EXPECT_EQ(tool.rest, schema) << bad;
    }
  }
}

TEST(Conform, LeavesOutToolsWhoseArgumentsAreNoObject) {
  targets::Catalogue catalogue;
  for (const std::string_view type :
       {R"("string")", "null", R"(["object"])", R"(["object","null"])", "5"}) {
    catalogue.tools.push_back(
        tool_of(R"({"name":"odd","inputSchema":{"type":)" + std::string{type} + "}}"));
  }
  catalogue.tools.push_back(tool_of(R"({"name":"fine","inputSchema":{"type":"object"}})"));
  conform(catalogue);
  ASSERT_EQ(catalogue.tools.size(), 1);
  EXPECT_EQ(catalogue.tools[0].name, "fine");
  ASSERT_EQ(catalogue.skipped.size(), 5);
  EXPECT_EQ(catalogue.skipped[0].what, "odd");
  EXPECT_EQ(catalogue.skipped[0].why, "its inputSchema is not of type \"object\"");
}

}  // namespace
}  // namespace toolgate::catalogue
