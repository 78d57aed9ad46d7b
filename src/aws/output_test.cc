#include "aws/output.h"

#include <gtest/gtest.h>

#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::contract_text;
using testing::parsed;

constexpr std::string_view shapes = R"(
  "In":{"type":"structure","members":{}},
  "S":{"type":"string"},"I":{"type":"integer"},"D":{"type":"double"},"B":{"type":"boolean"},
  "T":{"type":"timestamp"},"Iso":{"type":"timestamp","timestampFormat":"iso8601"},
  "Blob":{"type":"blob"},"List":{"type":"list","member":{"shape":"Item"}},
  "FlatList":{"type":"list","member":{"shape":"S"},"flattened":true},
  "NamedList":{"type":"list","member":{"shape":"S","locationName":"entry"}},
  "Item":{"type":"structure","members":{"A":{"shape":"S"},"When":{"shape":"T"}}},
  "Map":{"type":"map","key":{"shape":"S"},"value":{"shape":"I"}},
  "FlatMap":{"type":"map","key":{"shape":"S","locationName":"K"},
             "value":{"shape":"S","locationName":"V"},"flattened":true},
  "Doc":{"type":"structure","members":{},"document":true},)";

constexpr std::string_view body_members = R"({"type":"structure","members":{
    "Text":{"shape":"S"},"Wire":{"shape":"S","locationName":"renamed"},"Count":{"shape":"I"},
    "Ratio":{"shape":"D"},"On":{"shape":"B"},"When":{"shape":"T"},"Iso":{"shape":"Iso"},
    "Bytes":{"shape":"Blob"},"List":{"shape":"List"},"Flat":{"shape":"FlatList"},
    "Named":{"shape":"NamedList"},"Map":{"shape":"Map"},"FlatMap":{"shape":"FlatMap"},
    "Any":{"shape":"Doc"}}})";

struct Made {
  std::string text;
  Contract contract;
  Made(std::string_view protocol, std::string_view operation, std::string_view out)
      : text{contract_text(protocol, operation,
                           std::string{shapes} + R"("Out":)" + std::string{out})},
        contract{"test", text} {}
  [[nodiscard]] const OperationShape& operation() const { return contract.operations().front(); }
};

Answer answer(std::string_view output) { return {.output = parsed(output), .body = {}}; }

struct Case {
  std::string_view output, wire;
};

TEST(PrintJsonBody, WritesEachTypeAsTheProtocolAsks) {
  const Made test{"json", R"("method":"POST","uri":"/")", body_members};
  for (const auto& [output, wire] : {
           Case{"{}", "{}"}, Case{R"({"Text":"a","Wire":"b"})", R"({"Text":"a","renamed":"b"})"},
           Case{R"({"Text":null})", "{}"},
           Case{R"({"Ratio":1.5,"On":false})", R"({"Ratio":1.5,"On":false})"},
           Case{R"({"When":1795233906.789})", R"({"When":1795233906.789})"},
           Case{R"({"When":1795233906.0})", R"({"When":1795233906})"},
           Case{R"({"When":1795233906})", R"({"When":1795233906})"},
           Case{R"({"Iso":1795233906.789})", R"({"Iso":"2026-11-21T04:05:06.789Z"})"},
           Case{R"({"List":[{"A":"x","When":1.5}]})", R"({"List":[{"A":"x","When":1.5}]})"},
           Case{R"({"Map":{"k":1}})", R"({"Map":{"k":1}})"},
           Case{R"({"Any":{"x":[null]}})", R"({"Any":{"x":[null]}})"},
       }) {
    const auto response = print_json_body(test.contract, test.operation(), answer(output));
    EXPECT_EQ(net::buffered(response), wire);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(net::find_header(response.headers, "content-type"), "application/x-amz-json-1.1");
  }
}

TEST(PrintJsonBody, LeavesOutWhatTheShapeDoesNotHave) {
  const Made test{"json", R"("method":"POST","uri":"/")", body_members};
  const auto response = print_json_body(
      test.contract, test.operation(),
      answer(R"({"Text":1,"Unknown":true,"List":[{"A":"x","B":1},"wrong"],
                 "Map":{"a":"b","c":2}})"));
  EXPECT_EQ(net::buffered(response), R"({"List":[{"A":"x"}],"Map":{"c":2}})");
}

TEST(PrintRest, PutsMembersIntoStatusHeadersAndBody) {
  const Made test{"rest-json", R"("method":"POST","uri":"/","status":201)",
                  R"({"type":"structure","members":{
      "Id":{"shape":"S","location":"header","locationName":"x-id"},
      "Names":{"shape":"FlatList","location":"header","locationName":"x-names"},
      "When":{"shape":"T","location":"header","locationName":"Last-Modified"},
      "Doc":{"shape":"S","location":"header","locationName":"x-doc","jsonvalue":true},
      "Meta":{"shape":"FlatMap","location":"headers","locationName":"x-meta-"},
      "Status":{"shape":"I","location":"statusCode"},"Text":{"shape":"S"}}})"};
  auto response = print_rest(test.contract, test.operation(),
                             answer(R"({"Id":"a","Names":["b","c"],"When":1795233906,
                                 "Doc":"{}","Meta":{"k":"v"},"Text":"t"})"));
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(net::find_header(response.headers, "x-id"), "a");
  EXPECT_EQ(net::find_header(response.headers, "x-names"), "b, c");
  EXPECT_EQ(net::find_header(response.headers, "last-modified"), "Sat, 21 Nov 2026 04:05:06 GMT");
  EXPECT_EQ(net::find_header(response.headers, "x-doc"), "e30=");
  EXPECT_EQ(net::find_header(response.headers, "x-meta-k"), "v");
  EXPECT_EQ(net::find_header(response.headers, "content-type"), "application/json");
  EXPECT_EQ(net::buffered(response), R"({"Text":"t"})");
  response = print_rest(test.contract, test.operation(), answer(R"({"Status":206})"));
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(net::buffered(response), "{}");
}

