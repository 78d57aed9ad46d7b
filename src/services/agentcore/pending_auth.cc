#include "services/agentcore/pending_auth.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "catalogue/jobs.h"
#include "credentials/bounds.h"
#include "store/optimistic.h"

namespace toolgate::services::agentcore {
namespace {

constexpr std::string_view pending = "CREATE_PENDING_AUTH";

bool is_pending(const Json& target) { return json::find_string(target, "status") == pending; }

bool is_over(const Json& target, Time now) {
  return json::find_int(target, "consentUntil").value_or(0) <= milliseconds_of(now);
}

}  // namespace

Result<void> check_user_consent(const Json& gateway, const Json& input,
                                const credentials::Need& need) {
  using Kind = credentials::Need::Kind;
  if (!is_per_user(need)) return {};
  const bool three_legs = need.kind == Kind::oauth_authorization_code;
  const auto type = json::find_string(gateway, "authorizerType").value_or("");
  if (type != "CUSTOM_JWT") {
    return invalid_member("credentialProviderConfigurations",
                          fmt::format("{} is not supported when gateway authorizer type is {}",
                                      three_legs ? "3LO Auth" : "OAuth token exchange", type));
  }
  const Json* server = json::find(input, "targetConfiguration", "mcp", "mcpServer");
  if (three_legs && server != nullptr && json::find_string(*server, "listingMode") == "DYNAMIC") {
    return invalid_member("targetConfiguration.mcp.mcpServer.listingMode",
                          "DYNAMIC is not supported with the grant AUTHORIZATION_CODE");
  }
  if (waits_for_consent(input, need) && need.return_url.empty()) {
    return invalid_member(
        "credentialProviderConfigurations[0].credentialProvider."
        "oauthCredentialProvider.defaultReturnUrl",
        "is required with the grant AUTHORIZATION_CODE and without mcpToolSchema: "
        "the tools are listed with your consent");
  }
  return {};
}

bool waits_for_consent(const Json& input, const credentials::Need& need) {
  const Json* server = json::find(input, "targetConfiguration", "mcp", "mcpServer");
  return need.kind == credentials::Need::Kind::oauth_authorization_code && server != nullptr &&
         json::find(*server, "mcpToolSchema") == nullptr;
}

Task<Result<JsonObject>> begin_consent(AgentCore& agentcore, const store::Key& target,
                                       const credentials::Need& need, JsonObject document) {
  ASSERT(agentcore.consents != nullptr);
  const auto slash = target.id.find('/');
  const std::string gateway_id = target.id.substr(0, slash);
  const std::string user_id = fmt::format("{}_{}_{}", gateway_id, target.id.substr(slash + 1),
                                          random_text(16, lower_alphanumeric));
  const auto bound = credentials::Credentials::bind(
      need, std::make_shared<credentials::User>(credentials::User{
                .workload = gateway_id, .name = credentials::user_of_id(user_id)}));
  CO_TRY(
      const auto begun,
      co_await agentcore.consents->begin(
          {.need = bound, .return_url = need.return_url, .custom_state = {}, .target = target.id}));
  document["status"] = pending;
  document["authorizationData"] =
      JsonObject{{"oauth2", {{"authorizationUrl", begun.url}, {"userId", user_id}}}};
  document["consentUser"] = user_id;
  document["consentUntil"] =
      milliseconds_of(agentcore.clock.now() + credentials::bounds::consent_for);
  co_return document;
}

Result<void> refuse_while_pending(const Json& target, std::string_view operation, Time now) {
  if (!is_pending(target) || is_over(target, now)) return {};
  return fail(Code::conflict,
              fmt::format("{} can't be performed on target when it is in Create_Pending_Auth state",
                          operation));
}

void show_pending(JsonObject& shown, const Json& target, Time now) {
  // The landing itself may take its own time: both windows must be over.
  const Time later = now - credentials::bounds::consent_for;
  if (!is_pending(target) || !is_over(target, later)) return;
  shown["status"] = "FAILED";
  shown["statusReasons"] =
      JsonArray{"Nobody consented in time. Delete the target and create it again."};
  shown.erase("authorizationData");
}

Task<Result<void>> continue_target(AgentCore& agentcore, model::Place place, std::string target) {
  const store::Key key{.account = place.account,
                       .region = place.region,
                       .kind = std::string{model::kind::target},
                       .id = std::move(target)};
  CO_TRY(const auto stored, co_await agentcore.store.get(key));
  if (!stored) co_return Result<void>{};
  CO_TRY(Json document, json::parse(stored->body));
  if (!is_pending(document)) co_return Result<void>{};
  auto& members = document.get_object();
  members["status"] = "CREATING";
  members["updatedAt"] = epoch_seconds(agentcore.clock.now());
  members.erase("authorizationData");
  store::Batch batch;
  batch.preconditions.push_back(
      store::unchanged(key, stored->version, "The target was changed meanwhile; try again."));
  batch.puts.push_back({.key = key, .body = json::print(document)});
  batch.jobs.push_back(catalogue::synchronize_job(key, "FAILED"));
  CO_TRY(const auto version, co_await agentcore.store.commit(std::move(batch)));
  (void)version;
  agentcore.runner.poke();
  co_return Result<void>{};
}

}  // namespace toolgate::services::agentcore
