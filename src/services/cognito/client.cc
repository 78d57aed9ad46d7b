#include "services/cognito/client.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace toolgate::services::cognito {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 19> replaceable{
    "RefreshTokenValidity",
    "AccessTokenValidity",
    "IdTokenValidity",
    "TokenValidityUnits",
    "ReadAttributes",
    "WriteAttributes",
    "ExplicitAuthFlows",
    "SupportedIdentityProviders",
    "CallbackURLs",
    "LogoutURLs",
    "DefaultRedirectURI",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
    "AnalyticsConfiguration",
    "PreventUserExistenceErrors",
    "EnableTokenRevocation",
    "EnablePropagateAdditionalUserContextData",
    "AuthSessionValidity",
    "RefreshTokenRotation",
};

std::string seal_context(const JsonObject& client) {
  return fmt::format("user_pool_client/{}/secret", member(client, "ClientId"));
}

bool lists(const JsonObject& client, std::string_view name, std::string_view text) {
  const auto all = texts(client, name);
  return std::ranges::find(all, text) != all.end();
}

std::unexpected<Error> invalid_flow(std::string message) {
  return refuse(Code::invalid, "InvalidOAuthFlowException", std::move(message));
}

std::chrono::seconds unit(std::string_view name) {
  if (name == "seconds") return 1s;
  if (name == "minutes") return 1min;
  if (name == "days") return 24h;
  return 1h;
}

}  // namespace

void replace_client_settings(JsonObject& client, const JsonObject& input) {
  const JsonObject standard{{"RefreshTokenValidity", 30},
                            {"TokenValidityUnits", JsonObject{}},
                            {"EnableTokenRevocation", true},
                            {"EnablePropagateAdditionalUserContextData", false},
                            {"AuthSessionValidity", 3}};
  for (const std::string_view name : replaceable) {
    if (const Json* given = input.if_contains(name)) {
      client[name] = *given;
    } else if (const Json* otherwise = standard.if_contains(name)) {
      client[name] = *otherwise;
    } else {
      client.erase(name);
    }
  }
  const Json* oauth = input.if_contains("AllowedOAuthFlowsUserPoolClient");
  client["AllowedOAuthFlowsUserPoolClient"] = oauth != nullptr ? *oauth : Json(false);
  if (const Json* name = input.if_contains("ClientName")) client["ClientName"] = *name;
}

Result<void> check_client(const JsonObject& client) {
  for (const std::string& provider : texts(client, "SupportedIdentityProviders")) {
    if (provider != "COGNITO") {
      return invalid_parameter(fmt::format("The provider {} does not exist for User Pool {}.",
                                           provider, member(client, "UserPoolId")));
    }
  }
  if (const auto lives = access_token_lives(client); lives < 5min || lives > 24h) {
    return invalid_parameter(
        "Invalid range for token validity: an access token lives from 5 minutes to 1 day.");
  }
  const auto flows = texts(client, "AllowedOAuthFlows");
  if (is_true(client, "AllowedOAuthFlowsUserPoolClient") &&
      (flows.empty() || texts(client, "AllowedOAuthScopes").empty())) {
    return invalid_parameter(
        "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to "
        "use OAuth flows.");
  }
  if (!lists(client, "AllowedOAuthFlows", "client_credentials")) return {};
  if (flows.size() > 1) {
    return invalid_flow(
        "client_credentials flow can not be selected along with code flow or implicit flow.");
  }
  if (!has_secret(client)) {
    return invalid_flow(
        "client_credentials flow can not be selected if client does not have a client secret.");
  }
  return {};
}

bool has_secret(const JsonObject& client) { return client.contains("SealedSecret"); }

void set_secret(JsonObject& client, std::string_view secret, const store::Secrets& secrets) {
  client["SealedSecret"] = secrets.seal(secret, seal_context(client));
}

Result<std::string> secret_of(const JsonObject& client, const store::Secrets& secrets) {
  return secrets.unseal(member(client, "SealedSecret"), seal_context(client));
}

JsonObject client_shape(const JsonObject& client) {
  JsonObject shape = client;
  shape.erase("SealedSecret");
  return shape;
}

std::chrono::seconds access_token_lives(const JsonObject& client) {
  const std::int64_t count = number(client, "AccessTokenValidity");
  if (count == 0) return 1h;
  const Json* units = client.if_contains("TokenValidityUnits");
  const JsonObject* by_token = units != nullptr ? units->if_object() : nullptr;
  return count * unit(by_token != nullptr ? member(*by_token, "AccessToken") : "hours");
}

bool allows_client_credentials(const JsonObject& client) {
  return is_true(client, "AllowedOAuthFlowsUserPoolClient") &&
         lists(client, "AllowedOAuthFlows", "client_credentials");
}

}  // namespace toolgate::services::cognito
