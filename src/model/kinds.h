// The kinds of documents in the store, and the names (ARNs) of what they describe.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace toolgate::model {

namespace kind {
inline constexpr std::string_view gateway = "gateway";                    // id: gatewayId
inline constexpr std::string_view target = "target";                      // id: gatewayId/targetId
inline constexpr std::string_view catalogue = "catalogue";                // id: …/catalogueId/chunk
inline constexpr std::string_view oauth2_provider = "oauth2_provider";    // id: name
inline constexpr std::string_view api_key_provider = "api_key_provider";  // id: name
inline constexpr std::string_view workload_identity = "workload_identity";  // id: name
inline constexpr std::string_view token_vault = "token_vault";              // id: "default"
inline constexpr std::string_view kept_token = "kept_token";  // id: a hash of its use
inline constexpr std::string_view user_token = "user_token";  // id: provider/hash of its user
inline constexpr std::string_view consent = "consent";        // id: the end of its request_uri
inline constexpr std::string_view tags = "tags";                            // id: ARN
inline constexpr std::string_view resource_policy = "resource_policy";      // id: ARN
}  // namespace kind

// Where our resources live: part of every ARN and of every store key.
struct Place {
  std::string account;
  std::string region;
};

// "arn:aws:bedrock-agentcore:REGION:ACCOUNT:RESOURCE"
[[nodiscard]] inline std::string agentcore_arn(const Place& place, std::string_view resource) {
  return fmt::format("arn:aws:bedrock-agentcore:{}:{}:{}", place.region, place.account, resource);
}
[[nodiscard]] inline std::string gateway_arn(const Place& place, std::string_view gateway_id) {
  return agentcore_arn(place, fmt::format("gateway/{}", gateway_id));
}
[[nodiscard]] inline std::string workload_identity_arn(const Place& place, std::string_view name) {
  return agentcore_arn(
      place, fmt::format("workload-identity-directory/default/workload-identity/{}", name));
}
[[nodiscard]] inline std::string oauth2_provider_arn(const Place& place, std::string_view name) {
  return agentcore_arn(place, fmt::format("token-vault/default/oauth2credentialprovider/{}", name));
}
[[nodiscard]] inline std::string api_key_provider_arn(const Place& place, std::string_view name) {
  return agentcore_arn(place, fmt::format("token-vault/default/apikeycredentialprovider/{}", name));
}

}  // namespace toolgate::model
