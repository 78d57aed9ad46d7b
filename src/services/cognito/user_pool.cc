#include "services/cognito/user_pool.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"

namespace toolgate::services::cognito {
namespace {

constexpr std::array<std::string_view, 18> replaceable{
    "Policies",
    "DeletionProtection",
    "LambdaConfig",
    "AutoVerifiedAttributes",
    "SmsVerificationMessage",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "VerificationMessageTemplate",
    "SmsAuthenticationMessage",
    "UserAttributeUpdateSettings",
    "MfaConfiguration",
    "DeviceConfiguration",
    "EmailConfiguration",
    "SmsConfiguration",
    "UserPoolTags",
    "AdminCreateUserConfig",
    "UserPoolAddOns",
    "AccountRecoverySetting",
};

// What a pool has that was created with a name only, as Cognito answers.
JsonObject defaults() {
  const JsonObject password{{"MinimumLength", 8},       {"RequireUppercase", true},
                            {"RequireLowercase", true}, {"RequireNumbers", true},
                            {"RequireSymbols", true},   {"TemporaryPasswordValidityDays", 7}};
  return JsonObject{
      {"Policies", JsonObject{{"PasswordPolicy", password}}},
      {"DeletionProtection", "INACTIVE"},
      {"LambdaConfig", JsonObject{}},
      {"VerificationMessageTemplate", JsonObject{{"DefaultEmailOption", "CONFIRM_WITH_CODE"}}},
      {"MfaConfiguration", "OFF"},
      {"EmailConfiguration", JsonObject{{"EmailSendingAccount", "COGNITO_DEFAULT"}}},
      {"UserPoolTags", JsonObject{}},
      {"AdminCreateUserConfig",
       JsonObject{{"AllowAdminCreateUserOnly", false}, {"UnusedAccountValidityDays", 7}}},
      {"UserPoolTier", "ESSENTIALS"},
  };
}

}  // namespace

std::string new_pool_id(std::string_view region) {
  std::string id;
  do {
    id = random_text(9, mixed_alphanumeric);
  } while (!reserved_word_in(id).empty());
  return fmt::format("{}_{}", region, id);
}

std::string region_of_pool(std::string_view pool_id) {
  const auto allowed = [](char c) { return lower_alphanumeric.contains(c) || c == '-'; };
  const auto end = pool_id.find('_');
  if (end == std::string_view::npos || end == 0) return {};
  const std::string_view region = pool_id.substr(0, end);
  const std::string_view id = pool_id.substr(end + 1);
  const bool ours = !id.empty() && id.size() <= 55 && std::ranges::all_of(region, allowed) &&
                    std::ranges::all_of(id, [](char c) { return mixed_alphanumeric.contains(c); });
  return ours ? std::string{region} : std::string{};
}

void replace_settings(JsonObject& pool, const JsonObject& input) {
  const JsonObject standard = defaults();
  for (const std::string_view name : replaceable) {
    if (const Json* given = input.if_contains(name)) {
      pool[name] = *given;
    } else if (const Json* otherwise = standard.if_contains(name)) {
      pool[name] = *otherwise;
    } else {
      pool.erase(name);
    }
  }
  // An update without these leaves them alone.
  if (const Json* name = input.if_contains("PoolName")) pool["Name"] = *name;
  if (const Json* tier = input.if_contains("UserPoolTier")) pool["UserPoolTier"] = *tier;
  if (!pool.contains("UserPoolTier")) pool["UserPoolTier"] = standard.at("UserPoolTier");
}

void set_fixed_settings(JsonObject& pool, const JsonObject& input) {
  for (const std::string_view name :
       {"AliasAttributes", "UsernameAttributes", "UsernameConfiguration"}) {
    if (const Json* given = input.if_contains(name)) pool[name] = *given;
  }
  const Json* schema = input.if_contains("Schema");
  pool["SchemaAttributes"] = schema != nullptr ? *schema : Json(JsonArray{});
}

std::string_view reserved_word_in(std::string_view domain) {
  constexpr std::array<std::string_view, 3> words{"aws", "amazon", "cognito"};
  const std::string text = lower(domain);
  const auto found = std::ranges::find_if(words, [&](auto word) { return text.contains(word); });
  return found != words.end() ? *found : std::string_view{};
}

}  // namespace toolgate::services::cognito
