// The operations on a store in memory, called as the door calls them: what is refused and how, and
// what is kept.
#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "functions/runner.h"
#include "runtimes/interpreters.h"
#include "services/iam/test_bench.h"
#include "services/lambda/resource.h"
#include "services/lambda/service.h"

namespace toolgate::services::lambda {
namespace {

using aws::testing::at;
using aws::testing::outcome;

constexpr std::string_view arn = "arn:aws:lambda:us-east-1:123456789012:function:shop";
// An archive with one file, app.py.
constexpr std::string_view archive =
    "UEsDBBQAAAAAAAAAIVyDFtyMAQAAAAEAAAAGAAAAYXBwLnB5eFBLAQIUAxQAAAAAAAAAIVyDFtyMAQAAAAEAAAAGAAAAAA"
    "AA"
    "AAAAAACAAQAAAABhcHAucHlQSwUGAAAAAAEAAQA0AAAAJQAAAAAA";
constexpr std::string_view lambda_may =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",)"
    R"("Principal":{"Service":"lambda.amazonaws.com"}}})";

class LambdaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    bench_.store().on_change([this](store::Version, const std::vector<store::Change>& changes) {
      directory_.concerns(changes);
    });
    role_ = at(
        *bench_.call("CreateRole", {{"RoleName", "run"}, {"AssumeRolePolicyDocument", lambda_may}}),
        "/Role/Arn");
  }
  Result<Json> call(std::string_view operation, JsonObject input) {
    return bench_.call_in(table_, operation, std::move(input));
  }
  Json must(std::string_view operation, JsonObject input) {
    auto answer = call(operation, std::move(input));
    EXPECT_EQ(outcome(answer), "fine") << operation;
    return answer.value_or(Json{});
  }
  [[nodiscard]] JsonObject wanted(JsonObject more = {}) const {
    JsonObject input{{"FunctionName", "shop"},
                     {"Runtime", "python3.13"},
                     {"Handler", "app.handler"},
                     {"Role", role_},
                     {"Code", JsonObject{{"ZipFile", archive}}}};
    for (auto& [name, value] : more) input[name] = value;
    return input;
  }
  Json create(JsonObject more = {}) { return must("CreateFunction", wanted(std::move(more))); }
  Result<Json> update_logging(JsonObject logging) {
    return call("UpdateFunctionConfiguration",
                {{"FunctionName", "shop"}, {"LoggingConfig", std::move(logging)}});
  }

  iam::Bench bench_;
  iam::PolicyDirectory directory_{bench_.store(), std::string{aws::testing::test_account}};
  iam::Authorizer authorizer_{directory_, bench_.clock(), iam::Authorizer::Mode::policies_decide};
  TestFolder folder_;
  Offload offload_{1};
  std::unique_ptr<store::Blobs> blobs_ =
      *store::Blobs::open(folder_.path("blobs"), bench_.store(), offload_);
  functions::Catalogue catalogue_{bench_.store()};
  const runtimes::Programs programs_{"", ""};  // no interpreter is installed
  std::unique_ptr<functions::Runner> runner_ =
      *functions::Runner::make({.offload = &offload_,
                                .clock = &bench_.clock(),
                                .folder = folder_.path("functions"),
                                .machine = {.programs = &programs_}});
  functions::Events events_{{.store = &bench_.store(),
                             .catalogue = &catalogue_,
                             .runner = runner_.get(),
                             .clock = &bench_.clock(),
                             .worker = &bench_.worker()}};
  identity::SessionTokens sessions_{crypto::SealKey::random()};
  runtimes::Source source_{sessions_, bench_.clock()};
  Downloads downloads_{*blobs_, bench_.secrets(), bench_.clock(),
                       [] { return std::string{"http://127.0.0.1:7878"}; }};
  Lambda lambda_{bench_.store(), *blobs_,     catalogue_, *runner_,
                 events_,        authorizer_, source_,    downloads_};
  aws::Service table_ = table(lambda_);
  std::string role_;
};

