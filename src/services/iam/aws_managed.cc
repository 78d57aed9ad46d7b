#include "services/iam/aws_managed.h"

#include <algorithm>
#include <array>

namespace toolgate::services::iam {
namespace {

constexpr std::string_view prefix = "arn:aws:iam::aws:policy/";

// Source: AWS Managed Policy Reference Guide.
constexpr std::array policies{
    AwsManaged{"AdministratorAccess", "v1",
               R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",)"
               R"("Resource":"*"}]})"},
    AwsManaged{"PowerUserAccess", "v12",
               R"({"Version":"2012-10-17","Statement":[{"NotAction":["iam:*",)"
               R"("organizations:*","account:*"],"Resource":"*","Effect":"Allow"},{"Action":[)"
               R"("account:GetAccountInformation","account:GetGovCloudAccountInformation",)"
               R"("account:GetPrimaryEmail","account:ListRegions",)"
               R"("iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles",)"
               R"("organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],)"
               R"("Resource":"*","Effect":"Allow"}]})"},
    AwsManaged{"IAMFullAccess", "v2",
               R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*",)"
               R"("organizations:DescribeAccount","organizations:DescribeOrganization",)"
               R"("organizations:DescribeOrganizationalUnit","organizations:DescribePolicy",)"
               R"("organizations:ListChildren","organizations:ListParents",)"
               R"("organizations:ListPoliciesForTarget","organizations:ListRoots",)"
               R"("organizations:ListPolicies","organizations:ListTargetsForPolicy"],)"
               R"("Resource":"*"}]})"},
    AwsManaged{"AmazonS3FullAccess", "v2",
               R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*",)"
               R"("s3-object-lambda:*"],"Resource":"*"}]})"},
    AwsManaged{"AmazonS3ReadOnlyAccess", "v3",
               R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*",)"
               R"("s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],)"
               R"("Resource":"*"}]})"},
    AwsManaged{"CloudWatchLogsFullAccess", "v3",
               R"({"Version":"2012-10-17","Statement":[{"Action":["logs:*",)"
               R"("cloudwatch:GenerateQuery","cloudwatch:GenerateQueryResultsSummary"],)"
               R"("Resource":"*","Effect":"Allow","Sid":"CloudWatchLogsFullAccess"}]})"},
    AwsManaged{"service-role/AWSLambdaBasicExecutionRole", "v1",
               R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[)"
               R"("logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],)"
               R"("Resource":"*"}]})"},
    AwsManaged{
        "AmazonDynamoDBFullAccess", "v15",
        R"({"Version":"2012-10-17","Statement":[{"Action":["dynamodb:*","dax:*",)"
        R"("application-autoscaling:DeleteScalingPolicy",)"
        R"("application-autoscaling:DeregisterScalableTarget",)"
        R"("application-autoscaling:DescribeScalableTargets",)"
        R"("application-autoscaling:DescribeScalingActivities",)"
        R"("application-autoscaling:DescribeScalingPolicies",)"
        R"("application-autoscaling:PutScalingPolicy",)"
        R"("application-autoscaling:RegisterScalableTarget","cloudwatch:DeleteAlarms",)"
        R"("cloudwatch:DescribeAlarmHistory","cloudwatch:DescribeAlarms",)"
        R"("cloudwatch:DescribeAlarmsForMetric","cloudwatch:GetMetricStatistics",)"
        R"("cloudwatch:ListMetrics","cloudwatch:PutMetricAlarm","cloudwatch:GetMetricData",)"
        R"("datapipeline:ActivatePipeline","datapipeline:CreatePipeline",)"
        R"("datapipeline:DeletePipeline","datapipeline:DescribeObjects",)"
        R"("datapipeline:DescribePipelines","datapipeline:GetPipelineDefinition",)"
        R"("datapipeline:ListPipelines","datapipeline:PutPipelineDefinition",)"
        R"("datapipeline:QueryObjects","ec2:DescribeVpcs","ec2:DescribeSubnets",)"
        R"("ec2:DescribeSecurityGroups","iam:GetRole","iam:ListRoles","kms:DescribeKey",)"
        R"("kms:ListAliases","sns:CreateTopic","sns:DeleteTopic","sns:ListSubscriptions",)"
        R"("sns:ListSubscriptionsByTopic","sns:ListTopics","sns:Subscribe","sns:Unsubscribe",)"
        R"("sns:SetTopicAttributes","lambda:CreateFunction","lambda:ListFunctions",)"
        R"("lambda:ListEventSourceMappings","lambda:CreateEventSourceMapping",)"
        R"("lambda:DeleteEventSourceMapping","lambda:GetFunctionConfiguration",)"
        R"("lambda:DeleteFunction","resource-groups:ListGroups",)"
        R"("resource-groups:ListGroupResources","resource-groups:GetGroup",)"
        R"("resource-groups:GetGroupQuery","resource-groups:DeleteGroup",)"
        R"("resource-groups:CreateGroup","tag:GetResources","kinesis:ListStreams",)"
        R"("kinesis:DescribeStream","kinesis:DescribeStreamSummary"],"Effect":"Allow",)"
        R"("Resource":"*"},{"Action":"cloudwatch:GetInsightRuleReport","Effect":"Allow",)"
        R"("Resource":"arn:aws:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights*"},)"
        R"({"Action":["iam:PassRole"],"Effect":"Allow","Resource":"*","Condition":{"StringLike":)"
        R"({"iam:PassedToService":["application-autoscaling.amazonaws.com",)"
        R"("application-autoscaling.amazonaws.com.cn","dax.amazonaws.com"]}}},)"
        R"({"Effect":"Allow","Action":["iam:CreateServiceLinkedRole"],"Resource":"*",)"
        R"("Condition":{"StringEquals":{"iam:AWSServiceName":[)"
        R"("replication.dynamodb.amazonaws.com","dax.amazonaws.com",)"
        R"("dynamodb.application-autoscaling.amazonaws.com",)"
        R"("contributorinsights.dynamodb.amazonaws.com",)"
        R"("kinesisreplication.dynamodb.amazonaws.com"]}}}]})"},
};

}  // namespace

std::span<const AwsManaged> all_aws_managed() { return policies; }

std::string arn_of(const AwsManaged& policy) {
  return std::string{prefix} + std::string{policy.name};
}

const AwsManaged* find_aws_managed(std::string_view arn) {
  if (!arn.starts_with(prefix)) return nullptr;
  const auto* found = std::ranges::find(policies, arn.substr(prefix.size()), &AwsManaged::name);
  return found == policies.end() ? nullptr : found;
}

}  // namespace toolgate::services::iam
