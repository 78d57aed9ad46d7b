// What a target needs, compiled of its credential configuration: credentials.h's compile().
#include <ranges>

#include "base/text.h"
#include "credentials/credentials.h"
#include "credentials/kinds.h"
#include "crypto/hash.h"

namespace toolgate::credentials {
namespace {

std::string types_served() {
  std::vector<std::string> types;
  for (const auto& kind : credential_kinds()) {
    if (std::ranges::find(types, kind.type) == types.end()) types.emplace_back(kind.type);
  }
  return join(types, ", ");
}

std::unexpected<Error> refuse_type(std::string path, std::string_view type) {
  // AWS forwards the caller's own credential to HTTP targets alone.
  if (type == "CALLER_IAM_CREDENTIALS" || type == "JWT_PASSTHROUGH") {
    return wrong_member(std::move(path),
                        fmt::format("{} is for HTTP targets only, which are not served; expected "
                                    "one of {}",
                                    type, types_served()));
  }
  return wrong_member(std::move(path),
                      fmt::format("{} is not served yet; served are {}", type, types_served()));
}

// "arn:aws:bedrock-agentcore:R:A:token-vault/default/oauth2credentialprovider/NAME" → NAME. Region
// and account may be left out; another's are refused, because the secret is sealed for its place.
Result<std::string> provider_name(const model::Place& place, std::string_view arn,
                                  std::string_view arn_part, std::string path) {
  const auto parts = split(arn, ':');
  const auto wrong = [&](std::string_view why) {
    return wrong_member(
        path, fmt::format("'{}' is {}; expected {}", arn, why,
                          model::agentcore_arn(
                              place, fmt::format("token-vault/default/{}/NAME", arn_part))));
  };
  if (parts.size() != 6 || parts[0] != "arn") return wrong("no ARN of a credential provider");
  if (!parts[3].empty() && parts[3] != place.region) return wrong("in another region");
  if (!parts[4].empty() && parts[4] != place.account) return wrong("in another account");
  const auto resource = split(parts[5], '/');
  if (resource.size() != 4 || resource[0] != "token-vault" || resource[3].empty()) {
    return wrong("no ARN of a credential provider");
  }
  if (resource[2] != arn_part) return wrong("a credential provider of another kind");
  return std::string{resource[3]};
}

JsonArray json_of(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

// A JSON array of all fields tells any two needs apart; its hash is short and shows nothing.
std::string cache_key_of(const Need& need) {
  const JsonArray fields{static_cast<int>(need.kind),
                         need.place.account,
                         need.place.region,
                         need.provider,
                         need.scope,
                         need.custom_parameters,
                         need.parameter_name,
                         need.prefix,
                         need.in_query,
                         json_of(need.resources),
                         json_of(need.audiences),
                         need.owner.gateway_arn,
                         need.owner.role_arn,
                         need.service,
                         need.region};
  return crypto::sha256_hex(json::print(fields));
}

}  // namespace

Need Credentials::role_of(const Owner& owner) {
  Need need{.kind = Need::Kind::gateway_role,
            .place = owner.place,
            .owner = owner,
            .region = owner.place.region};
  return sealed(std::move(need));
}

Need Credentials::sealed(Need need) {
  need.cache_key = cache_key_of(need);
  return need;
}

// What was given for one token of a user is not shown for another of theirs.
Need Credentials::bind(const Need& need, std::shared_ptr<const User> user) {
  ASSERT(is_per_user(need) && !need.user);
  Need bound = need;
  const bool exchanged = need.kind == Need::Kind::oauth_token_exchange;
  const JsonArray whose{need.cache_key, user->workload, user->name,
                        exchanged ? mark_of(user->token) : std::string{}};
  bound.cache_key = crypto::sha256_hex(json::print(whose));
  bound.user = std::move(user);
  return bound;
}

Result<Need> Credentials::compile(const Owner& owner, const Json* configurations) {
  Need need{.place = owner.place};
  if (configurations == nullptr || configurations->is_null()) return need;
  const auto* list = configurations->if_array();
  if (list == nullptr || list->size() > 1) {
    return wrong_member("credentialProviderConfigurations", "expected an array of at most one");
  }
  if (list->empty()) return need;
  const Json& configuration = list->front();
  const std::string path = "credentialProviderConfigurations[0]";
  const auto type = json::find_string(configuration, "credentialProviderType");
  if (!type) return wrong_member(path + ".credentialProviderType", "is missing");

  const auto kinds = credential_kinds();
  auto kind = std::ranges::find(kinds, *type, &CredentialKind::type);
  if (kind == kinds.end()) return refuse_type(path + ".credentialProviderType", *type);
  const std::string member = fmt::format("{}.credentialProvider.{}", path, kind->member);
  const Json* provider = json::find(configuration, "credentialProvider", kind->member);
  if (kind->provider_kind.empty()) {
    need.kind = kind->kind;
    need.owner = owner;
    const Json nothing = JsonObject{};
    TRY_DO(kind->read(provider != nullptr ? *provider : nothing, member, need));
    need.cache_key = cache_key_of(need);
    return need;
  }
  if (provider == nullptr || !provider->is_object()) {
    return wrong_member(member, fmt::format("is missing; {} needs it", *type));
  }
  if (!kind->grant.empty()) {
    const auto grant = json::find_string(*provider, "grantType").value_or(kind->grant);
    kind = std::ranges::find(kinds, grant, &CredentialKind::grant);
    if (kind == kinds.end()) {
      return wrong_member(member + ".grantType", fmt::format("{} is not served", grant));
    }
  }
  const auto arn = json::find_string(*provider, "providerArn");
  if (!arn) return wrong_member(member + ".providerArn", "is missing");

  need.kind = kind->kind;
  need.owner.place = owner.place;
  need.owner.role_arn = owner.role_arn;  // the gateway itself makes no difference to the credential
  TRY(need.provider, provider_name(owner.place, *arn, kind->arn_part, member + ".providerArn"));
  TRY_DO(kind->read(*provider, member, need));
  need.cache_key = cache_key_of(need);
  return need;
}

}  // namespace toolgate::credentials
