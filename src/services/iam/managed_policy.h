// Managed policies as other families see them: our own, which are documents, and AWS's, which can
// be attached by name; aws_managed.h has the documents of those that are known.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "services/iam/documents.h"

namespace toolgate::services::iam {

// "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": well formed; we hold no list.
[[nodiscard]] bool is_aws_managed(std::string_view arn);
// What stands behind the last slash.
[[nodiscard]] std::string_view policy_name_of(std::string_view arn);

// Our own policy of that ARN. Nothing when it is AWS's, another account's or unknown.
Task<Result<std::optional<Loaded>>> find_policy(store::Store& store, const aws::Call& call,
                                                std::string_view arn);
// The same for the input's PolicyArn. Fails with NoSuchEntity; with AccessDenied for AWS's.
Task<Result<Loaded>> load_policy(store::Store& store, const aws::Call& call);

[[nodiscard]] JsonObject policy_shape(const JsonObject& body);
// AWS's policy as far as its name tells.
[[nodiscard]] JsonObject aws_managed_shape(std::string_view arn, std::int64_t attachments);
// How often each of AWS's policies is attached, by ARN; those that are not are absent.
Task<Result<std::map<std::string, std::int64_t>>> aws_managed_attachments(store::Store& store,
                                                                          const aws::Call& call);

// Fails with MalformedPolicyDocument or LimitExceeded.
[[nodiscard]] Result<void> check_managed_document(std::string_view document);

}  // namespace toolgate::services::iam
