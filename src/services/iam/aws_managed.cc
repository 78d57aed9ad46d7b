#include "services/iam/aws_managed.h"

#include <algorithm>
#include <vector>

#include "json/json.h"

namespace toolgate::services::iam {
namespace {

constexpr std::string_view prefix = "arn:aws:iam::aws:policy/";

std::vector<AwsManaged> read() {
  const auto all = json::parse(aws_managed_text());
  ASSERT(all && all->is_array());
  std::vector<AwsManaged> policies;
  for (const Json& one : all->get_array()) {
    policies.push_back({.name = std::string{*json::find_string(one, "name")},
                        .version = std::string{*json::find_string(one, "version")},
                        .document = json::print(*json::find(one, "document"))});
  }
  return policies;
}

}  // namespace

std::span<const AwsManaged> all_aws_managed() {
  static const std::vector<AwsManaged> policies = read();
  return policies;
}

std::string arn_of(const AwsManaged& policy) { return std::string{prefix} + policy.name; }

const AwsManaged* find_aws_managed(std::string_view arn) {
  if (!arn.starts_with(prefix)) return nullptr;
  const auto policies = all_aws_managed();
  const auto found = std::ranges::find(policies, arn.substr(prefix.size()), &AwsManaged::name);
  return found == policies.end() ? nullptr : &*found;
}

}  // namespace toolgate::services::iam
