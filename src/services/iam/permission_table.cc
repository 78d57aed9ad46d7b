// Which action and resources each operation asks for (Service Authorization Reference).
#include <algorithm>
#include <array>

#include "services/iam/permissions.h"

namespace toolgate::services::iam {
namespace {

constexpr std::string_view agentcore = "bedrock-agentcore-control";

struct Prefix {
  std::string_view service;
  std::string_view prefix;
};
constexpr std::array prefixes{
    Prefix{"bedrock-agentcore-control", "bedrock-agentcore"},
    Prefix{"bedrock-runtime", "bedrock"},
};

using Row = PermissionRow;

// Resources, by what they are.
constexpr std::string_view pool = "arn:aws:cognito-idp:{region}:{account}:userpool/{UserPoolId}";
constexpr std::string_view bucket = "arn:aws:s3:::{Bucket}";
constexpr std::string_view object = "arn:aws:s3:::{Bucket}/{Key}";
constexpr std::string_view function = "@function";
constexpr std::string_view log_stream =
    "arn:aws:logs:{region}:{account}:log-group:{logGroupName}:log-stream:{logStreamName=}";
constexpr std::string_view repository =
    "arn:aws:ecr:{region}:{account}:repository/{repositoryName}";
constexpr std::string_view key = "arn:aws:kms:{region}:{account}:key/{@KeyId}";
constexpr std::string_view foundation_model =
    "arn:aws:bedrock:{region}::foundation-model/{@modelId}";
constexpr std::string_view all_gateways = "arn:aws:bedrock-agentcore:{region}:{account}:gateway/*";
constexpr std::string_view gateway =
    "arn:aws:bedrock-agentcore:{region}:{account}:gateway/{@gatewayIdentifier}";
constexpr std::string_view oauth2_provider =
    "arn:aws:bedrock-agentcore:{region}:{account}:"
    "token-vault/default/oauth2credentialprovider/{name}";
constexpr std::string_view api_key_provider =
    "arn:aws:bedrock-agentcore:{region}:{account}:"
    "token-vault/default/apikeycredentialprovider/{name}";
constexpr std::string_view default_vault =
    "arn:aws:bedrock-agentcore:{region}:{account}:token-vault/default";
constexpr std::string_view token_vault =
    "arn:aws:bedrock-agentcore:{region}:{account}:token-vault/{tokenVaultId=default}";
constexpr std::string_view workload_identity =
    "arn:aws:bedrock-agentcore:{region}:{account}:"
    "workload-identity-directory/default/workload-identity/{name}";
constexpr std::string_view workload =
    "arn:aws:bedrock-agentcore:{region}:{account}:"
    "workload-identity-directory/default/workload-identity/{workloadName}";
constexpr std::string_view workload_directory =
    "arn:aws:bedrock-agentcore:{region}:{account}:workload-identity-directory/default";
constexpr std::string_view all_runtimes = "arn:aws:bedrock-agentcore:{region}:{account}:runtime/*";
constexpr std::string_view runtime =
    "arn:aws:bedrock-agentcore:{region}:{account}:runtime/{agentRuntimeId}";
constexpr std::string_view runtime_arn =
    "arn:aws:bedrock-agentcore:{region}:{account}:runtime/{@agentRuntimeArn}";
constexpr std::string_view runtime_endpoint =
    "arn:aws:bedrock-agentcore:{region}:{account}:"
    "runtime/{agentRuntimeId}/runtime-endpoint/{endpointName}";
constexpr std::string_view resource_api_key =
    "arn:aws:bedrock-agentcore:{region}:{account}:"
    "token-vault/default/apikeycredentialprovider/{resourceCredentialProviderName}";
constexpr std::string_view resource_oauth2 =
    "arn:aws:bedrock-agentcore:{region}:{account}:"
    "token-vault/default/oauth2credentialprovider/{resourceCredentialProviderName}";
constexpr std::string_view project = "arn:aws:codebuild:{region}:{account}:project/{name}";
constexpr std::string_view projects = "arn:aws:codebuild:{region}:{account}:project/{names[]}";
constexpr std::string_view project_of_builds =
    "arn:aws:codebuild:{region}:{account}:project/{projectName}";
constexpr std::string_view projects_of_builds =
    "arn:aws:codebuild:{region}:{account}:project/{ids[]~}";
constexpr std::string_view project_of_build = "arn:aws:codebuild:{region}:{account}:project/{id~}";

constexpr std::array agentcore_rows{
    Row{agentcore, "CreateGateway", "", all_gateways},
    Row{agentcore, "ListGateways", "", all_gateways},
    Row{agentcore, "GetGateway", "", gateway},
    Row{agentcore, "UpdateGateway", "", gateway},
    Row{agentcore, "DeleteGateway", "", gateway},
    Row{agentcore, "CreateGatewayTarget", "", gateway},
    Row{agentcore, "GetGatewayTarget", "", gateway},
    Row{agentcore, "UpdateGatewayTarget", "", gateway},
    Row{agentcore, "DeleteGatewayTarget", "", gateway},
    Row{agentcore, "ListGatewayTargets", "", gateway},
    Row{agentcore, "SynchronizeGatewayTargets", "", gateway},
    Row{agentcore, "CreateOauth2CredentialProvider", "", oauth2_provider},
    Row{agentcore, "GetOauth2CredentialProvider", "", oauth2_provider},
    Row{agentcore, "UpdateOauth2CredentialProvider", "", oauth2_provider},
    Row{agentcore, "DeleteOauth2CredentialProvider", "", oauth2_provider},
    Row{agentcore, "ListOauth2CredentialProviders", "", default_vault},
    Row{agentcore, "CreateApiKeyCredentialProvider", "", api_key_provider},
    Row{agentcore, "GetApiKeyCredentialProvider", "", api_key_provider},
    Row{agentcore, "UpdateApiKeyCredentialProvider", "", api_key_provider},
    Row{agentcore, "DeleteApiKeyCredentialProvider", "", api_key_provider},
    Row{agentcore, "ListApiKeyCredentialProviders", "", default_vault},
    Row{agentcore, "GetTokenVault", "", token_vault},
    Row{agentcore, "SetTokenVaultCMK", "", token_vault},
    Row{agentcore, "CreateWorkloadIdentity", "", workload_identity},
    Row{agentcore, "GetWorkloadIdentity", "", workload_identity},
    Row{agentcore, "UpdateWorkloadIdentity", "", workload_identity},
    Row{agentcore, "DeleteWorkloadIdentity", "", workload_identity},
    Row{agentcore, "ListWorkloadIdentities", "", workload_directory},
    Row{agentcore, "CreateAgentRuntime", "", all_runtimes},
    Row{agentcore, "ListAgentRuntimes", "", all_runtimes},
    Row{agentcore, "GetAgentRuntime", "", runtime},
    Row{agentcore, "UpdateAgentRuntime", "", runtime},
    Row{agentcore, "DeleteAgentRuntime", "", runtime},
    Row{agentcore, "ListAgentRuntimeVersions", "", runtime},
    Row{agentcore, "DeleteAgentRuntimeVersion", "", runtime},
    Row{agentcore, "CreateAgentRuntimeEndpoint", "", runtime},
    Row{agentcore, "ListAgentRuntimeEndpoints", "", runtime},
    Row{agentcore, "GetAgentRuntimeEndpoint", "", runtime_endpoint},
    Row{agentcore, "UpdateAgentRuntimeEndpoint", "", runtime_endpoint},
    Row{agentcore, "DeleteAgentRuntimeEndpoint", "", runtime_endpoint},
    Row{agentcore, "TagResource", "", "{resourceArn}"},
    Row{agentcore, "UntagResource", "", "{resourceArn}"},
    Row{agentcore, "ListTagsForResource", "", "{resourceArn}"},
    Row{agentcore, "PutResourcePolicy", "", "{resourceArn}"},
    Row{agentcore, "GetResourcePolicy", "", "{resourceArn}"},
    Row{agentcore, "DeleteResourcePolicy", "", "{resourceArn}"},
    Row{"bedrock-agentcore", "InvokeAgentRuntime", "", runtime_arn},
    Row{"bedrock-agentcore", "StopRuntimeSession", "", runtime_arn},
    Row{"bedrock-agentcore", "GetWorkloadAccessToken", "", workload},
    Row{"bedrock-agentcore", "GetWorkloadAccessTokenForJWT", "", workload},
    Row{"bedrock-agentcore", "GetWorkloadAccessTokenForUserId", "", workload},
    Row{"bedrock-agentcore", "GetResourceApiKey", "", resource_api_key},
    Row{"bedrock-agentcore", "GetResourceOauth2Token", "", resource_oauth2},
    Row{"bedrock-runtime", "Converse", "bedrock:InvokeModel", foundation_model},
    Row{"bedrock-runtime", "ConverseStream", "bedrock:InvokeModelWithResponseStream",
        foundation_model},
    Row{"bedrock-runtime", "InvokeModel", "", foundation_model},
    Row{"bedrock-runtime", "InvokeModelWithResponseStream", "", foundation_model},
};

constexpr std::array iam_rows{
    Row{"iam", "CreateUser", "", "arn:aws:iam::{account}:user{Path=/}{UserName}"},
    Row{"iam", "ListUsers", "", "arn:aws:iam::{account}:user{PathPrefix=/}"},
    Row{"iam", "GetUser", "", "@user"},
    Row{"iam", "UpdateUser", "", "@user"},
    Row{"iam", "DeleteUser", "", "@user"},
    Row{"iam", "TagUser", "", "@user"},
    Row{"iam", "UntagUser", "", "@user"},
    Row{"iam", "ListUserTags", "", "@user"},
    Row{"iam", "ListGroupsForUser", "", "@user"},
    Row{"iam", "CreateAccessKey", "", "@user"},
    Row{"iam", "ListAccessKeys", "", "@user"},
    Row{"iam", "UpdateAccessKey", "", "@user"},
    Row{"iam", "DeleteAccessKey", "", "@user"},
    Row{"iam", "PutUserPolicy", "", "@user"},
    Row{"iam", "GetUserPolicy", "", "@user"},
    Row{"iam", "ListUserPolicies", "", "@user"},
    Row{"iam", "DeleteUserPolicy", "", "@user"},
    Row{"iam", "AttachUserPolicy", "", "@user"},
    Row{"iam", "DetachUserPolicy", "", "@user"},
    Row{"iam", "ListAttachedUserPolicies", "", "@user"},
    Row{"iam", "CreateRole", "", "arn:aws:iam::{account}:role{Path=/}{RoleName}"},
    Row{"iam", "ListRoles", "", "arn:aws:iam::{account}:role{PathPrefix=/}"},
    Row{"iam", "GetRole", "", "@role"},
    Row{"iam", "UpdateRole", "", "@role"},
    Row{"iam", "UpdateRoleDescription", "", "@role"},
    Row{"iam", "DeleteRole", "", "@role"},
    Row{"iam", "TagRole", "", "@role"},
    Row{"iam", "UntagRole", "", "@role"},
    Row{"iam", "ListRoleTags", "", "@role"},
    Row{"iam", "UpdateAssumeRolePolicy", "", "@role"},
    Row{"iam", "ListInstanceProfilesForRole", "", "@role"},
    Row{"iam", "PutRolePolicy", "", "@role"},
    Row{"iam", "GetRolePolicy", "", "@role"},
    Row{"iam", "ListRolePolicies", "", "@role"},
    Row{"iam", "DeleteRolePolicy", "", "@role"},
    Row{"iam", "AttachRolePolicy", "", "@role"},
    Row{"iam", "DetachRolePolicy", "", "@role"},
    Row{"iam", "ListAttachedRolePolicies", "", "@role"},
    Row{"iam", "CreatePolicy", "", "arn:aws:iam::{account}:policy{Path=/}{PolicyName}"},
    Row{"iam", "ListPolicies", "", "arn:aws:iam::{account}:policy{PathPrefix=/}"},
    Row{"iam", "GetPolicy", "", "{PolicyArn}"},
    Row{"iam", "DeletePolicy", "", "{PolicyArn}"},
    Row{"iam", "TagPolicy", "", "{PolicyArn}"},
    Row{"iam", "UntagPolicy", "", "{PolicyArn}"},
    Row{"iam", "ListPolicyTags", "", "{PolicyArn}"},
    Row{"iam", "ListEntitiesForPolicy", "", "{PolicyArn}"},
    Row{"iam", "CreatePolicyVersion", "", "{PolicyArn}"},
    Row{"iam", "GetPolicyVersion", "", "{PolicyArn}"},
    Row{"iam", "ListPolicyVersions", "", "{PolicyArn}"},
    Row{"iam", "DeletePolicyVersion", "", "{PolicyArn}"},
    Row{"iam", "SetDefaultPolicyVersion", "", "{PolicyArn}"},
    Row{"cognito-idp", "DescribeUserPool", "", pool},
    Row{"cognito-idp", "GetUserPoolMfaConfig", "", pool},
    Row{"cognito-idp", "UpdateUserPool", "", pool},
    Row{"cognito-idp", "DeleteUserPool", "", pool},
    Row{"cognito-idp", "CreateUserPoolDomain", "", pool},
    Row{"cognito-idp", "UpdateUserPoolDomain", "", pool},
    Row{"cognito-idp", "DeleteUserPoolDomain", "", pool},
    Row{"cognito-idp", "CreateResourceServer", "", pool},
    Row{"cognito-idp", "DescribeResourceServer", "", pool},
    Row{"cognito-idp", "UpdateResourceServer", "", pool},
    Row{"cognito-idp", "DeleteResourceServer", "", pool},
    Row{"cognito-idp", "ListResourceServers", "", pool},
    Row{"cognito-idp", "CreateUserPoolClient", "", pool},
    Row{"cognito-idp", "DescribeUserPoolClient", "", pool},
    Row{"cognito-idp", "UpdateUserPoolClient", "", pool},
    Row{"cognito-idp", "DeleteUserPoolClient", "", pool},
    Row{"cognito-idp", "ListUserPoolClients", "", pool},
    Row{"cognito-idp", "AdminCreateUser", "", pool},
    Row{"cognito-idp", "AdminSetUserPassword", "", pool},
    Row{"cognito-idp", "AdminGetUser", "", pool},
    Row{"cognito-idp", "AdminDeleteUser", "", pool},
    Row{"cognito-idp", "AdminInitiateAuth", "", pool},
    Row{"cognito-idp", "ListUsers", "", pool},
    Row{"cognito-idp", "TagResource", "", "{ResourceArn}"},
    Row{"cognito-idp", "UntagResource", "", "{ResourceArn}"},
    Row{"cognito-idp", "ListTagsForResource", "", "{ResourceArn}"},
};

constexpr std::array s3_rows{
    Row{"s3", "ListBuckets", "s3:ListAllMyBuckets", "*"},
    Row{"s3", "CreateBucket", "", bucket},
    Row{"s3", "DeleteBucket", "", bucket},
    Row{"s3", "HeadBucket", "s3:ListBucket", bucket},
    Row{"s3", "GetBucketLocation", "", bucket},
    Row{"s3", "ListObjects", "s3:ListBucket", bucket},
    Row{"s3", "ListObjectsV2", "s3:ListBucket", bucket},
    Row{"s3", "ListObjectVersions", "s3:ListBucketVersions", bucket},
    Row{"s3", "ListMultipartUploads", "s3:ListBucketMultipartUploads", bucket},
    Row{"s3", "GetBucketVersioning", "", bucket},
    Row{"s3", "PutBucketVersioning", "", bucket},
    Row{"s3", "GetBucketTagging", "", bucket},
    Row{"s3", "PutBucketTagging", "", bucket},
    Row{"s3", "DeleteBucketTagging", "s3:PutBucketTagging", bucket},
    Row{"s3", "GetBucketPolicy", "", bucket},
    Row{"s3", "PutBucketPolicy", "", bucket},
    Row{"s3", "DeleteBucketPolicy", "", bucket},
    Row{"s3", "GetBucketAcl", "", bucket},
    Row{"s3", "GetBucketCors", "s3:GetBucketCORS", bucket},
    Row{"s3", "PutBucketCors", "s3:PutBucketCORS", bucket},
    Row{"s3", "DeleteBucketCors", "s3:PutBucketCORS", bucket},
    Row{"s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration", bucket},
    Row{"s3", "PutBucketEncryption", "s3:PutEncryptionConfiguration", bucket},
    Row{"s3", "DeleteBucketEncryption", "s3:PutEncryptionConfiguration", bucket},
    Row{"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", bucket},
    Row{"s3", "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration", bucket},
    Row{"s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration", bucket},
    Row{"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", bucket},
    Row{"s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock", bucket},
    Row{"s3", "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock", bucket},
    Row{"s3", "GetBucketOwnershipControls", "", bucket},
    Row{"s3", "PutBucketOwnershipControls", "", bucket},
    Row{"s3", "GetObject", "", object, "VersionId", "s3:GetObjectVersion"},
    Row{"s3", "HeadObject", "s3:GetObject", object, "VersionId", "s3:GetObjectVersion"},
    Row{"s3", "GetObjectAttributes", "s3:GetObject", object},
    Row{"s3", "GetObjectAcl", "", object},
    Row{"s3", "PutObject", "", object},
    Row{"s3", "CopyObject", "s3:PutObject", object},
    Row{"s3", "CopyObject", "s3:GetObject", "@copy-source"},
    Row{"s3", "CreateMultipartUpload", "s3:PutObject", object},
    Row{"s3", "UploadPart", "s3:PutObject", object},
    Row{"s3", "UploadPartCopy", "s3:PutObject", object},
    Row{"s3", "UploadPartCopy", "s3:GetObject", "@copy-source"},
    Row{"s3", "CompleteMultipartUpload", "s3:PutObject", object},
    Row{"s3", "AbortMultipartUpload", "", object},
    Row{"s3", "ListParts", "s3:ListMultipartUploadParts", object},
    Row{"s3", "DeleteObject", "", object, "VersionId", "s3:DeleteObjectVersion"},
    Row{"s3", "DeleteObjects", "s3:DeleteObject", "arn:aws:s3:::{Bucket}/{Delete.Objects[].Key}"},
    Row{"s3", "GetObjectTagging", "", object},
    Row{"s3", "PutObjectTagging", "", object},
    Row{"s3", "DeleteObjectTagging", "", object},
};

constexpr std::array other_rows{
    Row{"lambda", "CreateFunction", "", function},
    Row{"lambda", "GetFunction", "", function},
    Row{"lambda", "GetFunctionConfiguration", "", function},
    Row{"lambda", "UpdateFunctionCode", "", function},
    Row{"lambda", "UpdateFunctionConfiguration", "", function},
    Row{"lambda", "DeleteFunction", "", function},
    Row{"lambda", "Invoke", "lambda:InvokeFunction", function},
    Row{"lambda", "InvokeWithResponseStream", "lambda:InvokeFunction", function},
    Row{"lambda", "AddPermission", "", function},
    Row{"lambda", "RemovePermission", "", function},
    Row{"lambda", "GetPolicy", "", function},
    Row{"lambda", "PublishVersion", "", function},
    Row{"lambda", "ListVersionsByFunction", "", function},
    Row{"lambda", "CreateAlias", "", function},
    Row{"lambda", "GetAlias", "", function},
    Row{"lambda", "UpdateAlias", "", function},
    Row{"lambda", "DeleteAlias", "", function},
    Row{"lambda", "ListAliases", "", function},
    Row{"lambda", "PutFunctionConcurrency", "", function},
    Row{"lambda", "GetFunctionConcurrency", "", function},
    Row{"lambda", "GetFunctionCodeSigningConfig", "", function},
    Row{"lambda", "DeleteFunctionConcurrency", "", function},
    Row{"lambda", "TagResource", "", "{Resource}"},
    Row{"lambda", "UntagResource", "", "{Resource}"},
    Row{"lambda", "ListTags", "", "{Resource}"},
    Row{"logs", "CreateLogGroup", "", log_stream},
    Row{"logs", "DeleteLogGroup", "", log_stream},
    Row{"logs", "DescribeLogGroups", "",
        "arn:aws:logs:{region}:{account}:log-group:{logGroupNamePrefix=}:log-stream:"},
    Row{"logs", "CreateLogStream", "", log_stream},
    Row{"logs", "DeleteLogStream", "", log_stream},
    Row{"logs", "DescribeLogStreams", "", log_stream},
    Row{"logs", "PutLogEvents", "", log_stream},
    Row{"logs", "GetLogEvents", "", log_stream},
    Row{"logs", "FilterLogEvents", "", log_stream},
    Row{"logs", "PutRetentionPolicy", "", log_stream},
    Row{"logs", "DeleteRetentionPolicy", "", log_stream},
    Row{"logs", "TagResource", "", "{resourceArn}"},
    Row{"logs", "UntagResource", "", "{resourceArn}"},
    Row{"logs", "ListTagsForResource", "", "{resourceArn}"},
    Row{"logs", "PutDeliverySource", "", "arn:aws:logs:{region}:{account}:delivery-source:{name}"},
    Row{"logs", "PutDeliverySource", "bedrock-agentcore:AllowVendedLogDeliveryForResource",
        "{resourceArn}"},
    Row{"logs", "PutDeliveryDestination", "",
        "arn:aws:logs:{region}:{account}:delivery-destination:{name}"},
    Row{"ecr", "CreateRepository", "", repository},
    Row{"ecr", "DeleteRepository", "", repository},
    Row{"ecr", "DescribeRepositories", "",
        "arn:aws:ecr:{region}:{account}:repository/{repositoryNames[]}"},
    Row{"ecr", "DescribeImages", "", repository},
    Row{"ecr", "ListImages", "", repository},
    Row{"ecr", "BatchGetImage", "", repository},
    Row{"ecr", "BatchDeleteImage", "", repository},
    Row{"ecr", "TagResource", "", "{resourceArn}"},
    Row{"ecr", "UntagResource", "", "{resourceArn}"},
    Row{"ecr", "ListTagsForResource", "", "{resourceArn}"},
    Row{"ecr", "BatchCheckLayerAvailability", "", repository},
    Row{"ecr", "PutImage", "", repository},
    Row{"ecr", "SetRepositoryPolicy", "", repository},
    Row{"ecr", "GetRepositoryPolicy", "", repository},
    Row{"codebuild", "CreateProject", "", project},
    Row{"codebuild", "UpdateProject", "", project},
    Row{"codebuild", "DeleteProject", "", project},
    Row{"codebuild", "BatchGetProjects", "", projects},
    Row{"codebuild", "StartBuild", "", project_of_builds},
    Row{"codebuild", "ListBuildsForProject", "", project_of_builds},
    Row{"codebuild", "BatchGetBuilds", "", projects_of_builds},
    Row{"codebuild", "StopBuild", "", project_of_build},
    Row{"kms", "DescribeKey", "", key},
    Row{"kms", "EnableKey", "", key},
    Row{"kms", "DisableKey", "", key},
    Row{"kms", "ScheduleKeyDeletion", "", key},
    Row{"kms", "CancelKeyDeletion", "", key},
    Row{"kms", "Encrypt", "", key},
    Row{"kms", "Decrypt", "", key},
    Row{"kms", "GenerateDataKey", "", key},
    Row{"kms", "GenerateDataKeyWithoutPlaintext", "", key},
};

constexpr std::string_view to_agentcore = "bedrock-agentcore.amazonaws.com";
constexpr std::array passed_roles{
    PassedRole{agentcore, "CreateGateway", "roleArn", to_agentcore},
    PassedRole{agentcore, "UpdateGateway", "roleArn", to_agentcore},
    PassedRole{agentcore, "CreateAgentRuntime", "roleArn", to_agentcore},
    PassedRole{agentcore, "UpdateAgentRuntime", "roleArn", to_agentcore},
    PassedRole{"lambda", "CreateFunction", "Role", "lambda.amazonaws.com"},
    PassedRole{"lambda", "UpdateFunctionConfiguration", "Role", "lambda.amazonaws.com"},
    PassedRole{"codebuild", "CreateProject", "serviceRole", "codebuild.amazonaws.com"},
    PassedRole{"codebuild", "UpdateProject", "serviceRole", "codebuild.amazonaws.com"},
};

}  // namespace

std::vector<const PermissionRow*> permission_rows(std::string_view service,
                                                  std::string_view operation) {
  std::vector<const PermissionRow*> found;
  const auto look = [&](const auto& rows) {
    for (const PermissionRow& row : rows) {
      if (row.service == service && row.operation == operation) found.push_back(&row);
    }
  };
  look(agentcore_rows);
  look(iam_rows);
  look(s3_rows);
  look(other_rows);
  return found;
}

std::string_view action_prefix(std::string_view service) {
  const auto* row = std::ranges::find(prefixes, service, &Prefix::service);
  return row == prefixes.end() ? service : row->prefix;
}

const PassedRole* passed_role(std::string_view service, std::string_view operation) {
  const auto* row = std::ranges::find_if(passed_roles, [&](const PassedRole& one) {
    return one.service == service && one.operation == operation;
  });
  return row == passed_roles.end() ? nullptr : row;
}

}  // namespace toolgate::services::iam
