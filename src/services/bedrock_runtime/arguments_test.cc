#include "services/bedrock_runtime/arguments.h"

#include <gtest/gtest.h>

#include "services/bedrock_runtime/bounds.h"

namespace toolgate::services::bedrock_runtime {
namespace {

Json schema_of(std::string_view properties, std::string_view required) {
  auto schema = json::parse(R"({"type":"object","properties":{)" + std::string{properties} +
                            R"(},"required":[)" + std::string{required} + "]}");
  EXPECT_TRUE(schema) << properties;
  return schema ? *schema : Json();
}

struct Case {
  std::string_view prompt, properties, required, values;
};

void check(const Case& row) {
  const auto made = arguments_for(schema_of(row.properties, row.required), row.prompt);
  const auto wanted = json::parse(row.values);
  ASSERT_TRUE(wanted) << row.values;
  EXPECT_EQ(Json(made.values), *wanted) << row.prompt << " gave " << json::print(made.values);
}

TEST(ArgumentsFor, MatchesLiteralsByTypeAndByTheWordsAround) {
  for (const auto& row : {
           Case{"Refund invoice 17 of customer 42",
                R"("customerId":{"type":"integer"},"invoice_number":{"type":"integer"})",
                R"("customerId","invoice_number")", R"({"customerId":42,"invoice_number":17})"},
           Case{"Ship parcel PX-204 to Lyon",
                R"("parcel":{"type":"string"},"city":{"type":"string"})", R"("parcel","city")",
                R"({"parcel":"PX-204","city":"Lyon"})"},
           Case{"Send \"See you at 5\" to ann@example.org",
                R"("recipient":{"type":"string"},"body":{"type":"string"})",
                R"("recipient","body")",
                R"({"recipient":"ann@example.org","body":"See you at 5"})"},
           Case{
               "How warm is it in Porto Alegre, in fahrenheit?",
               R"("location":{"type":"string"},"unit":{"type":"string","enum":["C","Fahrenheit"]})",
               R"("location")", R"({"location":"Porto Alegre","unit":"Fahrenheit"})"},
           Case{"how warm is it in porto alegre", R"("location":{"type":"string"})",
                R"("location")", R"({"location":"porto alegre"})"},
           Case{"Book from 2026-12-01 until 2026-12-05",
                R"("start":{"type":"string","format":"date","description":"from which day"},)"
                R"("end_date":{"type":"string","format":"date","description":"until which day"})",
                R"("start","end_date")", R"({"start":"2026-12-01","end_date":"2026-12-05"})"},
           Case{"Fetch https://example.org/a?b=c.", R"("url":{"type":"string","format":"uri"})",
                R"("url")", R"({"url":"https://example.org/a?b=c"})"},
           Case{"Pay $1,250.50", R"("amount":{"type":"number"})", R"("amount")",
                R"({"amount":1250.5})"},
           Case{"Open 'it's broken'", R"("title":{"type":"string"})", R"("title")",
                R"({"title":"it's broken"})"},
       }) {
    check(row);
  }
}

TEST(ArgumentsFor, BelievesWhatIsNamed) {
  for (const auto& row : {
           Case{"set it: b=1 a=2", R"("a":{"type":"integer"},"b":{"type":"integer"})", R"("a","b")",
                R"({"a":2,"b":1})"},
           Case{"make one with name=\"Big Box\" size: large",
                R"("name":{"type":"string"},"size":{"type":"string"},"other":{"type":"string"})",
                R"("name")", R"({"name":"Big Box","size":"large"})"},
           Case{"dryRun=false for 7", R"("dry_run":{"type":"boolean"},"id":{"type":"string"})",
                R"("id")", R"({"dry_run":false,"id":"7"})"},
           Case{R"(run with options: {"deep":[1]})", R"("options":{"type":"object"})",
                R"("options")", R"({"options":{"deep":[1]}})"},
       }) {
    check(row);
  }
}

TEST(ArgumentsFor, LeavesWhatIsOptionalEmptyWithoutAReason) {
  for (const auto& row : {
           Case{"Find shoes 42", R"("limit":{"type":"integer"},"cursor":{"type":"string"})", "",
                "{}"},
           Case{"Find shoes with limit 42", R"("limit":{"type":"integer"})", "", R"({"limit":42})"},
           Case{"List them with images but without prices",
                R"("includeImages":{"type":"boolean"},"prices":{"type":"boolean"},)"
                R"("archived":{"type":"boolean"})",
                "", R"({"includeImages":true,"prices":false})"},
       }) {
    check(row);
  }
}

TEST(ArgumentsFor, BuildsListsAndObjects) {
  for (const auto& row : {
           Case{"Cancel orders 17, 18 and 19",
                R"("orders":{"type":"array","items":{"type":"integer"}})", R"("orders")",
                R"({"orders":[17,18,19]})"},
           Case{"Sort [3,1,2]", R"("values":{"type":"array","items":{"type":"integer"}})",
                R"("values")", R"({"values":[3,1,2]})"},
           Case{"Move order 17 to Oslo",
                R"("order":{"type":"object","properties":{"id":{"type":"integer"}},)"
                R"("required":["id"]},"city":{"type":"string"})",
                R"("order","city")", R"({"city":"Oslo","order":{"id":17}})"},
       }) {
    check(row);
  }
}

TEST(ArgumentsFor, FollowsReferencesAndUnions) {
  const auto schema = json::parse(R"({"$defs":{"Id":{"type":"integer"}},"type":"object",
      "properties":{"id":{"$ref":"#/$defs/Id"},
                    "note":{"anyOf":[{"type":"null"},{"type":"string"}]}},
      "required":["id","note"]})");
  EXPECT_EQ(json::print(arguments_for(*schema, R"(Note "late" on 7)").values),
            R"({"note":"late","id":7})");
  const auto circle = json::parse(R"({"$defs":{"A":{"type":"object","properties":
      {"a":{"$ref":"#/$defs/A"}},"required":["a"]}},"$ref":"#/$defs/A"})");
  EXPECT_TRUE(json::print(arguments_for(*circle, "x").values).starts_with(R"({"a":{"a":)"));
}

