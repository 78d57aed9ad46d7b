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

std::string text_of(const ToolTable& table, Definitions::Place place) {
  std::string text;
  Definitions::Reader{}.append_to(text, table.definitions, place);
  return text;
}

TEST(ToolTable, PrintsDefinitionsInOrderOfNameAndKnowsWhereEachStands) {
  const auto table = *make_tool_table(
      key, owner, document(), {tool("b", R"("x":1.0e2)"), tool("a\"q", R"("x":2)"), tool("Z", "")});
  EXPECT_EQ(
      text_of(*table, {.begin = 0, .end = static_cast<std::uint32_t>(table->definitions.size())}),
      R"({"name":"orders___Z"},{"name":"orders___a\"q","x":2},{"name":"orders___b","x":1.0e2})");
  ASSERT_EQ(table->tools.size(), 3);
  EXPECT_EQ(table->tools[1].name, "orders___a\"q");
  EXPECT_EQ(table->own_name(table->tools[1]), "a\"q");
  for (const auto& one : table->tools) {
    const auto text = text_of(*table, one.definition);
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
                       {tool("a", R"("inputSchema":{"type":"object","required":["n"]})"),
                        tool("b", R"("inputSchema":{"$ref":"#/nowhere"})"),
                        tool("c", R"("inputSchema":7)"), tool("d", "")});
  const auto& schema = table->schema_of(table->tools[0]);
  ASSERT_TRUE(schema);
  EXPECT_EQ(schema->check("{}").size(), 1);
  EXPECT_FALSE(table->schema_of(table->tools[2]));
  EXPECT_FALSE(table->schema_of(table->tools[3]));
}

TEST(ToolTable, CompilesASchemaOnceAndALargeOneBeforeItsFirstCall) {
  const std::string large = R"({"description":")" + std::string(20'000, 'x') + R"("})";
  const auto table = *make_tool_table(key, owner, document(),
                                      {tool("large", R"("inputSchema":)" + large, large),
                                       tool("small", R"("inputSchema":{"type":"object"})")});
  EXPECT_NE(table->tools[0].schema.get(), nullptr);
  EXPECT_EQ(table->tools[1].schema.get(), nullptr);
  const auto* first = &table->schema_of(table->tools[1]);
  EXPECT_EQ(&table->schema_of(table->tools[1]), first);
  EXPECT_EQ(table->tools[1].schema.get(), first);
}

TEST(ToolTable, ReadsWhatADefinitionSays) {
  const auto table = *make_tool_table(
      key, owner, document(),
      {tool("a", R"("title":"t","description":"says \"a\"","inputSchema": {"x":1},"y":[2])"),
       tool("b", R"("description":7)")});
  Definitions::Reader reader;
  const Said said = table->said_of(table->tools[0], reader);
  EXPECT_EQ(said.description, "says \"a\"");
  EXPECT_EQ(said.input_schema, R"({"x":1})");
  EXPECT_EQ(table->said_of(table->tools[1], reader).description, "");
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