TEST(PrintRest, SendsNoBodyWith204) {
  const Made test{"rest-json", R"("method":"POST","uri":"/","status":204)",
                  R"({"type":"structure","members":{}})"};
  const auto response = print_rest(test.contract, test.operation(), answer("{}"));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(net::buffered(response), "");
}

TEST(PrintRest, SendsAPayloadMemberAsTheWholeBody) {
  struct Payload {
    std::string_view shape, value, wire, type;
  };
  for (const auto& [shape, value, wire, type] : {
           Payload{"Blob", R"("aGk=")", "hi", "application/octet-stream"},
           Payload{"S", R"("plain")", "plain", "text/plain"},
           Payload{"Item", R"({"A":"x"})", R"({"A":"x"})", "application/json"},
           Payload{"Doc", R"([1,{"a":null}])", R"([1,{"a":null}])", "application/json"}}) {
    const Made test{"rest-json", R"("method":"POST","uri":"/")",
                    R"({"type":"structure","payload":"P","members":{"P":{"shape":")" +
                        std::string{shape} + R"("}}})"};
    const auto response = print_rest(test.contract, test.operation(),
                                     answer(R"({"P":)" + std::string{value} + "}"));
    EXPECT_EQ(net::buffered(response), wire);
    EXPECT_EQ(net::find_header(response.headers, "content-type"), type);
  }
}

TEST(PrintRest, PassesABodyOfTheOperationThrough) {
  const Made test{"rest-json", R"("method":"POST","uri":"/")",
                  R"({"type":"structure","payload":"P","members":{
      "P":{"shape":"Blob"},
      "Type":{"shape":"S","location":"header","locationName":"Content-Type"}}})"};
  Answer given = answer(R"({"Type":"text/event-stream"})");
  given.body = std::string{"data: 1\n\n"};
  const auto response = print_rest(test.contract, test.operation(), std::move(given));
  EXPECT_EQ(net::buffered(response), "data: 1\n\n");
  EXPECT_EQ(net::find_header(response.headers, "content-type"), "text/event-stream");
}

TEST(PrintQuery, WritesXmlByTheShapes) {
  const Made test{"query", R"("method":"POST","uri":"/","resultWrapper":"DoResult")", body_members};
  for (const auto& [output, wire] : {
           Case{"{}", ""}, Case{R"({"Text":"a<b>&\"c"})", "<Text>a&lt;b&gt;&amp;&quot;c</Text>"},
           Case{R"({"Text":"x\u0001\r"})", "<Text>x\xEF\xBF\xBD&#xD;</Text>"},
           Case{R"({"Wire":"b"})", "<renamed>b</renamed>"},
           Case{R"({"Count":3,"On":true})", "<Count>3</Count><On>true</On>"},
           Case{R"({"When":1795233906.789})", "<When>2026-11-21T04:05:06Z</When>"},
           Case{R"({"List":[{"A":"x"},{"A":"y"}]})",
                "<List><member><A>x</A></member><member><A>y</A></member></List>"},
           Case{R"({"List":[]})", "<List></List>"},
           Case{R"({"Flat":["a","b"]})", "<Flat>a</Flat><Flat>b</Flat>"},
           Case{R"({"Named":["a"]})", "<Named><entry>a</entry></Named>"},
           Case{R"({"Map":{"k":1}})",
                "<Map><entry><key>k</key><value>1</value></entry></Map>"},
           Case{R"({"FlatMap":{"k":"v"}})", "<FlatMap><K>k</K><V>v</V></FlatMap>"},
       }) {
    const auto response = print_query(test.contract, test.operation(), answer(output), "id-1");
    EXPECT_EQ(net::buffered(response),
              R"(<DoResponse xmlns="urn:test"><DoResult>)" + std::string{wire} +
                  "</DoResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"
                  "</DoResponse>");
    EXPECT_EQ(net::find_header(response.headers, "content-type"), "text/xml");
  }
}

TEST(PrintQuery, HasNoResultWhereTheContractHasNoOutput) {
  const Contract& iam = *contract_of("iam");
  const auto response = print_query(iam, *iam.find("AttachRolePolicy"), answer("{}"), "id-1");
  EXPECT_EQ(net::buffered(response),
            R"(<AttachRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">)"
            "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"
            "</AttachRolePolicyResponse>");
}

}  // namespace
}  // namespace toolgate::aws
