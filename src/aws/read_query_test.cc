#include <gtest/gtest.h>

#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::contract_text;
using testing::parsed;

constexpr std::string_view shapes = R"(
  "In":{"type":"structure","members":{
    "Name":{"shape":"S"},"Count":{"shape":"I"},"On":{"shape":"B"},"When":{"shape":"T"},
    "Tags":{"shape":"Tags"},"Flat":{"shape":"FlatList"},"FlatNamed":{"shape":"FlatNamed"},
    "Map":{"shape":"Map"},"FlatMap":{"shape":"FlatMap"},"Inner":{"shape":"Inner"},
    "Renamed":{"shape":"S","locationName":"Wire"}}},
  "Out":{"type":"structure","members":{}},
  "S":{"type":"string"},"I":{"type":"integer"},"B":{"type":"boolean"},"T":{"type":"timestamp"},
  "Tags":{"type":"list","member":{"shape":"Tag"}},
  "Tag":{"type":"structure","members":{"Key":{"shape":"S"},"Value":{"shape":"S"}}},
  "FlatList":{"type":"list","member":{"shape":"S"},"flattened":true},
  "FlatNamed":{"type":"list","member":{"shape":"S","locationName":"Item"},"flattened":true},
  "Map":{"type":"map","key":{"shape":"S"},"value":{"shape":"I"}},
  "FlatMap":{"type":"map","key":{"shape":"S","locationName":"K"},
             "value":{"shape":"S","locationName":"V"},"flattened":true},
  "Inner":{"type":"structure","members":{"List":{"shape":"Tags"},"X":{"shape":"S"}}})";

Result<Json> read(std::string_view form) {
  static const std::string text = contract_text("query", R"("method":"POST","uri":"/")", shapes);
  static const Contract contract{"test", text};
  return read_query(contract.operations().front(), form);
}

TEST(ReadQuery, BuildsTheInputFromNames) {
  struct Case {
    std::string_view form, input;
  };
  for (const auto& [form, input] : {
           Case{"", "{}"}, Case{"Action=Do&Version=1&Unknown.1=x", "{}"},
           Case{"Name=a+b%26c", R"({"Name":"a b&c"})"}, Case{"Name=", R"({"Name":""})"},
           Case{"Count=7&On=true&When=2026-11-21T04:05:06Z",
                R"({"Count":7,"On":true,"When":1795233906.0})"},
           Case{"Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=l",
                R"({"Tags":[{"Key":"k","Value":"v"},{"Key":"l"}]})"},
           Case{"Tags.member.10.Key=c&Tags.member.2.Key=b&Tags.member.1.Key=a",
                R"({"Tags":[{"Key":"a"},{"Key":"b"},{"Key":"c"}]})"},
           Case{"Tags=", R"({"Tags":[]})"}, Case{"Flat.1=a&Flat.2=b", R"({"Flat":["a","b"]})"},
           Case{"Item.1=a&Item.2=b", R"({"FlatNamed":["a","b"]})"},
           Case{"Map.entry.1.key=a&Map.entry.1.value=1&Map.entry.2.key=b&Map.entry.2.value=2",
                R"({"Map":{"a":1,"b":2}})"},
           Case{"FlatMap.1.K=a&FlatMap.1.V=b", R"({"FlatMap":{"a":"b"}})"},
           Case{"Inner.X=1&Inner.List.member.1.Key=k",
                R"({"Inner":{"X":"1","List":[{"Key":"k"}]}})"},
           Case{"Wire=w", R"({"Renamed":"w"})"}, Case{"Renamed=w", "{}"},
       }) {
    const auto found = read(form);
    ASSERT_TRUE(found.has_value()) << form << ": " << found.error().message;
    EXPECT_EQ(*found, parsed(input)) << form << " gave " << json::print(*found);
  }
}

TEST(ReadQuery, RefusesWhatItCannotRead) {
  for (const std::string_view form :
       {"Name=%zz", "Name=%ff", "Count=x", "On=1", "When=soon", "Tags=x", "Tags.Key=k",
        "Name.member.1=x", "Map.entry.1.key=a", "Map=x"}) {
    const auto found = read(form);
    ASSERT_FALSE(found.has_value()) << form;
    EXPECT_EQ(found.error().code, Code::invalid);
    EXPECT_EQ(found.error().name, "SerializationException");
  }
}

TEST(ReadQuery, BoundsDepthAndFields) {
  std::string deep = "Name";
  for (int i = 0; i < 40; ++i) deep += ".a";
  EXPECT_FALSE(read(deep + "=1").has_value());
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "a=1&";
  EXPECT_FALSE(read(many).has_value());
}

TEST(ReadQuery, ReadsTheEmbeddedContractsCreateRole) {
  const auto found = read_query(
      *contract_of("iam")->find("CreateRole"),
      "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D"
      "&Tags.member.1.Key=a&Tags.member.1.Value=b&MaxSessionDuration=3600");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, parsed(R"({"RoleName":"r","AssumeRolePolicyDocument":"{}",
      "MaxSessionDuration":3600,"Tags":[{"Key":"a","Value":"b"}]})"));
}

}  // namespace
}  // namespace toolgate::aws
