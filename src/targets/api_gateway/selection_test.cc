#include "targets/api_gateway/selection.h"

#include <gtest/gtest.h>

namespace toolgate::targets::api_gateway {
namespace {

Result<Selection> selection(std::string_view text) {
  return Selection::parse(json::parse(text).value());
}

std::string chosen(const Selection& from, std::string path, std::string method,
                   std::string_view operation = R"({"operationId":"own"})") {
  const Json parsed = json::parse(operation).value();
  const auto made = from.choose({.path = std::move(path),
                                 .method = std::move(method),
                                 .item = &parsed,
                                 .operation = &parsed});
  if (!made) return "refused: " + made.error().message;
  return *made ? "taken as '" + (*made)->name + "' " + (*made)->description : "not taken";
}

TEST(Selection, TakesExactPathsAndAllBelow) {
  const auto some = selection(R"({"toolFilters":[{"filterPath":"/pets","methods":["GET"]},
      {"filterPath":"/pets/*","methods":["GET","POST"]},{"filterPath":"/x","methods":["PUT"]}]})");
  ASSERT_TRUE(some);
  const struct {
    std::string path, method, result;
  } table[] = {
      {"/pets", "GET", "taken as '' "},       {"/pets", "POST", "not taken"},
      {"/pets/{id}", "POST", "taken as '' "}, {"/pets/a/b", "GET", "taken as '' "},
      {"/petshop", "GET", "not taken"},       {"/x/y", "PUT", "not taken"},
  };
  for (const auto& [path, method, result] : table) {
    EXPECT_EQ(chosen(*some, path, method), result) << path << method;
  }
}

TEST(Selection, NamesWhatTheStageDoesNot) {
  const auto some = selection(R"({"toolFilters":[{"filterPath":"/*","methods":["GET","PUT"]}],
      "toolOverrides":[{"path":"/pets","method":"GET","name":"all","description":"d"}]})");
  ASSERT_TRUE(some);
  EXPECT_EQ(chosen(*some, "/pets", "GET", "{}"), "taken as 'all' d");
  EXPECT_EQ(chosen(*some, "/pets", "PUT", "{}"),
            "refused: PUT /pets has no operationId; expected one, or a name in "
            "apiGateway.apiGatewayToolConfiguration.toolOverrides");
  EXPECT_EQ(chosen(*some, "/pets", "DELETE", "{}"), "not taken");
}

TEST(Selection, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"{}", R"({"toolFilters":[]})", R"({"toolFilters":[{"filterPath":"/a"}]})",
        R"({"toolFilters":[{"filterPath":"a","methods":["GET"]}]})",
        R"({"toolFilters":[{"filterPath":"/a/*/b","methods":["GET"]}]})",
        R"({"toolFilters":[{"filterPath":"/a","methods":["GET"]}],
            "toolOverrides":[{"path":"/a/*","method":"GET","name":"x"}]})",
        R"({"toolFilters":[{"filterPath":"/a","methods":["GET"]}],
            "toolOverrides":[{"path":"/a","method":"GET","name":" "}]})"}) {
    const auto made = selection(text);
    ASSERT_FALSE(made) << text;
    EXPECT_TRUE(made.error().message.starts_with("apiGateway.apiGatewayToolConfiguration.tool"));
  }
}

}  // namespace
}  // namespace toolgate::targets::api_gateway
