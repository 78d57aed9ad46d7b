#include <gtest/gtest.h>

#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::contract_text;
using testing::parsed;

constexpr std::string_view shapes = R"(
  "In":{"type":"structure","members":{
    "text":{"shape":"S"},"other":{"shape":"S","locationName":"Renamed"},"count":{"shape":"I"},
    "big":{"shape":"L"},"ratio":{"shape":"D"},"on":{"shape":"B"},"when":{"shape":"T"},
    "bytes":{"shape":"Blob"},"list":{"shape":"List"},"map":{"shape":"Map"},"any":{"shape":"Doc"},
    "inner":{"shape":"In"}}},
  "Out":{"type":"structure","members":{}},
  "S":{"type":"string"},"I":{"type":"integer"},"L":{"type":"long"},"D":{"type":"double"},
  "B":{"type":"boolean"},"T":{"type":"timestamp"},"Blob":{"type":"blob"},
  "List":{"type":"list","member":{"shape":"I"}},
  "Map":{"type":"map","key":{"shape":"S"},"value":{"shape":"I"}},
  "Doc":{"type":"structure","members":{},"document":true})";

Result<Json> read(std::string_view body) {
  const std::string text = contract_text("json", R"("method":"POST","uri":"/")", shapes);
  static const Contract contract{"test", text};
  return read_json_body(contract.operations().front(), body);
}

TEST(ReadJsonBody, GivesValuesAsOperationsSeeThem) {
  struct Case {
    std::string_view body, input;
  };
  for (const auto& [body, input] : {
           Case{"", "{}"}, Case{"{}", "{}"}, Case{R"({"text":"a","unknown":1})", R"({"text":"a"})"},
           Case{R"({"text":null})", "{}"}, Case{R"({"Renamed":"x"})", R"({"other":"x"})"},
           Case{R"({"count":5})", R"({"count":5})"}, Case{R"({"count":5.0})", R"({"count":5})"},
           Case{R"({"big":5000000000})", R"({"big":5000000000})"},
           Case{R"({"ratio":2})", R"({"ratio":2.0})"},
           Case{R"({"when":1795233906.5})", R"({"when":1795233906.5})"},
           Case{R"({"when":"2026-11-21T04:05:06Z"})", R"({"when":1795233906.0})"},
           Case{R"({"bytes":"aGk="})", R"({"bytes":"aGk="})"},
           Case{R"({"list":[1,2]})", R"({"list":[1,2]})"},
           Case{R"({"map":{"a":1,"b":null}})", R"({"map":{"a":1}})"},
           Case{R"({"any":{"x":[1,null]}})", R"({"any":{"x":[1,null]}})"},
           Case{R"({"inner":{"inner":{"on":true}}})", R"({"inner":{"inner":{"on":true}}})"},
       }) {
    const auto found = read(body);
    ASSERT_TRUE(found.has_value()) << body << ": " << found.error().message;
    EXPECT_EQ(*found, parsed(input)) << body << " gave " << json::print(*found);
  }
}

TEST(ReadJsonBody, NamesTheMemberThatCannotBeRead) {
  struct Case {
    std::string_view body, path;
  };
  for (const auto& [body, path] : {
           Case{R"({"text":1})", "text"}, Case{R"({"count":"1"})", "count"},
           Case{R"({"count":1.5})", "count"}, Case{R"({"count":5000000000})", "count"},
           Case{R"({"on":"true"})", "on"}, Case{R"({"when":"soon"})", "when"},
           Case{R"({"bytes":"!"})", "bytes"}, Case{R"({"list":{}})", "list"},
           Case{R"({"list":[1,"x"]})", "list[1]"}, Case{R"({"list":[null]})", "list[0]"},
           Case{R"({"map":[]})", "map"}, Case{R"({"inner":{"map":{"k":[]}}})", "inner.map.k"},
       }) {
    const auto found = read(body);
    ASSERT_FALSE(found.has_value()) << body;
    EXPECT_EQ(found.error().name, "SerializationException");
    ASSERT_EQ(found.error().fields.size(), 1U) << body;
    EXPECT_EQ(found.error().fields[0].path, path);
  }
}

TEST(ReadJsonBody, RefusesWhatIsNoJsonObject) {
  for (const std::string_view body : {"{", "[]", "1", "\"x\"", "{\"text\":\"\xff\"}", "null"}) {
    const auto found = read(body);
    ASSERT_FALSE(found.has_value()) << body;
    EXPECT_EQ(found.error().name, "SerializationException");
  }
}

}  // namespace
}  // namespace toolgate::aws
