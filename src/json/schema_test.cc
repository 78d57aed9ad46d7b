#include "json/schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "json/schema_errors.h"

namespace toolgate::json {
namespace {

Schema compiled(std::string_view text) {
  auto schema = Schema::compile(text);
  EXPECT_TRUE(schema) << text;
  return *std::move(schema);
}

std::vector<std::string> lines(std::string_view schema, std::string_view instance) {
  std::vector<std::string> all;
  for (const auto& error : compiled(schema).check(instance)) all.push_back(describe(error));
  return all;
}

using Lines = std::vector<std::string>;

constexpr std::string_view refund = R"({"type":"object","properties":{
  "order_id":{"type":"string"},"amount_cents":{"type":"integer","minimum":1},
  "to":{"type":"object","properties":{"zip":{"type":["string","null"]}},"required":["zip"]}},
  "required":["order_id","amount_cents"],"additionalProperties":false})";

TEST(SchemaErrors, AreWordedAsAgentCoreDoes) {
  EXPECT_EQ(lines(refund, R"({"order_id":"x","amount_cents":1,"to":{"zip":null}})"), Lines{});
  EXPECT_EQ(lines(refund, "{}"), (Lines{"- Missing required field(s): 'order_id'",
                                        "- Missing required field(s): 'amount_cents'"}));
  EXPECT_EQ(
      lines(refund, R"({"order_id":"x","amount_cents":"5","_meta":{}})"),
      (Lines{"- Field '/amount_cents' has invalid type: string found, integer expected",
             "- additionalProperties validation failed: property '_meta' is not defined in the "
             "schema and the schema does not allow additional properties"}));
  EXPECT_EQ(lines(refund, R"({"order_id":1.5,"amount_cents":0,"to":{}})"),
            (Lines{"- Field '/order_id' has invalid type: number found, string expected",
                   "- Field '/amount_cents': must be at least 1",
                   "- Missing required field(s): '/to/zip'"}));
  EXPECT_EQ(lines(refund, R"({"order_id":"","amount_cents":1,"to":{"zip":[]}})"),
            (Lines{"- Field '/to/zip' has invalid type: array found, [string, null] expected"}));
  EXPECT_EQ(lines(refund, "[]"),
            (Lines{"- Field '/' has invalid type: array found, object expected"}));
}

TEST(SchemaErrors, NameWhatWasExpected) {
  struct {
    std::string_view schema, instance, line;
  } const cases[] = {
      {R"({"minimum":1.5})", "1.4", "- Field '/': must be at least 1.5"},
      {R"({"maximum":1})", "2", "- Field '/': must be at most 1"},
      {R"({"exclusiveMinimum":1})", "1", "- Field '/': must be greater than 1"},
      {R"({"exclusiveMaximum":1})", "1.0", "- Field '/': must be less than 1"},
      {R"({"minimum":1,"exclusiveMinimum":true})", "1", "- Field '/': must be greater than 1"},
      {R"({"multipleOf":0.01})", "0.015", "- Field '/': must be a multiple of 0.01"},
      {R"({"minLength":2})", R"("\ud83d\ude00")", "- Field '/': must have at least 2 characters"},
      {R"({"maxLength":1})", "\"\xC3\xA9\xC3\xA9\"", "- Field '/': must have at most 1 characters"},
      {R"({"pattern":"^a+$"})", R"("b")", "- Field '/': must match the pattern ^a+$"},
      {R"({"enum":["a",1,null]})", R"("b")", R"(- Field '/': must be one of: "a", 1, null)"},
      {R"({"const":{"a":1}})", "{}", R"(- Field '/': must be {"a":1})"},
      {R"({"minItems":1})", "[]", "- Field '/': must have at least 1 items"},
      {R"({"maxItems":1})", "[1,2]", "- Field '/': must have at most 1 items"},
      {R"({"uniqueItems":true})", "[1,2,1.0]",
       "- Field '/': must have no two equal items, but /2 stands there twice"},
      {R"({"contains":{"type":"string"}})", "[1]",
       "- Field '/': must have at least 1 items that fit 'contains', but has 0"},
      {R"({"contains":true,"maxContains":1})", "[1,2]",
       "- Field '/': must have at most 1 items that fit 'contains', but has 2"},
      {R"({"minProperties":1})", "{}", "- Field '/': must have at least 1 properties"},
      {R"({"maxProperties":0})", R"({"a":1})", "- Field '/': must have at most 0 properties"},
      {R"({"properties":{"a":false}})", R"({"a":1})", "- Field '/a': is not allowed"},
      {R"({"propertyNames":{"maxLength":1}})", R"({"ab":1})",
       "- Field '/ab': must have at most 1 characters"},
      {R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})", "- Missing required field(s): 'b'"},
      {R"({"unevaluatedProperties":false})", R"({"a":1})", "- Field '/a': is not allowed"},
      {R"({"not":{"type":"string"}})", R"("a")",
       "- Field '/': must not fit the schema under 'not'"},
      {R"({"oneOf":[{"minimum":1},{"minimum":2},{"minimum":9}]})", "3",
       "- Field '/': must fit exactly one of 3 schemas, but fits 2"},
      {"false", "1", "- Field '/': is not allowed"},
      {"{\"items\":{}}", "[1", "- Field '/': no JSON text of at most 64 levels"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(lines(c.schema, c.instance), Lines{std::string{c.line}}) << c.schema;
  }
}

