#include <gtest/gtest.h>

#include "aws/testing.h"

namespace toolgate::aws {
namespace {

using testing::contract_text;
using testing::parsed;
using testing::read_rest_request;
using testing::Sent;

constexpr std::string_view scalars = R"(
  "Out":{"type":"structure","members":{}},"S":{"type":"string"},"I":{"type":"integer"},
  "B":{"type":"boolean"},"T":{"type":"timestamp"},"Blob":{"type":"blob"},
  "Stream":{"type":"blob","streaming":true},"List":{"type":"list","member":{"shape":"S"}},
  "Map":{"type":"map","key":{"shape":"S"},"value":{"shape":"S"}},
  "Lists":{"type":"map","key":{"shape":"S"},"value":{"shape":"List"}},
  "Inner":{"type":"structure","members":{"a":{"shape":"I"}}},)";

Contract contract_with(std::string_view input) {
  static std::deque<std::string> texts;
  return Contract{"test", texts.emplace_back(contract_text(
                              "rest-json", R"("method":"POST","uri":"/x/{id}?fixed=1")",
                              std::string{scalars} + R"("In":)" + std::string{input}))};
}

TEST(ReadRest, TakesEachMemberFromItsPlace) {
  const auto contract = contract_with(R"({"type":"structure","members":{
      "id":{"shape":"S","location":"uri","locationName":"id"},
      "size":{"shape":"I","location":"querystring","locationName":"max"},
      "tags":{"shape":"List","location":"querystring","locationName":"tag"},
      "rest":{"shape":"Map","location":"querystring"},
      "since":{"shape":"T","location":"header","locationName":"If-Since"},
      "names":{"shape":"List","location":"header","locationName":"x-names"},
      "doc":{"shape":"S","location":"header","locationName":"x-doc","jsonvalue":true},
      "meta":{"shape":"Map","location":"headers","locationName":"x-meta-"},
      "text":{"shape":"S"}}})");
  const auto found = read_rest_request(
      contract, Sent{.target = "/x/a%2Fb?fixed=1&max=5&tag=one&tag=t+2&more=x",
                     .headers = {{"if-since", "Sat, 21 Nov 2026 04:05:06 GMT"},
                                 {"X-Names", "a, b"},
                                 {"x-doc", "eyJhIjoxfQ=="},
                                 {"X-Meta-Colour", "red"}},
                     .body = R"({"text":"hi","id":"not from here"})"});
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(*found, parsed(R"({"id":"a/b","size":5,"tags":["one","t 2"],"rest":{"more":"x"},
      "since":1795233906.0,"names":["a","b"],"doc":"{\"a\":1}","meta":{"Colour":"red"},
      "text":"hi"})"))
      << json::print(*found);
}

TEST(ReadRest, CollectsRepeatedParametersOfAMapOfLists) {
  const auto contract = contract_with(
      R"({"type":"structure","members":{"all":{"shape":"Lists","location":"querystring"}}})");
  const auto found = read_rest_request(contract, Sent{.target = "/x/1?fixed=1&a=1&a=2&b=3"});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, parsed(R"({"all":{"a":["1","2"],"b":["3"]}})"));
}

TEST(ReadRest, TakesTheWholeBodyForAPayloadMember) {
  struct Case {
    std::string_view shape, body, input;
  };
  for (const auto& [shape, body, input] : {
           Case{"Inner", R"({"a":1,"b":2})", R"({"p":{"a":1}})"}, Case{"Inner", "", "{}"},
           Case{"Blob", "hi", R"({"p":"aGk="})"}, Case{"S", "plain", R"({"p":"plain"})"},
           Case{"Stream", "bytes", "{}"}}) {
    const auto contract = contract_with(R"({"type":"structure","payload":"p","members":{"p":{)"
                                        R"("shape":")" + std::string{shape} + R"("}}})");
    const auto found = read_rest_request(
        contract, Sent{.target = "/x/1?fixed=1", .body = std::string{body}});
    ASSERT_TRUE(found.has_value()) << shape;
    EXPECT_EQ(*found, parsed(input)) << shape;
  }
}

TEST(ReadRest, NamesTheMemberThatCannotBeRead) {
  const auto contract = contract_with(R"({"type":"structure","members":{
      "size":{"shape":"I","location":"querystring","locationName":"max"},
      "on":{"shape":"B","location":"header","locationName":"x-on"},
      "doc":{"shape":"S","location":"header","locationName":"x-doc","jsonvalue":true},
      "text":{"shape":"S","location":"header","locationName":"x-text"}}})");
  const auto path = [&](Sent sent) {
    const auto found = read_rest_request(contract, std::move(sent));
    return found || found.error().fields.empty() ? "" : found.error().fields[0].path;
  };
  EXPECT_EQ(path({.target = "/x/1?fixed=1&max=many"}), "size");
  EXPECT_EQ(path({.target = "/x/1?fixed=1&max=5000000000"}), "size");
  EXPECT_EQ(path({.target = "/x/1?fixed=1", .headers = {{"x-on", "yes"}}}), "on");
  EXPECT_EQ(path({.target = "/x/1?fixed=1", .headers = {{"x-doc", "{}"}}}), "doc");
  EXPECT_EQ(path({.target = "/x/1?fixed=1", .headers = {{"x-text", "\xff"}}}), "text");
}

TEST(ReadRest, ReadsTheEmbeddedContractsUpdateGateway) {
  const Contract& control = *contract_of("bedrock-agentcore-control");
  Sent sent{.method = "PUT", .target = "/gateways/gw-0123456789/",
            .body = R"({"name":"g","roleArn":"arn:aws:iam::123456789012:role/r"})"};
  const auto request = sent.request();
  const auto uri = RequestUri::parse(request.path, request.query);
  const auto* operation = control.find("UpdateGateway");
  const auto labels = match(operation->uri, *uri);
  ASSERT_TRUE(labels.has_value());
  const auto found = read_rest(*operation, {.request = request, .uri = *uri, .labels = *labels});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, parsed(R"({"gatewayIdentifier":"gw-0123456789","name":"g",
      "roleArn":"arn:aws:iam::123456789012:role/r"})"));
}

}  // namespace
}  // namespace toolgate::aws
