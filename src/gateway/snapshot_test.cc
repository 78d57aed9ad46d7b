#include "gateway/snapshot.h"

#include <gtest/gtest.h>

#include "gateway/search_tool.h"

namespace toolgate::gateway {
namespace {

std::shared_ptr<const ToolTable> table(const std::string& name, std::vector<std::string> tools) {
  std::vector<mcp::ToolDefinition> definitions;
  for (auto& tool : tools) {
    definitions.push_back({.name = tool,
                           .description = "does " + tool,
                           .input_schema = R"({"type":"object"})",
                           .rest = R"("inputSchema":{"type":"object"})"});
  }
  const Json document = *json::parse(
      R"({"name":")" + name +
      R"(","targetConfiguration":{"mcp":{"mcpServer":{"endpoint":"http://127.0.0.1:1/mcp"}}}})");
  const store::Key key{.account = "1", .region = "r", .kind = "target", .id = "g/" + name};
  return *make_tool_table(key, {}, document, std::move(definitions));
}

std::shared_ptr<const Snapshot> snapshot_of(std::string_view gateway,
                                            std::vector<std::shared_ptr<const ToolTable>> tables,
                                            std::size_t page_tools_max = 1'000) {
  const Json document = *json::parse(gateway);
  return *make_snapshot({.key = {.account = "1", .region = "r", .kind = "gateway", .id = "g"},
                         .gateway = document,
                         .tables = std::move(tables),
                         .base_url = "http://h:1",
                         .page_tools_max = page_tools_max});
}

constexpr std::string_view open_gateway = R"({"authorizerType":"NONE"})";

std::vector<std::string> names_in(const std::string& page, std::string& next) {
  std::vector<std::string> names;
  const Json parsed = *json::parse(page);
  for (const auto& tool : *json::find_array(parsed, "tools")) {
    names.emplace_back(*json::find_string(tool, "name"));
  }
  next = json::find_string(parsed, "nextCursor").value_or("");
  return names;
}

TEST(Snapshot, ListsEveryToolOnceInOrderOfNameWhateverThePageSize) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 10U}) {
    const auto snapshot = snapshot_of(
        open_gateway, {table("b", {"z", "a"}), table("a", {"m"}), table("a-b", {"k"})}, size);
    std::vector<std::string> all;
    std::string cursor;
    do {
      const auto page = list_page(*snapshot, cursor);
      ASSERT_TRUE(page);
      const auto names = names_in(*page, cursor);
      EXPECT_LE(names.size(), size);
      all.insert(all.end(), names.begin(), names.end());
    } while (!cursor.empty());
    EXPECT_EQ(all, (std::vector<std::string>{"a-b___k", "a___m", "b___a", "b___z"})) << size;
  }
}

// Of so many the definitions are packed, in blocks that no tool minds.
TEST(Snapshot, PagesAndAnswersOfManyToolsHoldEachDefinitionAsItIs) {
  std::vector<std::string> names;
  for (int i = 100; i < 900; ++i) names.push_back("tool" + std::to_string(i));
  const auto snapshot = snapshot_of(
      R"({"authorizerType":"NONE","protocolConfiguration":{"mcp":{"searchType":"SEMANTIC"}}})",
      {table("a", names)}, 7);
  const auto printed = [](const std::string& name) {
    return R"({"name":"a___)" + name + R"(","inputSchema":{"type":"object"}})";
  };
  std::string cursor;
  std::size_t at = 0;
  std::string listed = *list_page(*snapshot, cursor);
  for (;;) {
    for (const auto& name : names_in(listed, cursor)) {
      if (name == "x_amz_bedrock_agentcore_search") continue;
      ASSERT_LT(at, names.size());
      EXPECT_NE(listed.find(printed(names[at])), std::string::npos) << names[at];
      EXPECT_EQ(name, "a___" + names[at++]);
    }
    if (cursor.empty()) break;
    listed = *list_page(*snapshot, cursor);
  }
  EXPECT_EQ(at, names.size());
  const std::string found = search_tools(*snapshot, R"({"query":"tool777","limit":1})");
  std::string definition = printed("tool777");
  definition.back() = ',';
  EXPECT_NE(found.find(definition + R"("score":)"), std::string::npos) << found;
}

