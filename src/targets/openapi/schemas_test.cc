#include "targets/openapi/schemas.h"

#include "targets/openapi/testing.h"

namespace toolgate::targets::openapi {
namespace {

using testing::input_of;
using testing::only_tool;
using testing::operation;

std::string converted_schema(std::string_view schema, Side side = Side::request) {
  const Json root = json::parse(R"({"components":{"schemas":{"Pet":{"type":"object"},
      "Cat":{"type":"object","properties":{"name":{"type":"string"}}},
      "Read":{"type":"string","readOnly":true}}}})")
                        .value();
  const References references{root};
  Schemas schemas{references, side};
  Uses uses;
  const auto parsed = json::parse(schema);
  EXPECT_TRUE(parsed) << schema;
  return json::print(schemas.convert(*parsed, uses));
}

TEST(ConvertSchema, TurnsOpenApi30IntoJsonSchema) {
  const struct {
    std::string_view openapi, json_schema;
  } table[] = {
      {R"({"type":"string","nullable":true})", R"({"type":["string","null"]})"},
      {R"({"type":"string","nullable":true,"enum":["a"]})",
       R"({"type":["string","null"],"enum":["a",null]})"},
      {R"({"type":"string","nullable":false})", R"({"type":"string"})"},
      {R"({"nullable":true})", "{}"},
      {R"({"nullable":true,"description":"d","allOf":[{"$ref":"#/components/schemas/Pet"}]})",
       R"({"description":"d","anyOf":[{"allOf":[{"$ref":"#/$defs/Pet"}]},{"type":"null"}]})"},
      {R"({"type":"integer","minimum":1,"exclusiveMinimum":true,"maximum":9,
          "exclusiveMaximum":false})",
       R"({"type":"integer","exclusiveMinimum":1,"maximum":9})"},
      {R"({"type":"integer","exclusiveMinimum":1})", R"({"type":"integer","exclusiveMinimum":1})"},
      {R"({"type":"string","example":"e"})", R"({"type":"string","examples":["e"]})"},
      {R"({"type":"int","required":true,"minLength":-1,"maxLength":"3","pattern":7,"enum":[]})",
       "{}"},
      {R"({"type":"object","required":["a","a",7],"properties":{"a":{}}})",
       R"({"type":"object","properties":{"a":{}},"required":["a"]})"},
      {R"({"type":"object","required":["id","n"],"properties":{
          "id":{"type":"string","readOnly":true},"r":{"$ref":"#/components/schemas/Read"},
          "n":{"type":"string"},"w":{"type":"string","writeOnly":true}}})",
       R"({"type":"object","properties":{"n":{"type":"string"},)"
       R"("w":{"type":"string","writeOnly":true}},"required":["n"]})"},
      {R"({"type":"string","xml":{"name":"x"},"externalDocs":{},"x-a":1,"$id":"u","$schema":"s"})",
       R"({"type":"string"})"},
      {R"({"type":"array","items":[{"type":"string"}]})",
       R"({"type":"array","prefixItems":[{"type":"string"}]})"},
      {R"({"type":"object","additionalProperties":{"type":"string","nullable":true}})",
       R"({"type":"object","additionalProperties":{"type":["string","null"]}})"},
      {R"({"not":{"type":"string","nullable":true}})", R"({"not":{"type":["string","null"]}})"},
      {R"({"$ref":"#/components/schemas/Pet","description":"mine"})",
       R"({"$ref":"#/$defs/Pet","description":"mine"})"},
  };
  for (const auto& [openapi, json_schema] : table) {
    EXPECT_EQ(converted_schema(openapi), json_schema) << openapi;
  }
}

TEST(ConvertSchema, KeepsWhatOpenApi31Says) {
  for (
      const std::string_view schema :
      {R"({"type":["string","null"],"const":"x"})",
       R"({"if":{"type":"string"},"then":{"minLength":1}})",
       R"({"type":"array","prefixItems":[{"type":"string"}],"items":false,"contains":{"const":1}})",
       R"({"dependentRequired":{"a":["b"]},"patternProperties":{"^x":{"type":"integer"}}})",
       R"({"type":"string","contentEncoding":"base64","contentMediaType":"image/png"})", "true",
       "false"}) {
    EXPECT_EQ(converted_schema(schema), schema);
  }
}

TEST(ConvertSchema, AsksForTheMemberThatTellsChoicesApart) {
  EXPECT_EQ(converted_schema(R"({"oneOf":[{"$ref":"#/components/schemas/Pet"},
                {"$ref":"#/components/schemas/Cat"}],"discriminator":{"propertyName":"kind",
                "mapping":{"cat":"#/components/schemas/Cat","tiger":"Cat"}}})"),
            R"({"oneOf":[{"$ref":"#/$defs/Pet","required":["kind"]},)"
            R"({"$ref":"#/$defs/Cat","required":["kind"],)"
            R"("properties":{"kind":{"enum":["cat","tiger"]}}}]})");
}

