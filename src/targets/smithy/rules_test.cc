#include "targets/smithy/rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "targets/smithy/recipe.h"
#include "targets/smithy/request.h"
#include "targets/smithy/tools.h"

namespace toolgate::targets::smithy {
namespace {

Json parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *std::move(value) : Json{};
}

std::string call(std::string_view name, std::string_view args) {
  const auto value = call_rule_function(name, parsed(args).get_array());
  return value ? json::print(*value) : "no such function";
}

TEST(RuleFunctions, GiveWhatTheSpecificationSays) {
  const struct {
    std::string_view name, args, value;
  } table[] = {
      {"isSet", "[null]", "false"},
      {"isSet", "[false]", "true"},
      {"not", "[false]", "true"},
      {"booleanEquals", "[true,true]", "true"},
      {"stringEquals", R"(["a","A"])", "false"},
      {"getAttr", R"([{"a":{"b":["x","y"]}},"a.b[1]"])", R"("y")"},
      {"getAttr", R"([["x"],"[3]"])", "null"},
      {"substring", R"(["bucket--use1-az1--x-s3",0,6,true])", R"("--x-s3")"},
      {"substring", R"(["abc",0,4,false])", "null"},
      {"uriEncode", R"(["a b/c"])", R"("a%20b%2Fc")"},
      {"isValidHostLabel", R"(["a.b",false])", "false"},
      {"isValidHostLabel", R"(["a.b",true])", "true"},
      {"isValidHostLabel", R"(["-a",false])", "false"},
      {"aws.isVirtualHostableS3Bucket", R"(["my-bucket",false])", "true"},
      {"aws.isVirtualHostableS3Bucket", R"(["My-bucket",false])", "false"},
      {"aws.isVirtualHostableS3Bucket", R"(["10.0.0.1",true])", "false"},
      {"parseURL", R"(["https://a.b:8443/c"])",
       R"({"scheme":"https","authority":"a.b:8443","path":"/c","normalizedPath":"/c/",)"
       R"("isIp":false})"},
      {"parseURL", R"(["ftp://a"])", "null"},
      {"parseURL", R"(["http://127.0.0.1?x"])", "null"},
      {"aws.parseArn", R"(["arn:aws:s3:::b/k"])",
       R"({"partition":"aws","service":"s3","region":"","accountId":"","resourceId":["b","k"]})"},
      {"aws.parseArn", R"(["arn:aws:s3"])", "null"},
      {"nothing", "[]", "no such function"},
  };
  for (const auto& each : table) EXPECT_EQ(call(each.name, each.args), each.value) << each.name;
}

TEST(Partitions, AreFoundByNameAndByPattern) {
  EXPECT_EQ(json::find_string(partition_of("eu-west-1"), "dnsSuffix"), "amazonaws.com");
  EXPECT_EQ(json::find_string(partition_of("cn-north-1"), "name"), "aws-cn");
  EXPECT_EQ(json::find_string(partition_of("cn-moon-7"), "name"), "aws-cn");
  EXPECT_EQ(json::find_string(partition_of("nowhere"), "name"), "aws");
}

const std::string_view bucket_rules = R"([
  {"type":"error","conditions":[{"fn":"not","argv":[{"fn":"isSet","argv":[{"ref":"Region"}]}]}],
   "error":"no region"},
  {"type":"tree","conditions":[{"fn":"isSet","argv":[{"ref":"Bucket"}]}],"rules":[
    {"type":"tree","conditions":[
       {"fn":"aws.partition","argv":[{"ref":"Region"}],"assign":"P"},
       {"fn":"aws.isVirtualHostableS3Bucket","argv":[{"ref":"Bucket"},false]}],
     "rules":[{"type":"endpoint","conditions":[],"endpoint":{
        "url":"https://{Bucket}.s3.{Region}.{P#dnsSuffix}",
        "properties":{"authSchemes":[{"name":"sigv4a"},
                      {"name":"sigv4","signingName":"s3","signingRegion":"{Region}"}]},
        "headers":{"x-a":["{Bucket}"]}}}]},
    {"type":"error","conditions":[],"error":"bad bucket {Bucket}"}]},
  {"type":"endpoint","conditions":[],"endpoint":{"url":"https://s3.{Region}.amazonaws.com"}}])";

Result<JsonArray> simplified(Scope scope, std::string_view rules = bucket_rules) {
  RuleBudget budget = 1'000;
  const Json all = parsed(rules);
  return simplify(all.get_array(), scope, budget);
}

TEST(Rules, AreDecidedWhenAllIsKnown) {
  Scope scope;
  scope.set("Region", Json("eu-west-1"));
  const auto rules = simplified(scope);
  ASSERT_TRUE(rules);
  const auto endpoint = decided(*rules);
  ASSERT_TRUE(endpoint && *endpoint);
  EXPECT_EQ((*endpoint)->url, "https://s3.eu-west-1.amazonaws.com");
}

TEST(Rules, KeepOnlyWhatArgumentsDecide) {
  Scope scope;
  scope.set("Region", Json("cn-north-1"));
  scope.set("Bucket", std::nullopt);
  auto rules = simplified(scope);
  ASSERT_TRUE(rules);
  const auto open = decided(*rules);
  ASSERT_TRUE(open);
  EXPECT_FALSE(*open);
  EXPECT_EQ(json::print(*rules).find("no region"), std::string::npos);

  Scope call;
  call.set("Bucket", Json("my-bucket"));
  const auto left = simplified(call, json::print(*rules));
  ASSERT_TRUE(left);
  const auto endpoint = decided(*left);
  ASSERT_TRUE(endpoint && *endpoint);
  EXPECT_EQ((*endpoint)->url, "https://my-bucket.s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ((*endpoint)->signing_name, "s3");
  EXPECT_EQ((*endpoint)->signing_region, "cn-north-1");
  ASSERT_EQ((*endpoint)->headers.size(), 1);
  EXPECT_EQ((*endpoint)->headers[0].second, "my-bucket");

  Scope bad;
  bad.set("Bucket", Json("UPPER"));
  const auto refused = decided(*simplified(bad, json::print(*rules)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "endpoint rules: bad bucket UPPER");
}

// The settings of a client that are no region have the defaults that the model gives them.
TEST(Rules, FollowTheModelsOwnSettings) {
  const auto url_with = [](std::string_view dual_stack, std::string_view region) {
    const std::string model = fmt::format(
        R"({{"smithy":"2.0","shapes":{{"a#O":{{"type":"operation"}},"a#S":{{"type":"service",
        "version":"1","operations":[{{"target":"a#O"}}],"traits":{{"aws.auth#sigv4":{{"name":"x"}},
        "aws.protocols#awsJson1_0":{{}},"smithy.rules#endpointRuleSet":{{"version":"1.0",
        "parameters":{{"Region":{{"type":"String","builtIn":"AWS::Region"}},
          "UseDualStack":{{"type":"Boolean","builtIn":"AWS::UseDualStack","default":{}}}}},
        "rules":[{{"type":"tree","conditions":[
          {{"fn":"aws.partition","argv":[{{"ref":"Region"}}],"assign":"P"}},
          {{"fn":"booleanEquals","argv":[{{"ref":"UseDualStack"}},true]}},
          {{"fn":"booleanEquals","argv":[true,
            {{"fn":"getAttr","argv":[{{"ref":"P"}},"supportsDualStack"]}}]}}],
          "rules":[{{"type":"endpoint","conditions":[],"endpoint":{{
            "url":"https://x.{{Region}}.{{P#dualStackDnsSuffix}}"}}}}]}},
        {{"type":"endpoint","conditions":[],"endpoint":{{
          "url":"https://x.{{Region}}.amazonaws.com"}}}}]}}}}}}}}}})",
        dual_stack);
    const auto made = tools_of(model, {.target_name = "t", .region = region});
    EXPECT_TRUE(made) << made.error().message;
    const auto operation = Operation::parse(made->tools.at(0).recipe);
    json::Tape tape;
    EXPECT_TRUE(tape.read("{}"));
    return endpoint_for(**operation, tape)->url;
  };
  EXPECT_EQ(url_with("false", "eu-west-1"), "https://x.eu-west-1.amazonaws.com");
  EXPECT_EQ(url_with("true", "eu-west-1"), "https://x.eu-west-1.api.aws");
  EXPECT_EQ(url_with("true", "cn-north-1"), "https://x.cn-north-1.api.amazonwebservices.com.cn");
}

TEST(Rules, RefuseWithTheirOwnWords) {
  const auto rules = simplified({});
  ASSERT_TRUE(rules);
  const auto endpoint = decided(*rules);
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error().message, "endpoint rules: no region");
}

TEST(Rules, EndWithTheirBudget) {
  std::string many = "[";
  for (int i = 0; i < 2'000; ++i) {
    if (i > 0) many += ',';
    many += R"({"type":"error","conditions":[{"fn":"isSet","argv":[{"ref":"X"}]}],"error":"e"})";
  }
  const auto rules = simplified({}, many + ']');
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().message, "endpoint rules: too many conditions");
}

}  // namespace
}  // namespace toolgate::targets::smithy
