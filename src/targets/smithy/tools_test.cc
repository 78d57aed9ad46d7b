#include "targets/smithy/tools.h"

#include <ctime>

#include <gtest/gtest.h>

#include "targets/smithy/read.h"
#include "targets/smithy/recipe.h"
#include "targets/smithy/request.h"

namespace toolgate::targets::smithy {
namespace {

// A service with one operation Op; `input` are members of its input, as JSON text.
std::string model_with(std::string_view input, std::string_view protocol = "awsJson1_0",
                       std::string_view more = "", std::string_view http = "") {
  std::string traits = http.empty() ? "" : R"("smithy.api#http":)" + std::string{http};
  return R"({"smithy":"2.0","shapes":{"a#Svc":{"type":"service","version":"1","operations":[)"
         R"({"target":"a#Op"}],"traits":{"aws.api#service":{"sdkId":"X","endpointPrefix":"x"},)"
         R"("aws.protocols#)" +
         std::string{protocol} +
         R"(":{}}},"a#Op":{"type":"operation","input":{"target":"a#In"},)"
         R"("output":{"target":"a#In"},)"
         R"("traits":{)" +
         traits + R"(}},"a#In":{"type":"structure","members":{)" + std::string{input} + "}}" +
         std::string{more} + "}}";
}

Result<Catalogue> tools(std::string_view model) {
  return tools_of(model, {.target_name = "t", .region = "eu-west-1"});
}

Json input_schema_of(std::string_view model) {
  const auto made = tools(model);
  EXPECT_TRUE(made) << made.error().message;
  if (!made || made->tools.empty()) return nullptr;
  return json::parse(made->tools[0].input_schema).value_or(Json(nullptr));
}

