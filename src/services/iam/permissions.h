// What a call needs to be allowed: IAM's names of its action, and the ARNs that it works on.
// Source: Service Authorization Reference. The rows are data (permission_table.cc).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/call.h"
#include "services/iam/policy_directory.h"

namespace toolgate::services::iam {

struct Permission {
  std::string action;    // "bedrock-agentcore:GetGateway"
  std::string resource;  // an ARN, or "*"
  // Keys that belong to this permission alone (iam:PassedToService).
  std::vector<std::pair<std::string, std::string>> keys;
};

// At least one; all of them must be allowed. The view knows the paths of users and roles.
[[nodiscard]] std::vector<Permission> permissions_of(const aws::Call& call, const PolicyView& view);

// A row for each operation whose action or resource does not follow from its name: without one the
// action is the operation's name, and the resource "*".
//
// A resource's text is an ARN with places: {region} and {account}, {Member} for a member of the
// input ("*" where it is absent), {Member=x} with x in its place, {:Member} with a colon before it
// and nothing where it is absent, {Member~} up to the first colon, {Members[]} for each of a list
// (one permission each), {Member.Part} for a part. {@Member} may be an ARN, which then stands for
// what is before it too; no other may, for a bucket's key may look like one. "@function" is the
// function that the input names, however it does, with its qualifier. "@user" and "@role"
// are the entity that the input names, "@copy-source" the object that is copied.
struct PermissionRow {
  std::string_view service;
  std::string_view operation;
  std::string_view action;  // "bedrock:InvokeModel"; empty: the operation's name
  std::string_view resource;
  // Names another action for a call that has this member ("VersionId").
  std::string_view member;
  std::string_view action_with_member;
};
// All rows of the operation: usually one.
[[nodiscard]] std::vector<const PermissionRow*> permission_rows(std::string_view service,
                                                                std::string_view operation);
// "bedrock-agentcore" of "bedrock-agentcore-control".
[[nodiscard]] std::string_view action_prefix(std::string_view service);

// Operations that hand a role to a service: that takes iam:PassRole on it.
struct PassedRole {
  std::string_view service;
  std::string_view operation;
  std::string_view member;  // "roleArn"
  std::string_view to;      // "bedrock-agentcore.amazonaws.com"
};
[[nodiscard]] const PassedRole* passed_role(std::string_view service, std::string_view operation);

}  // namespace toolgate::services::iam