TEST_F(LambdaTest, LevelsOfLogsComeAndGoWithTheirFormat) {
  EXPECT_EQ(at(create(), "/LoggingConfig"),
            R"({"LogFormat":"Text","LogGroup":"/aws/lambda/shop"})");
  EXPECT_EQ(outcome(update_logging({{"SystemLogLevel", "WARN"}})),
            "InvalidParameterValueException: LoggingConfig.SystemLogLevel: only with LogFormat "
            "JSON");
  EXPECT_EQ(
      at(*update_logging({{"LogFormat", "JSON"}, {"SystemLogLevel", "WARN"}}), "/LoggingConfig"),
      R"({"LogFormat":"JSON","LogGroup":"/aws/lambda/shop","SystemLogLevel":"WARN",)"
      R"("ApplicationLogLevel":"INFO"})");
  EXPECT_EQ(at(*update_logging({{"ApplicationLogLevel", "ERROR"}}), "/LoggingConfig/LogFormat"),
            "JSON");
  const auto found =
      bench_.run(catalogue_.find({"123456789012", "us-east-1"}, "shop", "")).value().function;
  EXPECT_TRUE(found->log_form.json);
  EXPECT_EQ(found->log_form.application, functions::LogLevel::error);
  EXPECT_EQ(found->log_form.system, functions::LogLevel::warn);
  EXPECT_EQ(at(*update_logging({{"LogFormat", "Text"}}), "/LoggingConfig"),
            R"({"LogFormat":"Text","LogGroup":"/aws/lambda/shop"})");
}

TEST_F(LambdaTest, AFunctionHasManyNames) {
  create();
  must("PublishVersion", {{"FunctionName", "shop"}});
  const std::string whole{arn};
  struct Case {
    std::string name;
    std::string expected;  // the ARN, or how the failure begins
  };
  const Case cases[] = {
      {"shop", whole},
      {"shop:1", whole + ":1"},
      {"function:shop", whole},
      {"function:shop:1", whole + ":1"},
      {"123456789012:function:shop", whole},
      {whole, whole},
      {whole + ":1", whole + ":1"},
      {whole + ":$LATEST", whole + ":$LATEST"},
      {whole + ":2", "ResourceNotFoundException: Function not found: " + whole + ":2"},
      {"none", "ResourceNotFoundException: Function not found: " +
                   whole.substr(0, whole.rfind(':') + 1) + "none"},
      {"999999999999:function:shop", "ResourceNotFoundException: "},
      {"arn:aws:lambda:eu-west-1:123456789012:function:shop", "ResourceNotFoundException: "},
      {"shop:1:2", "InvalidParameterValueException: FunctionName"},
  };
  for (const auto& [name, expected] : cases) {
    const auto answer = call("GetFunctionConfiguration", {{"FunctionName", name}});
    const std::string got = answer ? at(*answer, "/FunctionArn") : outcome(answer);
    EXPECT_TRUE(got.starts_with(expected)) << name << " → " << got;
  }
  EXPECT_TRUE(
      outcome(call("GetFunctionConfiguration", {{"FunctionName", "shop:1"}, {"Qualifier", "2"}}))
          .starts_with("InvalidParameterValueException: The derived qualifier"));
}

TEST_F(LambdaTest, WhatItDoesNotHaveIsRefusedByName) {
  const std::pair<std::string_view, JsonObject> cases[] = {
      {"Layers", {{"Layers", JsonArray{"arn"}}}},
      {"VpcConfig.SubnetIds", {{"VpcConfig", JsonObject{{"SubnetIds", JsonArray{"s"}}}}}},
      {"FileSystemConfigs", {{"FileSystemConfigs", JsonArray{JsonObject{{"Arn", "a"}}}}}},
      {"DeadLetterConfig.TargetArn", {{"DeadLetterConfig", JsonObject{{"TargetArn", "a"}}}}},
      {"KMSKeyArn", {{"KMSKeyArn", "arn"}}},
      {"PackageType Image", {{"PackageType", "Image"}}},
      {"Code.ImageUri", {{"Code", JsonObject{{"ImageUri", "u"}}}}},
      {"SnapStart.ApplyOn", {{"SnapStart", JsonObject{{"ApplyOn", "PublishedVersions"}}}}},
      {"Runtime: java21", {{"Runtime", "java21"}}},
      {"Timeout: 901", {{"Timeout", 901}}},
      {"MemorySize: 20000", {{"MemorySize", 20000}}},
      {"Reserved keys used in this request: AWS_REGION",
       {{"Environment", JsonObject{{"Variables", JsonObject{{"AWS_REGION", "x"}}}}}}},
      {"exceeded the 4KB limit",
       {{"Environment", JsonObject{{"Variables", JsonObject{{"A", std::string(4096, 'x')}}}}}}},
  };
  for (const auto& [named, more] : cases) {
    const std::string said = outcome(call("CreateFunction", wanted(more)));
    EXPECT_TRUE(said.starts_with("InvalidParameterValueException: ")) << said;
    EXPECT_NE(said.find(named), std::string::npos) << said;
  }
  EXPECT_EQ(at(must("ListFunctions", {}), "/Functions"), "[]");
  // What is empty stands for nothing.
  create({{"Layers", JsonArray{}}, {"VpcConfig", JsonObject{{"SubnetIds", JsonArray{}}}}});
}