TEST(Tools, CarryEveryConstraint) {
  const auto schema = input_schema_of(model_with(
      R"("s":{"target":"a#Str","traits":{"smithy.api#required":{},)"
      R"("smithy.api#documentation":"<p>A <b>name</b>.</p>"}},)"
      R"("e":{"target":"a#E"},"n":{"target":"smithy.api#Byte"},)"
      R"("b":{"target":"a#B"},"l":{"target":"a#L"},"d":{"target":"smithy.api#Document"},)"
      R"("t":{"target":"smithy.api#Timestamp"},)"
      R"("k":{"target":"smithy.api#String","traits":{"smithy.api#required":{},)"
      R"("smithy.api#idempotencyToken":{}}})",
      "awsJson1_0",
      R"(,"a#Str":{"type":"string","traits":{"smithy.api#length":{"min":1,"max":9},)"
      R"("smithy.api#pattern":"^[a-z]+$"}},)"
      R"("a#E":{"type":"enum","members":{"ONE":{"target":"smithy.api#Unit",)"
      R"("traits":{"smithy.api#enumValue":"one"}}}},)"
      R"("a#B":{"type":"blob","traits":{"smithy.api#length":{"min":2,"max":4}}},)"
      R"("a#L":{"type":"list","member":{"target":"smithy.api#Integer"},)"
      R"("traits":{"smithy.api#sparse":{},"smithy.api#uniqueItems":{},)"
      R"("smithy.api#length":{"max":5}}})"));
  EXPECT_EQ(json::print(schema),
            R"({"type":"object","properties":{)"
            R"("s":{"type":"string","minLength":1,"maxLength":9,"pattern":"^[a-z]+$",)"
            R"("description":"A name."},)"
            R"("e":{"type":"string","enum":["one"]},)"
            R"("n":{"type":"integer","minimum":-128,"maximum":127},)"
            R"("b":{"type":"string","contentEncoding":"base64","minLength":3,"maxLength":8},)"
            R"("l":{"type":"array","items":{"type":["integer","null"]},"maxItems":5,)"
            R"("uniqueItems":true},"d":{},"t":{"type":["string","number"]},)"
            R"("k":{"type":"string","description":"Made when left out."}},)"
            R"("required":["s"],"additionalProperties":false})");
}

TEST(Tools, ReferToRecursiveShapes) {
  const auto schema = input_schema_of(
      model_with(R"("v":{"target":"a#V"})", "awsJson1_0",
                 R"(,"a#V":{"type":"union","members":{"s":{"target":"smithy.api#String"},)"
                 R"("l":{"target":"a#Vs"}}},"a#Vs":{"type":"list","member":{"target":"a#V"}})"));
  EXPECT_EQ(json::print(*json::find(schema, "properties", "v")), R"({"$ref":"#/$defs/V"})");
  const Json* definition = json::find(schema, "$defs", "V");
  ASSERT_NE(definition, nullptr);
  EXPECT_EQ(json::find_int(*definition, "maxProperties"), 1);
  EXPECT_EQ(json::find_string(*definition, "properties", "l", "items", "$ref"), "#/$defs/V");
}

TEST(Tools, SaysWhatStreams) {
  const auto made =
      tools(model_with(R"("b":{"target":"a#B"})", "restJson1",
                       R"(,"a#B":{"type":"blob","traits":{"smithy.api#streaming":{}}})",
                       R"({"method":"PUT","uri":"/","code":200})"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "Smithy model: no operation can be a tool: Op: its input streams bytes (member b)");
}

// The parts of a request: "PUT /path?query|header: value|body".
std::string request_of(const std::string& model, std::string_view arguments) {
  const auto made = tools(model);
  if (!made) return made.error().message;
  const auto operation = Operation::parse(made->tools[0].recipe);
  if (!operation) return operation.error().message;
  json::Tape tape;
  EXPECT_TRUE(tape.read(arguments));
  const auto request = write_request(**operation, tape, true);
  if (!request) return request.error().message;
  std::string out = request->method + ' ' + request->target;
  for (const auto& [name, value] : request->headers) out += '|' + name + ": " + value;
  return out + '|' + request->body;
}

TEST(Requests, PutBoundMembersInTheirPlaces) {
  const std::string model = model_with(
      R"("p":{"target":"smithy.api#String","traits":{"smithy.api#httpLabel":{},)"
      R"("smithy.api#required":{}}},)"
      R"("q":{"target":"a#Times","traits":{"smithy.api#httpQuery":"when"}},)"
      R"("h":{"target":"smithy.api#Timestamp","traits":{"smithy.api#httpHeader":"x-at"}},)"
      R"("m":{"target":"a#Map","traits":{"smithy.api#httpPrefixHeaders":"x-m-"}},)"
      R"("j":{"target":"smithy.api#Integer","traits":{"smithy.api#jsonName":"jay"}})",
      "restJson1",
      R"(,"a#Times":{"type":"list","member":{"target":"smithy.api#Timestamp"}},)"
      R"("a#Map":{"type":"map","key":{"target":"smithy.api#String"},)"
      R"("value":{"target":"smithy.api#String"}})",
      R"({"method":"PUT","uri":"/a/{p+}/z?fixed","code":200})");
  EXPECT_EQ(request_of(model, R"({"p":"x/y z","q":[0,"1970-01-02"],"h":1,"m":{"c":"d"},"j":2.0})"),
            "PUT /a/x/y%20z/z?fixed&when=1970-01-01T00%3A00%3A00Z&when=1970-01-02T00%3A00%3A00Z"
            "|x-at: Thu, 01 Jan 1970 00:00:01 GMT|x-m-c: d|content-type: application/json"
            "|{\"jay\":2}");
  EXPECT_EQ(request_of(model, R"({"p":""})"),
            "argument p: expected no empty value, for it is in the request's path");
  EXPECT_EQ(request_of(model, R"({"p":".."})"),
            "argument p: expected no part of the path that is dots alone");
  EXPECT_EQ(request_of(model, R"({"p":"x/../../y"})"),
            "argument p: expected no part of the path that is dots alone");
  EXPECT_EQ(request_of(model, R"({"p":"a","m":{"c\r\nd":"e"}})"),
            "argument m: expected keys that may be names of headers");
  EXPECT_EQ(request_of(model, R"({"p":"a","m":{"c":"d\r\nx: y"}})"),
            "argument m: expected no control characters, for it is in a header");
  EXPECT_EQ(request_of(model, R"({"p":"a","h":"noon"})"),
            "argument h: expected a point in time: 2026-11-21T04:05:06Z, or seconds since 1970");
}

TEST(Requests, SpeakQueryAndXml) {
  const std::string members =
      R"("l":{"target":"a#L"},"f":{"target":"a#L","traits":{"smithy.api#xmlFlattened":{}}},)"
      R"("a":{"target":"smithy.api#String","traits":{"smithy.api#xmlAttribute":{}}})";
  const std::string shapes = R"(,"a#L":{"type":"list","member":{"target":"smithy.api#String",)"
                             R"("traits":{"smithy.api#xmlName":"i"}}})";
  const std::string arguments = R"({"l":["<1>","2"],"f":["3"],"a":"\"q\""})";
  EXPECT_EQ(request_of(model_with(members, "awsQuery", shapes), arguments),
            "POST /|content-type: application/x-www-form-urlencoded; charset=utf-8|"
            "Action=Op&Version=1&l.i.1=%3C1%3E&l.i.2=2&f.1=3&a=%22q%22");
  EXPECT_EQ(request_of(model_with(members, "ec2Query", shapes), arguments),
            "POST /|content-type: application/x-www-form-urlencoded; charset=utf-8|"
            "Action=Op&Version=1&L.1=%3C1%3E&L.2=2&F.1=3&A=%22q%22");
  EXPECT_EQ(
      request_of(model_with(members, "restXml", shapes, R"({"method":"PUT","uri":"/","code":200})"),
                 arguments),
      "PUT /|content-type: application/xml|<In a=\"&quot;q&quot;\"><l><i>&lt;1&gt;</i>"
      "<i>2</i></l><f>3</f></In>");
}

TEST(Requests, BindMembersOfTheWholeInputAlone) {
  const std::string model =
      model_with(R"("p":{"target":"a#P"},)"
                 R"("h":{"target":"smithy.api#String","traits":{"smithy.api#httpHeader":"x-h"}})",
                 "restXml",
                 R"(,"a#P":{"type":"structure","members":{"h":{"target":"smithy.api#String",)"
                 R"("traits":{"smithy.api#httpHeader":"x-p"}}}})",
                 R"({"method":"PUT","uri":"/","code":200})");
  EXPECT_EQ(request_of(model, R"({"h":"outer","p":{"h":"inner"}})"),
            "PUT /|x-h: outer|content-type: application/xml|<In><p><h>inner</h></p></In>");
  const auto made = tools(model);
  ASSERT_TRUE(made);
  const auto operation = Operation::parse(made->tools[0].recipe);
  ASSERT_TRUE(operation);
  const net::ClientResponse answer{
      .status = 200, .headers = {}, .body = "<In><h>no</h><p><h>inner</h></p></In>"};
  EXPECT_EQ(read_output(**operation, answer).value_or(""), R"({"p":{"h":"inner"}})");
}

// A hostile model ends quickly, whatever it is: chains, cycles, wide shapes, many rules.
TEST(Tools, AreBoundedInTime) {
  std::string chain, wide, values;
  for (int i = 0; i < 50'000; ++i) {
    const std::string next = i == 49'999 ? "smithy.api#String" : "a#C" + std::to_string(i + 1);
    chain += R"(,"a#C)" + std::to_string(i) +
             R"(":{"type":"structure","members":{"m":{"target":")" + next + R"("}}})";
  }
  for (int i = 0; i < 60'000; ++i) {
    wide += R"("m)" + std::to_string(i) + R"(":{"target":"smithy.api#String"},)";
  }
  for (int i = 0; i < 1'100'000; ++i) values += "0,";
  const std::string models[] = {
      model_with(R"("m":{"target":"a#C0"})", "awsJson1_0", chain),
      model_with(wide + R"("m":{"target":"smithy.api#String"})"),
      R"({"smithy":"2.0","shapes":{},"x":[)" + values + "0]}",
      std::string(10 * 1024 * 1024, '['),
      std::string(10 * 1024 * 1024, '"'),
  };
  for (const auto& model : models) {
    const auto begin = std::clock();
    const auto made = tools(model);
    EXPECT_FALSE(made) << model.substr(0, 40);
    const auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
#ifndef TOOLGATE_SANITIZED
    EXPECT_LT(seconds, 1) << model.substr(0, 40);
#endif
    (void)seconds;
  }
}

TEST(Outputs, AreNamedAsInTheModel) {
  const auto made = tools(model_with(
      R"("n":{"target":"smithy.api#Integer","traits":{"smithy.api#jsonName":"en"}},)"
      R"("h":{"target":"smithy.api#Integer","traits":{"smithy.api#httpHeader":"x-h"}},)"
      R"("s":{"target":"smithy.api#Integer","traits":{"smithy.api#httpResponseCode":{}}})",
      "restJson1", "", R"({"method":"GET","uri":"/","code":200})"));
  ASSERT_TRUE(made) << made.error().message;
  const auto operation = Operation::parse(made->tools[0].recipe);
  ASSERT_TRUE(operation);
  net::ClientResponse answer;
  answer.status = 202;
  answer.headers.add({"X-H", "7"});
  answer.body = R"({"en":1,"other":"kept"})";
  EXPECT_EQ(read_output(**operation, answer).value_or(""),
            R"({"h":7,"s":202,"n":1,"other":"kept"})");
  answer.body = "[]";
  EXPECT_FALSE(read_output(**operation, answer));
  answer.body = "";
  EXPECT_EQ(read_output(**operation, answer).value_or(""), R"({"h":7,"s":202})");
}

}  // namespace
}  // namespace toolgate::targets::smithy
