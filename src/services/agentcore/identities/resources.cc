#include "services/agentcore/identities/resources.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "runtimes/documents.h"

namespace toolgate::services::agentcore {
namespace {

struct Shape {
  std::string_view prefix;  // of the ARN's resource part; the id follows
  std::string_view kind;
};
constexpr std::array shapes{
    Shape{"gateway/", model::kind::gateway},
    Shape{"runtime/", runtimes::kind::runtime},
    Shape{"token-vault/default/oauth2credentialprovider/", model::kind::oauth2_provider},
    Shape{"token-vault/default/apikeycredentialprovider/", model::kind::api_key_provider},
    Shape{"workload-identity-directory/default/workload-identity/",
          model::kind::workload_identity},
};

std::string absent(std::string_view arn) {
  return fmt::format("Resource {} does not exist. Gateways, runtimes, credential providers and "
                     "workload identities of this account and region can be named.",
                     arn);
}

}  // namespace

Result<store::Key> key_of_resource(const aws::Call& call, std::string_view arn) {
  const auto parts = split(arn, ':');
  if (parts.size() == 6 && parts[0] == "arn" && parts[2] == "bedrock-agentcore" &&
      parts[3] == call.region && parts[4] == call.account) {
    for (const auto& shape : shapes) {
      if (!parts[5].starts_with(shape.prefix)) continue;
      const std::string_view id = parts[5].substr(shape.prefix.size());
      if (id.empty()) break;
      return key_of(call, shape.kind, std::string{id});
    }
  }
  return fail(Code::not_found, absent(arn));
}

Task<Result<store::Key>> existing_resource(AgentCore& agentcore, const aws::Call& call) {
  const std::string arn = aws::text(call, "resourceArn");
  CO_TRY(store::Key key, key_of_resource(call, arn));
  CO_TRY(const auto document, co_await agentcore.store.get(key));
  if (!document) co_return fail(Code::not_found, absent(arn));
  co_return key;
}

Result<void> check_tags(const Json& tags) {
  const auto* object = tags.if_object();
  if (object == nullptr) return {};
  for (const auto& [name, value] : *object) {
    const std::string_view key = name;
    if (lower(key.substr(0, 4)) == "aws:") {
      return invalid_member("tags", fmt::format("'{}': the prefix aws: is reserved", key));
    }
  }
  return {};
}

}  // namespace toolgate::services::agentcore