TEST_F(LambdaTest, PermissionsBecomeStatements) {
  create();
  struct Case {
    JsonObject given;
    std::string_view principal;
    std::string_view condition;
  };
  const Case cases[] = {
      {{{"Principal", "*"}}, "*", "(absent)"},
      {{{"Principal", "111122223333"}}, R"({"AWS":"arn:aws:iam::111122223333:root"})", "(absent)"},
      {{{"Principal", role_}}, R"({"AWS":"arn:aws:iam::123456789012:role/run"})", "(absent)"},
      {{{"Principal", "s3.amazonaws.com"},
        {"SourceArn", "arn:aws:s3:::b"},
        {"SourceAccount", "123456789012"}},
       R"({"Service":"s3.amazonaws.com"})",
       R"({"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"},)"
       R"("StringEquals":{"AWS:SourceAccount":"123456789012"}})"},
      {{{"Principal", "*"}, {"PrincipalOrgID", "o-1"}, {"InvokedViaFunctionUrl", true}},
       "*",
       R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"},)"
       R"("Bool":{"lambda:InvokedViaFunctionUrl":"true"}})"},
  };
  int number = 0;
  for (const auto& one : cases) {
    JsonObject input = one.given;
    input["FunctionName"] = "shop";
    input["StatementId"] = fmt::format("s{}", number++);
    input["Action"] = "lambda:InvokeFunction";
    const Json statement = *json::parse(at(must("AddPermission", input), "/Statement"));
    EXPECT_EQ(at(statement, "/Principal"), one.principal);
    EXPECT_EQ(at(statement, "/Condition"), one.condition);
    EXPECT_EQ(at(statement, "/Resource"), arn);
  }
  for (const auto* nobody : {"arn:aws:iam::123456789012:role/none", "nonsense"}) {
    EXPECT_TRUE(outcome(call("AddPermission", {{"FunctionName", "shop"},
                                               {"StatementId", "n"},
                                               {"Action", "lambda:InvokeFunction"},
                                               {"Principal", nobody}}))
                    .starts_with("InvalidParameterValueException: The provided principal"));
  }
  const Json policy = *json::parse(at(must("GetPolicy", {{"FunctionName", "shop"}}), "/Policy"));
  EXPECT_EQ(policy.at("Statement").as_array().size(), std::size(cases));
}

TEST_F(LambdaTest, AVersionsNumberIsNotUsedAgain) {
  create();
  const auto publish = [&] {
    return at(must("PublishVersion", {{"FunctionName", "shop"}}), "/Version");
  };
  EXPECT_EQ(publish(), "1");
  EXPECT_EQ(publish(), "1");  // nothing has changed
  must("DeleteFunction", {{"FunctionName", "shop"}, {"Qualifier", "1"}});
  EXPECT_EQ(publish(), "2");
  EXPECT_EQ(outcome(call("DeleteFunction", {{"FunctionName", "shop:$LATEST"}})),
            "InvalidParameterValueException: $LATEST version cannot be deleted without deleting "
            "the function.");
}

TEST_F(LambdaTest, AChangeNamesTheRevisionThatItHasSeen) {
  const std::string seen = at(create(), "/RevisionId");
  JsonObject change{{"FunctionName", "shop"}, {"RevisionId", seen}, {"Timeout", 9}};
  must("UpdateFunctionConfiguration", change);
  EXPECT_TRUE(outcome(call("UpdateFunctionConfiguration", change))
                  .starts_with("PreconditionFailedException: The Revision Id provided"));
}

TEST_F(LambdaTest, TheRoleMustLetLambdaIn) {
  const auto made = bench_.call(
      "CreateRole", {{"RoleName", "other"}, {"AssumeRolePolicyDocument", iam::trust_policy}});
  EXPECT_EQ(outcome(made), "fine");
  for (const auto* name : {"other", "none"}) {
    EXPECT_EQ(
        outcome(call("CreateFunction",
                     wanted({{"Role", fmt::format("arn:aws:iam::123456789012:role/{}", name)}}))),
        "InvalidParameterValueException: The role defined for the function cannot be assumed "
        "by Lambda.");
  }
}

TEST(BodyBytesMax, BoundsCallsAndArchives) {
  EXPECT_EQ(body_bytes_max("/2015-03-31/functions/shop/invocations"), invoke_bytes_max);
  EXPECT_EQ(body_bytes_max("/2015-03-31/functions"), request_bytes_max);
  EXPECT_EQ(body_bytes_max("/gateways"), 0U);
}

}  // namespace
}  // namespace toolgate::services::lambda
