#include "targets/openapi/selection.h"

#include "targets/openapi/testing.h"

namespace toolgate::targets::openapi {
namespace {

using Of = Selection::Of;

Result<Selection> selection(std::string_view text, Of of = Of::stage) {
  return Selection::parse(json::parse(text).value(), of);
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

// The document of testing::document with three operations and these lists of its own.
Result<Catalogue> cut(std::string_view lists) {
  std::string text = testing::document(
      R"({"/pets":{"get":{"operationId":"listPets"},"post":{}},
          "/pets/{id}":{"get":{"operationId":"getPet","parameters":[
             {"name":"id","in":"path","required":true}]}}})");
  text.insert(1, R"("x-toolgate-tools":)" + std::string{lists} + ',');
  TRY(const Json document, read_document(text));
  TRY(const auto own, Selection::in(document));
  EXPECT_TRUE(own);
  return own->convert(document,
                      {.target_name = "api", .credential = testing::nobody, .choose = {}});
}

std::string told(std::string_view lists) {
  const auto made = cut(lists);
  if (!made) return made.error().message;
  std::string text;
  for (const auto& tool : made->tools) text += tool.name + '=' + tool.description + ';';
  return text;
}

TEST(SelectionOfADocument, CutsAndNamesAsAStagesDoes) {
  const struct {
    std::string_view lists, result;
  } table[] = {
      {R"({"toolFilters":[{"filterPath":"/pets/*","methods":["get"]}]})", "getPet=GET /pets/{id};"},
      {R"({"toolFilters":[{"filterPath":"/pets","methods":["GET","POST"]}],
           "toolOverrides":[{"path":"/pets","method":"POST","name":"add","description":"d"}]})",
       "listPets=GET /pets;add=d;"},
      {R"({"toolOverrides":[{"path":"/pets","method":"post","name":"add"}]})",
       "listPets=GET /pets;add=POST /pets;getPet=GET /pets/{id};"},
      {R"({"toolFilters":[{"filterPath":"/pets","methods":["POST"]}]})", "post_pets=POST /pets;"},
      {R"({"toolFilters":[{"filterPath":"/pet","methods":["GET"]}]})",
       "x-toolgate-tools.toolFilters take no operation of the document"},
      {R"({"toolFilters":[{"filterPath":"/pets","methods":["GET"]}],
           "toolOverrides":[{"path":"/pets","method":"POST","name":"add"}]})",
       "x-toolgate-tools.toolOverrides: POST /pets is no operation of the document that a filter "
       "takes"},
      {R"({"toolFilters":[{"filterPath":"/pets"}]})",
       "x-toolgate-tools.toolFilters[0].methods: expected at least one"},
      {"{}",
       "x-toolgate-tools: expected toolFilters or toolOverrides, as API Gateway targets have them"},
  };
  for (const auto& [lists, result] : table) EXPECT_EQ(told(lists), result) << lists;
}

}  // namespace
}  // namespace toolgate::targets::openapi