TEST(ConvertSchema, LeavesOutOfAnswersWhatIsOnlyWritten) {
  EXPECT_EQ(converted_schema(R"({"type":"object","required":["a","p"],"properties":{
                "a":{"type":"string","readOnly":true},"p":{"writeOnly":true}}})",
                             Side::answer),
            R"({"type":"object","properties":{"a":{"type":"string","readOnly":true}},)"
            R"("required":["a"]})");
}

TEST(ConvertSchema, CarriesOnlyTheDefinitionsThatAreReached) {
  const auto tool = only_tool(operation(
      R"("requestBody":{"required":true,"content":{"application/json":{"schema":
         {"$ref":"#/components/schemas/Tree"}}}})",
      R"({"schemas":{"Tree":{"type":"object","required":["name"],"properties":{
            "name":{"type":"string"},"children":{"type":"array","items":
              {"$ref":"#/components/schemas/Tree"}},"leaf":{"$ref":"#/components/schemas/Leaf"}}},
          "Leaf":{"type":"string"},"Unused":{"type":"string"}}})"));
  EXPECT_EQ(json::print(input_of(tool)),
            R"({"type":"object","properties":{"name":{"type":"string"},"children":)"
            R"({"type":"array","items":{"$ref":"#/$defs/Tree"}},"leaf":{"$ref":"#/$defs/Leaf"}},)"
            R"("required":["name"],"additionalProperties":false,"$defs":{"Tree":{"type":"object",)"
            R"("properties":{"name":{"type":"string"},"children":{"type":"array","items":)"
            R"({"$ref":"#/$defs/Tree"}},"leaf":{"$ref":"#/$defs/Leaf"}},"required":["name"]},)"
            R"("Leaf":{"type":"string"}}})");
}

TEST(ConvertSchema, FindsReferencesAnywhereInTheDocument) {
  const auto tool = only_tool(operation(
      R"("parameters":[{"name":"a","in":"query","schema":
           {"$ref":"#/components/schemas/Deep/properties/x~1y/items"}},
          {"name":"b","in":"query","schema":{"$ref":"#/components/schemas/Caf%C3%A9"}}])",
      R"({"schemas":{"Deep":{"properties":{"x/y":{"items":{"type":"integer"}}}},
          "Café":{"type":"boolean"}}})"));
  EXPECT_EQ(json::print(*json::find(input_of(tool), "$defs")),
            R"({"items":{"type":"integer"},"Caf__":{"type":"boolean"}})");
}

TEST(TakeBody, MakesPropertiesOfAnObjectArguments) {
  const struct {
    std::string_view schema;
    std::string_view properties;
    std::string_view required;
  } table[] = {
      {R"({"type":"object","required":["b"],"properties":{"a":{},"b":{}}})", R"({"a":{},"b":{}})",
       R"(["b"])"},
      {R"({"allOf":[{"$ref":"#/components/schemas/A"},{"type":"object","required":["c","id"],
          "properties":{"c":{}}}]})",
       R"({"a":{},"c":{}})", R"(["c"])"},
      {R"({"type":"array"})", R"({"body":{"type":"array"}})", R"(["body"])"},
      {R"({"type":"object"})", R"({"body":{"type":"object"}})", R"(["body"])"},
      {R"({"oneOf":[{"type":"string"}]})", R"({"body":{"oneOf":[{"type":"string"}]}})",
       R"(["body"])"},
      {R"({"type":"object","properties":{"a":{}},"anyOf":[{"required":["a"]}]})", R"({"a":{}})",
       ""},
  };
  for (const auto& [schema, properties, required] : table) {
    const auto tool = only_tool(operation(
        R"("requestBody":{"required":true,"content":{"application/json":{"schema":)" +
            std::string{schema} + "}}}",
        R"({"schemas":{"A":{"type":"object","properties":{"a":{},"id":{"readOnly":true}}}}})"));
    const Json input = input_of(tool);
    EXPECT_EQ(json::print(*json::find(input, "properties")), properties) << schema;
    const Json* found = json::find(input, "required");
    EXPECT_EQ(found == nullptr ? "" : json::print(*found), required) << schema;
  }
}

TEST(TakeBody, ResolvesClashesPredictably) {
  const auto tool = only_tool(testing::document(R"({"/t/{id}":{"put":{"operationId":"t",
    "parameters":[{"name":"id","in":"query"},{"name":"id","in":"path"},{"name":"id","in":"header"},
      {"name":"filter[x]","in":"query"},{"name":"$top","in":"query"}],
    "requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":
      {"id":{},"body_id":{},"filter_x_":{}}}}}}}}})"));
  std::string names;
  for (const auto& member : json::find(input_of(tool), "properties")->get_object()) {
    names += std::string{member.key()} + ' ';
  }
  EXPECT_EQ(names, "id query_id filter_x_ _top header_id body_id body_body_id body_filter_x_ ");
}

}  // namespace
}  // namespace toolgate::targets::openapi
