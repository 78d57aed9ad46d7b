// What a gateway's role needs for the secrets of its targets: decided when a target is written, and
// again before each credential is made or a change of policies is survived by one.
#include <algorithm>

#include "credentials/kinds.h"

namespace toolgate::credentials {
namespace {

// The key that a provider's client signs with, where it has one instead of a secret.
std::optional<std::string> signing_key_of(const Json& provider) {
  const Json* configurations = json::find(provider, "oauth2ProviderConfigOutput");
  const auto* one = configurations != nullptr ? configurations->if_object() : nullptr;
  if (one == nullptr || one->empty()) return std::nullopt;
  const auto arn = json::find_string(one->begin()->value(), "privateKeyJwtConfig",
                                     "privateKeySource", "kmsKeySource", "kmsKeyArn");
  return arn ? std::optional{std::string{*arn}} : std::nullopt;
}

}  // namespace

std::vector<Credentials::Permission> Credentials::permissions_of(const Need& need,
                                                                 const Json& provider) {
  const auto kinds = credential_kinds();
  const auto kind = std::ranges::find(kinds, need.kind, &CredentialKind::kind);
  if (kind == kinds.end() || kind->action.empty()) return {};
  std::vector<Permission> all;
  all.push_back(
      {.action = std::string{kind->action},
       .resource = model::agentcore_arn(
           need.place, fmt::format("token-vault/default/{}/{}", kind->arn_part, need.provider))});
  if (const auto key = signing_key_of(provider)) {
    all.push_back({.action = "kms:Sign", .resource = *key});
  } else if (const auto secret = json::find_string(provider, kind->secret, "secretArn")) {
    all.push_back({.action = "secretsmanager:GetSecretValue", .resource = std::string{*secret}});
  }
  return all;
}

Task<Result<void>> Credentials::allows(const Owner& owner, std::string_view action,
                                       std::string_view resource) const {
  if (roles_ == nullptr) co_return Result<void>{};
  co_return co_await roles_->allows(owner, action, resource);
}

Task<Result<void>> Credentials::check_role(const Need& need,
                                           const store::Document& provider) const {
  // An agent's own call was decided by the policies of who made it.
  const bool of_gateway = !need.owner.place.account.empty();
  if (roles_ == nullptr || !of_gateway) co_return Result<void>{};
  CO_TRY(const Json document, json::parse(provider.body));
  for (const auto& permission : permissions_of(need, document)) {
    const auto may = co_await roles_->allows(need.owner, permission.action, permission.resource);
    if (may) continue;
    co_return fail(Code::denied,
                   fmt::format("Gateway execution role lacks permission to use credential provider "
                               "'{}'. {}",
                               need.provider, may.error().message),
                   may.error().detail);
  }
  co_return Result<void>{};
}

}  // namespace toolgate::credentials