TEST(Routes, FindEachOfThousandsAndNothingElse) {
  std::vector<std::string> names;
  for (int i = 0; i < 3'000; ++i) names.push_back("tool" + std::to_string(i));
  const std::vector tables{table("a", names), table("b", names)};
  const Routes routes{tables};
  ASSERT_EQ(routes.all().size(), 6'000);
  for (const auto& of : tables) {
    for (const auto& tool : of->tools) {
      const Route* found = routes.find(tool.name);
      ASSERT_NE(found, nullptr) << tool.name;
      EXPECT_EQ(found->tool, &tool);
      EXPECT_EQ(found->table, of.get());
    }
  }
  EXPECT_EQ(routes.find("a___tool3000"), nullptr);
  EXPECT_EQ(routes.find(""), nullptr);
  EXPECT_EQ(Routes{}.find("a___tool0"), nullptr);
}

TEST(Snapshot, RoutesPrefixedNamesToOwnNames) {
  const auto snapshot = snapshot_of(open_gateway, {table("orders", {"get"})});
  const Route* route = snapshot->routes.find("orders___get");
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->table->own_name(*route->tool), "get");
  EXPECT_EQ(snapshot->routes.find("get"), nullptr);
}

TEST(Snapshot, RefusesForeignCursors) {
  const auto snapshot = snapshot_of(open_gateway, {table("orders", {"get"})});
  for (const auto* cursor : {"!", "AAAA", "b3JkZXJz"}) {
    EXPECT_FALSE(list_page(*snapshot, cursor)) << cursor;
  }
}

TEST(Snapshot, OffersTheSearchToolFirstWhenSearchIsSemantic) {
  const auto snapshot = snapshot_of(
      R"({"authorizerType":"NONE","protocolConfiguration":{"mcp":{"searchType":"SEMANTIC"}}})",
      {table("orders", {"getOrder", "cancelOrder"}), table("shop", {"weather"})});
  std::string next;
  EXPECT_EQ(names_in(*snapshot->first_page, next).front(), "x_amz_bedrock_agentcore_search");
  const Json result = *json::parse(search_tools(*snapshot, R"({"query":"cancel an order"})"));
  const auto* found = json::find_array(result, "structuredContent", "tools");
  ASSERT_NE(found, nullptr);
  ASSERT_FALSE(found->empty());
  EXPECT_EQ(json::find_string(found->front(), "name"), "orders___cancelOrder");
  EXPECT_TRUE(json::find(found->front(), "score")->is_double());
  const Json only =
      *json::parse(search_tools(*snapshot, R"({"query":"weather order","targets":["shop"]})"));
  EXPECT_EQ(json::find_array(only, "structuredContent", "tools")->size(), 1U);
}

TEST(Snapshot, RefusesSearchArgumentsThatDoNotFit) {
  const auto snapshot = snapshot_of(
      R"({"authorizerType":"NONE","protocolConfiguration":{"mcp":{"searchType":"SEMANTIC"}}})", {});
  for (const auto* arguments : {"{}", R"({"query":1})", R"({"query":"a","limit":0})",
                                R"({"query":"a","limit":51})", R"({"query":"a","targets":"t"})"}) {
    const Json result = *json::parse(search_tools(*snapshot, arguments));
    EXPECT_EQ(json::find_bool(result, "isError"), true) << arguments;
  }
}

TEST(Snapshot, ServesTheVersionsThatTheGatewayNames) {
  EXPECT_EQ(snapshot_of(open_gateway, {})->versions.size(), 3U);
  const auto one = snapshot_of(R"({"authorizerType":"NONE","protocolConfiguration":{"mcp":)"
                               R"({"supportedVersions":["2025-06-18"]}}})",
                               {});
  EXPECT_EQ(one->versions, std::vector<std::string>{"2025-06-18"});
}

}  // namespace
}  // namespace toolgate::gateway