TEST(ArgumentsFor, SaysWhatIsMissingAndInventsNothing) {
  const auto made = arguments_for(
      schema_of(R"("id":{"type":"integer"},"kind":{"enum":["a1","b1"]},"mode":{"default":"x"},
                "to":{"type":"object","properties":{"zip":{"type":"integer"}},"required":["zip"]})",
                R"("id","kind","mode","to")"),
      "do it");
  EXPECT_EQ(made.missing, (std::vector<std::string>{"id", "kind", "to.zip"}));
  EXPECT_EQ(json::print(made.values), R"({"mode":"x","to":{}})");
}

TEST(ArgumentsFor, GivesThePromptWhereFreeTextIsWanted) {
  check({"which shoes are red", R"("query":{"type":"string"})", R"("query")",
         R"({"query":"which shoes are red"})"});
}

TEST(ArgumentsFor, SurvivesSchemasThatAreNone) {
  for (const std::string_view text :
       {"null", "7", "[]", "{}", R"({"properties":7})", R"({"properties":{"a":7}})",
        R"({"properties":{"a":{"type":7,"enum":{},"items":[]}},"required":"a"})",
        R"({"properties":{"a":{"$ref":"#/properties/a"}},"required":["a"]})"}) {
    const auto schema = json::parse(text);
    ASSERT_TRUE(schema) << text;
    const auto made = arguments_for(*schema, "take \"a\" and 7");
    EXPECT_LE(made.values.size(), 1U) << text;
  }
}

TEST(ArgumentsFor, IsBoundedInLiteralsAndParameters) {
  std::string prompt;
  JsonObject properties;
  JsonArray required;
  for (int i = 0; i < 1'000; ++i) {
    prompt += std::to_string(i) + " ";
    properties["p" + std::to_string(i)] = JsonObject{{"type", "integer"}};
    required.push_back(Json("p" + std::to_string(i)));
  }
  const Json schema(JsonObject{{"properties", properties}, {"required", required}});
  EXPECT_EQ(arguments_for(schema, prompt).values.size(), bounds::parameters_count_max);
}

// A schema that leads to itself by each of many ways would take forever.
TEST(ArgumentsFor, IsBoundedInNestedParameters) {
  JsonObject properties;
  JsonArray required;
  for (int i = 0; i < 60; ++i) {
    properties["p" + std::to_string(i)] = JsonObject{{"$ref", "#"}};
    required.push_back(Json("p" + std::to_string(i)));
  }
  const Json schema(
      JsonObject{{"type", "object"}, {"properties", properties}, {"required", required}});
  const auto text = json::print(arguments_for(schema, "x").values);
  EXPECT_GT(std::ranges::count(text, '{'), 60);
  EXPECT_LE(std::ranges::count(text, '{'), std::ptrdiff_t{bounds::parameters_in_all_count_max} + 1);
}

TEST(ArgumentsFor, LooksAtTheFirstValuesOfALongEnum) {
  JsonArray values;
  for (int i = 0; i < 1'000; ++i) values.push_back(Json("word" + std::to_string(i)));
  const Json schema(JsonObject{{"properties", JsonObject{{"a", JsonObject{{"enum", values}}}}},
                               {"required", JsonArray{Json("a")}}});
  EXPECT_EQ(json::print(arguments_for(schema, "take word7").values), R"({"a":"word7"})");
  EXPECT_EQ(json::print(arguments_for(schema, "take word999").values), "{}");
}

}  // namespace
}  // namespace toolgate::services::bedrock_runtime
