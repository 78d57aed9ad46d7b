// AWS's own policies: each can be read, and does what its name says.
#include "services/iam/aws_managed.h"

#include <fmt/format.h>

#include "services/iam/test_policies.h"

namespace toolgate::services::iam {
namespace {

class AwsManagedTest : public PoliciesDecide {
 protected:
  identity::Principal user_with(std::string_view name, std::string_view policy) {
    auto user = make_user(name);
    must("AttachUserPolicy",
         {{"UserName", name}, {"PolicyArn", fmt::format("arn:aws:iam::aws:policy/{}", policy)}});
    return user;
  }
};

TEST_F(AwsManagedTest, AllowWhatTheirNamesSay) {
  struct Case {
    std::string_view policy;
    std::string_view service;
    std::string_view operation;
    std::string_view input;
    bool allowed;
  };
  constexpr std::string_view control = "bedrock-agentcore-control";
  constexpr std::string_view role = R"({"roleArn":"arn:aws:iam::123456789012:role/x"})";
  constexpr std::string_view own_role =
      R"({"roleArn":"arn:aws:iam::123456789012:role/AmazonBedrockAgentCore-x"})";
  constexpr std::string_view function = R"({"FunctionName":"f"})";
  constexpr std::string_view passed =
      R"({"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/x"})";
  constexpr std::string_view group = R"({"logGroupName":"/g"})";
  const Case cases[] = {
      {"BedrockAgentCoreFullAccess", control, "CreateGateway", own_role, true},
      {"BedrockAgentCoreFullAccess", control, "CreateGateway", role, false},
      {"BedrockAgentCoreFullAccess", "lambda", "Invoke", function, true},
      {"BedrockAgentCoreFullAccess", "iam", "CreateRole", R"({"RoleName":"r"})", false},
      {"ReadOnlyAccess", control, "GetGateway", R"({"gatewayIdentifier":"g"})", true},
      {"ReadOnlyAccess", "logs", "FilterLogEvents", group, true},
      {"ReadOnlyAccess", control, "DeleteGateway", R"({"gatewayIdentifier":"g"})", false},
      {"ReadOnlyAccess", "lambda", "Invoke", function, false},
      {"PowerUserAccess", control, "DeleteGateway", R"({"gatewayIdentifier":"g"})", true},
      {"PowerUserAccess", "iam", "CreateUser", R"({"UserName":"u"})", false},
      {"IAMFullAccess", "iam", "CreateUser", R"({"UserName":"u"})", true},
      {"IAMReadOnlyAccess", "iam", "ListUsers", "{}", true},
      {"IAMReadOnlyAccess", "iam", "CreateUser", R"({"UserName":"u"})", false},
      {"AWSLambda_FullAccess", "lambda", "CreateFunction", passed, true},
      {"AWSLambda_FullAccess", control, "CreateGateway", role, false},
      {"AWSLambda_ReadOnlyAccess", "lambda", "GetFunction", function, true},
      {"AWSLambda_ReadOnlyAccess", "lambda", "DeleteFunction", function, false},
      {"service-role/AWSLambdaRole", "lambda", "Invoke", function, true},
      {"service-role/AWSLambdaRole", "lambda", "GetFunction", function, false},
      {"service-role/AWSLambdaBasicExecutionRole", "logs", "CreateLogGroup", group, true},
      {"service-role/AWSLambdaBasicExecutionRole", "logs", "FilterLogEvents", group, false},
      {"CloudWatchLogsFullAccess", "logs", "DeleteLogGroup", group, true},
      {"CloudWatchLogsReadOnlyAccess", "logs", "FilterLogEvents", group, true},
      {"CloudWatchLogsReadOnlyAccess", "logs", "DeleteLogGroup", group, false},
      {"AmazonCognitoPowerUser", "cognito-idp", "CreateUserPool", "{}", true},
      {"AmazonCognitoReadOnly", "cognito-idp", "ListUserPools", "{}", true},
      {"AmazonCognitoReadOnly", "cognito-idp", "CreateUserPool", "{}", false},
      {"AmazonEC2ContainerRegistryReadOnly", "ecr", "DescribeImages", "{}", true},
      {"AmazonEC2ContainerRegistryReadOnly", "ecr", "CreateRepository", "{}", false},
      {"AmazonEC2ContainerRegistryFullAccess", "ecr", "CreateRepository", "{}", true},
      {"AWSCodeBuildDeveloperAccess", "codebuild", "StartBuild", "{}", true},
      {"AWSCodeBuildDeveloperAccess", "codebuild", "DeleteProject", "{}", false},
      {"AWSCodeBuildAdminAccess", "codebuild", "DeleteProject", "{}", true},
      {"AWSKeyManagementServicePowerUser", "kms", "CreateKey", "{}", true},
      {"AWSKeyManagementServicePowerUser", "kms", "ScheduleKeyDeletion", "{}", false},
  };
  int number = 0;
  for (const auto& one : cases) {
    const std::string name = fmt::format("u{}", number++);
    const auto user = user_with(name, one.policy);
    const std::string said =
        ask(user, one.service, one.operation, json::parse(one.input)->get_object());
    EXPECT_EQ(said == "fine", one.allowed) << one.policy << " " << one.operation << ": " << said;
  }
}

TEST(AllAwsManaged, CanBeRead) {
  EXPECT_GE(all_aws_managed().size(), 25U);
  for (const auto& one : all_aws_managed()) {
    const auto policy = identity::policy::parse(one.document, identity::policy::Use::identity);
    EXPECT_TRUE(policy) << one.name << ": " << policy.error().message;
    EXPECT_TRUE(one.version.starts_with('v')) << one.name;
  }
}

}  // namespace
}  // namespace toolgate::services::iam
