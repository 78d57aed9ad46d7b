// The policies of AWS whose documents are known here word for word. Others can be attached and
// allow nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace toolgate::services::iam {

// What follows "arn:aws:iam::aws:policy/": "AdministratorAccess",
// "service-role/AWSLambdaBasicExecutionRole".
struct AwsManaged {
  std::string name;
  std::string version;  // "v3": the one that this document is
  std::string document;
};
// [{"name","version","document"}, …], written at build time by tools/aws_managed.py.
[[nodiscard]] std::string_view aws_managed_text();
[[nodiscard]] std::span<const AwsManaged> all_aws_managed();
[[nodiscard]] std::string arn_of(const AwsManaged& policy);
// By ARN. Null for one that is not known.
[[nodiscard]] const AwsManaged* find_aws_managed(std::string_view arn);

}  // namespace toolgate::services::iam