TEST(SchemaErrors, ShowEveryBranchWhereNoneFits) {
  EXPECT_EQ(lines(R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", R"("x")"),
            (Lines{"- Field '/' has invalid type: string found, integer expected",
                   "- Field '/' has invalid type: string found, null expected"}));
  EXPECT_EQ(lines(R"({"properties":{"a":{"anyOf":[{"type":"string"},{"minimum":5}]}},
                     "required":["b"]})",
                  R"({"a":7})"),
            (Lines{"- Missing required field(s): 'b'"}));
}

TEST(SchemaErrors, AreBounded) {
  std::string instance = "[1";
  for (int i = 0; i < 1000; ++i) instance += ",1";
  EXPECT_EQ(lines(R"({"items":{"type":"string"}})", instance + "]").size(), 20U);
}

TEST(Schema, ComparesNumbersExactly) {
  EXPECT_TRUE(lines(R"({"type":"integer"})", "1.0").empty());
  EXPECT_TRUE(lines(R"({"type":"integer"})", "12345678901234567890123").empty());
  EXPECT_FALSE(lines(R"({"type":"integer"})", "1.5").empty());
  EXPECT_TRUE(lines(R"({"const":9007199254740993})", "9007199254740993").empty());
  EXPECT_FALSE(lines(R"({"const":9007199254740993})", "9007199254740992").empty());
  EXPECT_FALSE(lines(R"({"maximum":12345678901234567890123})", "12345678901234567890124").empty());
  EXPECT_TRUE(lines(R"({"multipleOf":0.1})", "1e300").empty());
}

TEST(Schema, FindsMembersByTheirUnescapedName) {
  EXPECT_EQ(lines(refund, R"({"order\u005fid":5,"amount_cents":1})").size(), 1U);
  EXPECT_TRUE(lines(R"({"enum":["a","b","c","d","e","f","g","h","i"]})", R"("\u0069")").empty());
  EXPECT_FALSE(lines(R"({"enum":["a","b","c","d","e","f","g","h","i"]})", R"("j")").empty());
}

TEST(Schema, ChecksEveryMemberThatStandsTwice) {
  EXPECT_FALSE(lines(refund, R"({"order_id":"x","amount_cents":"5","amount_cents":1})").empty());
  EXPECT_FALSE(lines(refund, R"({"order_id":"x","amount_cents":1,"amount_cents":"5"})").empty());
}

TEST(Schema, HandlesManyPropertiesAndRequiredOnes) {
  std::string schema = R"({"properties":{)";
  std::string required;
  std::string instance = "{";
  for (int i = 0; i < 100; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    schema += fmt::format(R"({}"p{}":{{"type":"integer"}})", comma, i);
    required += fmt::format(R"({}"p{}")", comma, i);
    instance += fmt::format(R"({}"p{}":{})", comma, i, i);
  }
  schema += R"(},"additionalProperties":false,"required":[)" + required + "]}";
  EXPECT_EQ(lines(schema, instance + "}"), Lines{});
  EXPECT_EQ(lines(schema, instance + R"(,"q":1})").size(), 1U);
  EXPECT_EQ(lines(schema, instance.substr(0, instance.rfind(',')) + "}"),
            Lines{"- Missing required field(s): 'p99'"});
  EXPECT_EQ(lines(schema, R"({"p50":"x"})").size(), 20U);
  EXPECT_EQ(lines(schema, R"({"p64":1})")[0], "- Missing required field(s): 'p0'");
}

TEST(Schema, RefusesOnlyWhatIsNoSchema) {
  for (const std::string text : {"", "{", "5", "[]", "\"x\"", "null", "{\"a\":\"\xff\"}"}) {
    const auto schema = Schema::compile(text);
    ASSERT_FALSE(schema) << text;
    EXPECT_EQ(schema.error().code, Code::invalid);
  }
  EXPECT_FALSE(Schema::compile("{\"x\":1}", {.schema_bytes_max = 6}));
}

