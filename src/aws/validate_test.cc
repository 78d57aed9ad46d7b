#include "aws/validate.h"

#include <gtest/gtest.h>

#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::contract_text;
using testing::parsed;

constexpr std::string_view shapes = R"(
  "In":{"type":"structure","required":["Need"],"members":{
    "Need":{"shape":"S"},"Kind":{"shape":"E"},"Name":{"shape":"P"},"Size":{"shape":"I"},
    "List":{"shape":"List"},"Map":{"shape":"Map"},"One":{"shape":"U"},"Secret":{"shape":"Secret"},
    "Bytes":{"shape":"Blob"},"Secrets":{"shape":"Secrets"}}},
  "Out":{"type":"structure","members":{}},
  "S":{"type":"string","min":1,"max":3},"E":{"type":"string","enum":["A","B"]},
  "P":{"type":"string","pattern":"[a-z]+"},"I":{"type":"integer","min":1,"max":10},
  "List":{"type":"list","member":{"shape":"Item"},"min":1,"max":2},
  "Item":{"type":"structure","required":["X"],"members":{"X":{"shape":"E"}}},
  "Map":{"type":"map","key":{"shape":"P"},"value":{"shape":"S"},"max":2},
  "U":{"type":"structure","union":true,"members":{"a":{"shape":"S"},"b":{"shape":"S"}}},
  "Secret":{"type":"string","pattern":"[a-z]+","max":4,"enum":["abc"],"sensitive":true},
  "Secrets":{"type":"map","key":{"shape":"Secret"},"value":{"shape":"Secret"}},
  "Blob":{"type":"blob","max":2})";

Result<void> check(std::string_view input, PathStyle style = PathStyle::plain) {
  static const std::string text = contract_text("json", R"("method":"POST","uri":"/")", shapes);
  static const Contract contract{"test", text};
  return validate(*contract.shape("In"), parsed(input), style);
}

TEST(Validate, PassesWhatFits) {
  for (const std::string_view input :
       {R"({"Need":"a"})", R"({"Need":"äöü"})", R"({"Need":"abc","Kind":"B","Name":"x","Size":10,
         "List":[{"X":"A"}],"Map":{"k":"v"},"One":{"b":"x"},"Secret":"abc","Bytes":"aGk="})"}) {
    const auto found = check(input);
    EXPECT_TRUE(found.has_value()) << input << found.error().message;
  }
}

TEST(Validate, SaysWhichConstraintOfWhichMember) {
  struct Case {
    std::string_view input, message;
  };
  for (const auto& [input, message] : {
           Case{"{}", "Value null at 'Need' failed to satisfy constraint: Member must not be null"},
           Case{R"({"Need":""})",
                "Value '' at 'Need' failed to satisfy constraint: Member must "
                "have length greater than or equal to 1"},
           Case{R"({"Need":"abcd"})",
                "Value 'abcd' at 'Need' failed to satisfy constraint: Member "
                "must have length less than or equal to 3"},
           Case{R"({"Need":"a","Kind":"C"})",
                "Value 'C' at 'Kind' failed to satisfy constraint: "
                "Member must satisfy enum value set: [A, B]"},
           Case{R"({"Need":"a","Name":"A"})",
                "Value 'A' at 'Name' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: [a-z]+"},
           Case{R"({"Need":"a","Size":0})",
                "Value '0' at 'Size' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1"},
           Case{R"({"Need":"a","Size":11})",
                "Value '11' at 'Size' failed to satisfy constraint: "
                "Member must have value less than or equal to 10"},
           Case{R"({"Need":"a","List":[]})",
                "Value '[]' at 'List' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1"},
           Case{R"({"Need":"a","List":[{"X":"A"},{}]})",
                "Value null at 'List[1].X' failed to "
                "satisfy constraint: Member must not be null"},
           Case{R"({"Need":"a","Map":{"k":"long"}})",
                "Value 'long' at 'Map.k' failed to satisfy "
                "constraint: Member must have length less than or equal to 3"},
           Case{R"({"Need":"a","One":{}})",
                "Value at 'One' failed to satisfy constraint: Member "
                "must have exactly one of [a, b] set"},
           Case{R"({"Need":"a","One":{"a":"x","b":"y"}})",
                "Value at 'One' failed to satisfy "
                "constraint: Member must have exactly one of [a, b] set"},
           Case{R"({"Need":"a","Bytes":"YWJj"})",
                "Value at 'Bytes' failed to satisfy constraint: "
                "Member must have length less than or equal to 2"},
       }) {
    const auto found = check(input);
    ASSERT_FALSE(found.has_value()) << input;
    EXPECT_EQ(found.error().message, "1 validation error detected: " + std::string{message});
    EXPECT_EQ(found.error().code, Code::invalid);
    EXPECT_EQ(found.error().fields.size(), 1U);
  }
}

TEST(Validate, NamesMembersAsTheOlderServicesDo) {
  const auto found = check(R"({"Need":"a","List":[{"X":"A"},{"X":"C"}]})", PathStyle::coral);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().fields[0].path, "list.2.member.x");
}

TEST(Validate, CollectsEveryWrongMember) {
  const auto found = check(R"({"Kind":"C","Size":99})");
  ASSERT_FALSE(found.has_value());
  ASSERT_EQ(found.error().fields.size(), 3U);
  EXPECT_TRUE(found.error().message.starts_with("3 validation errors detected: Value null at"));
  EXPECT_EQ(found.error().fields[2].path, "Size");
}

TEST(Validate, StopsAtTwenty) {
  std::string list;
  for (int i = 0; i < 100; ++i) list += i == 0 ? "{}" : ",{}";
  const auto found = check(R"({"Need":"a","List":[)" + list + "]}");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().fields.size(), 20U);
}

TEST(Validate, NeverRepeatsASensitiveValue) {
  for (const std::string_view input :
       {R"({"Need":"a","Secret":"HUSH-HUSH"})", R"({"Need":"a","Secrets":{"abc":"HUSH-HUSH"}})"}) {
    const auto found = check(input);
    ASSERT_FALSE(found.has_value());
    EXPECT_FALSE(found.error().message.contains("HUSH")) << found.error().message;
    for (const auto& field : found.error().fields) EXPECT_FALSE(field.path.contains("HUSH"));
  }
}

TEST(Validate, NamesTheWrongKeyOfAMap) {
  const auto found = check(R"({"Need":"a","Secrets":{"no-name":"HUSH"}})");
  ASSERT_FALSE(found.has_value());
  EXPECT_TRUE(found.error().message.contains("Secrets.no-name'")) << found.error().message;
  EXPECT_FALSE(found.error().message.contains("HUSH"));
}

TEST(Validate, RepeatsOnlyTheBeginningOfALongValue) {
  const auto found = check(R"({"Need":")" + std::string(5'000, 'x') + R"("})");
  ASSERT_FALSE(found.has_value());
  EXPECT_LT(found.error().message.size(), 500U);
}

}  // namespace
}  // namespace toolgate::aws
