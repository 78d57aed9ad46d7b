#include "gateway/tool_table.h"

#include <gtest/gtest.h>

namespace toolgate::gateway {
namespace {

const store::Key key{.account = "1", .region = "r", .kind = "target", .id = "g/t"};
const credentials::Owner owner{.place = {.account = "1", .region = "r"}};

Json document(std::string_view name = "orders") {
  return JsonObject{
      {"name", name},
      {"targetConfiguration",
       JsonObject{{"mcp", JsonObject{{"mcpServer", JsonObject{{"endpoint", "http://h/"}}}}}}}};
}

mcp::ToolDefinition tool(std::string name, std::string rest,
                         std::string schema = R"({"type":"object"})") {
  return {.name = std::move(name),
          .description = {},
          .input_schema = std::move(schema),
          .rest = std::move(rest)};
}

TEST(ToolTable, PrintsDefinitionsInOrderOfNameAndKnowsWhereEachStands) {
  const auto table = *make_tool_table(
      key, owner, document(), {tool("b", R"("x":1.0e2)"), tool("a\"q", R"("x":2)"), tool("Z", "")});
  EXPECT_EQ(
      table->definitions,
      R"({"name":"orders___Z"},{"name":"orders___a\"q","x":2},{"name":"orders___b","x":1.0e2})");
  ASSERT_EQ(table->tools.size(), 3);
  EXPECT_EQ(table->tools[1].name, "orders___a\"q");
  EXPECT_EQ(table->tools[1].own_name, "a\"q");
  for (const auto& one : table->tools) {
    const auto text = table->definitions.substr(one.begin, one.end - one.begin);
    const auto parsed = json::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(json::find_string(*parsed, "name"), one.name);
  }
  EXPECT_EQ(table->target_id, "g/t");
  EXPECT_EQ(table->need.kind, credentials::Need::Kind::none);
}

TEST(ToolTable, FindsWhereAPageGoesOn) {
  const auto table =
      *make_tool_table(key, owner, document(), {tool("a", ""), tool("c", ""), tool("e", "")});
  EXPECT_EQ(table->after(""), 0);
  EXPECT_EQ(table->after("orders___a"), 1);
  EXPECT_EQ(table->after("orders___b"), 1);
  EXPECT_EQ(table->after("orders___e"), 3);
  EXPECT_EQ(table->after("zebras___a"), 3);
  EXPECT_EQ(table->after("a___a"), 0);
}

TEST(ToolTable, LetsArgumentsPassWhereTheSchemaIsNone) {
  const auto table =
      *make_tool_table(key, owner, document(),
                       {tool("a", "", R"({"type":"object","required":["n"]})"),
                        tool("b", "", R"({"$ref":"#/nowhere"})"), tool("c", "", "{")});
  ASSERT_TRUE(table->tools[0].schema);
  EXPECT_EQ(table->tools[0].schema->check("{}").size(), 1);
  EXPECT_FALSE(table->tools[2].schema);
}

TEST(ToolTable, RefusesADocumentThatDoesNotFitAnyMore) {
  EXPECT_FALSE(make_tool_table(key, owner, JsonObject{{"name", "x"}}, {}));
  auto other = document();
  other.as_object().erase("name");
  EXPECT_FALSE(make_tool_table(key, owner, other, {}));
  other = document();
  other.as_object()["targetConfiguration"] = JsonObject{{"mcp", JsonObject{{"x", JsonObject{}}}}};
  const auto unknown = make_tool_table(key, owner, other, {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::invalid);
}

}  // namespace
}  // namespace toolgate::gateway