TEST(Schema, LeavesOutWhatItCannotEnforceAndSaysSo) {
  struct {
    std::string_view schema, what;
  } const cases[] = {
      {R"({"properties":{"x":{"pattern":"(?<=a)b"}}})",
       "pattern '(?<=a)b' at /properties/x: lookbehind is not supported"},
      {R"({"$ref":"http://other/x"})",
       "$ref http://other/x at /: there is no such place in the schema"},
      {R"({"$ref":5})", "$ref 5 at /: there is no such place in the schema"},
      {R"({"format":"date"})", "format date at /: formats are not checked"},
      {R"({"type":"any"})", "type at /: 'any' is no type"},
      {R"({"required":true})", "required at /: expected an array of names"},
      {R"({"required":["a",5]})", "required at /: expected an array of names"},
      {R"({"enum":5})", "enum at /: expected an array"},
      {R"({"minLength":-1})", "minLength at /: expected a whole number, zero or more"},
      {R"({"minLength":"1"})", "minLength at /: expected a whole number, zero or more"},
      {R"({"minimum":"1"})", "minimum at /: expected a number"},
      {R"({"multipleOf":0})", "multipleOf at /: expected a number greater than zero"},
      {R"({"multipleOf":1.2345678901234567890123})",
       "multipleOf at /: more than 19 digits are not supported"},
      {R"({"pattern":5})", "pattern at /: expected a string"},
      {R"({"properties":[]})", "properties at /: expected an object"},
      {R"({"properties":{"a":"string"}})", "properties at /: expected a schema"},
      {R"({"not":5})", "not at /: expected a schema"},
      {R"({"allOf":{}})", "allOf at /: expected an array of schemas"},
      {R"({"anyOf":[5]})", "anyOf at /: expected a schema"},
  };
  for (const auto& c : cases) {
    const Schema schema = compiled(c.schema);
    EXPECT_EQ(schema.unenforced(), Lines{std::string{c.what}}) << c.schema;
    EXPECT_TRUE(schema.check(R"({"x":"b","a":1})").empty()) << c.schema;
  }
  // The name of a property without a schema is known all the same.
  EXPECT_TRUE(
      lines(R"({"properties":{"a":"string"},"additionalProperties":false})", R"({"a":1})").empty());
  EXPECT_TRUE(
      lines(R"({"patternProperties":{"(?=a)b":{}},"additionalProperties":false})", R"({"a":1})")
          .empty());
}

TEST(Schema, ReadsOlderDrafts) {
  EXPECT_FALSE(
      lines(R"({"items":[{"type":"string"}],"additionalItems":false})", "[\"a\",1]").empty());
  EXPECT_FALSE(lines(R"({"dependencies":{"a":["b"]}})", R"({"a":1})").empty());
  EXPECT_TRUE(lines(R"({"$schema":"http://json-schema.org/draft-07/schema#",
                       "properties":{"a":{"$ref":"#/definitions/x","type":"string"}},
                       "definitions":{"x":{"type":"integer"}}})",
                    R"({"a":1})")
                  .empty());
  EXPECT_FALSE(lines(R"({"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/y",
                        "definitions":{"z":{"id":"z","type":"integer"}},"$ref":"z"})",
                     R"("a")")
                   .empty());
  EXPECT_FALSE(lines(R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"http://x",
                        "$recursiveAnchor":true,"type":"object","properties":{
                        "c":{"$recursiveRef":"#"}},"unevaluatedProperties":false})",
                     R"({"c":{"d":1}})")
                   .empty());
}

TEST(Schema, FollowsReferencesOfRecursiveSchemas) {
  constexpr std::string_view tree =
      R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{
         "next":{"$ref":"#/$defs/node"},"value":{"type":"integer"}}}}})";
  EXPECT_TRUE(lines(tree, R"({"next":{"next":{"value":1}}})").empty());
  EXPECT_EQ(lines(tree, R"({"next":{"next":{"value":"x"}}})"),
            Lines{"- Field '/next/next/value' has invalid type: string found, integer expected"});
  // A place under an unknown keyword can be referred to.
  EXPECT_FALSE(lines(R"({"x-types":[{"type":"string"}],"$ref":"#/x-types/0"})", "1").empty());
}

TEST(Schema, EndsWhateverTheSchema) {
  EXPECT_EQ(lines(R"({"$ref":"#"})", "1"),
            Lines{"- Field '/': the references of the arguments' schema do not end"});
  EXPECT_EQ(lines(R"({"not":{"$ref":"#"}})", "1").size(), 1U);
  EXPECT_EQ(lines(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "1").size(), 1U);
  // Each level doubles the work.
  std::string deep;
  for (int i = 0; i < 60; ++i) deep += R"({"a":)";
  deep += "{}" + std::string(60, '}');
  EXPECT_EQ(lines(R"({"allOf":[{"additionalProperties":{"$ref":"#"}},
                     {"additionalProperties":{"$ref":"#"}}]})",
                  deep),
            Lines{"- Field '/': checking the arguments takes too much work"});
}

TEST(Schema, ComparesLargeValuesInReasonableTime) {
  std::string object = "{\"first\":0";
  std::string reversed = "{";
  constexpr int count = 50'000;
  for (int i = 0; i < count; ++i) object += fmt::format(",\"k{}\":{}", i, i);
  for (int i = count; i-- > 0;) reversed += fmt::format("\"k{}\":{},", i, i);
  object += '}';
  reversed += "\"first\":0}";
  EXPECT_EQ(lines(R"({"uniqueItems":true})", "[" + object + "," + reversed + "]").size(), 1U);
}

}  // namespace
}  // namespace toolgate::json
