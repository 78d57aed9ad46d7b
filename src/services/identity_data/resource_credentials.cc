// GetResourceOauth2Token, GetResourceApiKey, CompleteResourceTokenAuth.
#include <fmt/format.h>

#include "credentials/bounds.h"
#include "credentials/kinds.h"
#include "services/identity_data/workload_tokens.h"

namespace toolgate::services::identity_data {
namespace {

using credentials::Need;
using UserRef = std::shared_ptr<const credentials::User>;

std::vector<std::string> texts_of(const aws::Call& call, std::string_view member) {
  std::vector<std::string> texts;
  const auto* list = json::find_array(call.input, member);
  if (list == nullptr) return texts;
  for (const Json& text : *list) {
    if (text.is_string()) texts.emplace_back(text.get_string());
  }
  return texts;
}

std::string token_of(const net::Credential& credential) {
  constexpr std::string_view bearer = "Bearer ";
  const auto* header = std::get_if<net::HeaderCredential>(&credential.show);
  ASSERT(header != nullptr && header->value.starts_with(bearer));
  return header->value.substr(bearer.size());
}

Need::Kind kind_of(std::string_view flow) {
  if (flow == "USER_FEDERATION") return Need::Kind::oauth_authorization_code;
  if (flow == "ON_BEHALF_OF_TOKEN_EXCHANGE") return Need::Kind::oauth_token_exchange;
  return Need::Kind::oauth_client_credentials;
}

// The members of the input are those of a target's configuration.
Result<Need> need_of(const aws::Call& call, const UserRef& user) {
  const std::string flow = aws::text(call, "oauth2Flow");
  Need need{.kind = kind_of(flow),
            .place = {.account = call.account, .region = call.region},
            .provider = aws::text(call, "resourceCredentialProviderName")};
  const auto kinds = credentials::credential_kinds();
  const auto kind = std::ranges::find(kinds, need.kind, &credentials::CredentialKind::kind);
  ASSERT(kind != kinds.end());
  TRY_DO(kind->read(call.input, "input", need));
  need.resources = texts_of(call, "resources");
  need.audiences = texts_of(call, "audiences");
  need = credentials::Credentials::sealed(std::move(need));
  if (!is_per_user(need)) return need;
  if (user->name.empty()) {
    return fail(Code::invalid, fmt::format("oauth2Flow {} needs a workload access token of a user "
                                           "(GetWorkloadAccessTokenForJWT or …ForUserId)",
                                           flow));
  }
  return credentials::Credentials::bind(need, user);
}

Task<Result<aws::Answer>> ask_for_consent(IdentityData& own, const aws::Call& call, Need need) {
  const auto url = aws::text_if(call, "resourceOauth2ReturnUrl");
  if (!url) {
    co_return fail(Code::invalid,
                   "resourceOauth2ReturnUrl is required: the user has not consented yet, and must "
                   "have a place to come back to.");
  }
  CO_TRY(const bool listed,
         co_await own.consents.is_return_url(need.place, need.user->workload, *url));
  if (!listed) {
    co_return fail(Code::invalid,
                   fmt::format("resourceOauth2ReturnUrl is not among the "
                               "allowedResourceOauth2ReturnUrls of the workload identity {}",
                               need.user->workload));
  }
  CO_TRY(const auto begun, co_await own.consents.begin(
                               {.need = std::move(need),
                                .return_url = *url,
                                .custom_state = aws::text_if(call, "customState").value_or(""),
                                .target = {}}));
  co_return aws::Answer{.output = JsonObject{{"authorizationUrl", begun.url},
                                             {"sessionUri", begun.session_uri},
                                             {"sessionStatus", "IN_PROGRESS"}},
                        .body = {}};
}

// An application that asks again and again while its user is in the browser. Nothing when the
// session has come to its end, so that there may be a token.
Task<std::optional<aws::Answer>> answer_poll(const IdentityData& own, const Need& need,
                                             std::string session_uri) {
  using Status = credentials::Consents::Status;
  const auto status = co_await own.consents.status(need.place, session_uri, need.user->name);
  if (!status) co_return std::nullopt;
  co_return aws::Answer{
      .output = JsonObject{{"sessionUri", session_uri},
                           {"sessionStatus", *status == Status::failed ? "FAILED" : "IN_PROGRESS"}},
      .body = {}};
}

}  // namespace

Task<Result<aws::Answer>> get_resource_oauth2_token(IdentityData& own, aws::Call& call,
                                                    net::Worker& worker) {
  CO_TRY(const UserRef user,
         co_await open_workload_token(own, call, aws::text(call, "workloadIdentityToken")));
  CO_TRY(Need need, need_of(call, user));
  const bool may_ask = need.kind == Need::Kind::oauth_authorization_code;
  const auto session = aws::text_if(call, "sessionUri");
  if (may_ask && session) {
    auto polled = co_await answer_poll(own, need, *session);
    if (polled) co_return *std::move(polled);
  }
  const bool forced = json::find_bool(call.input, "forceAuthentication").value_or(false);
  if (may_ask && forced && !session) co_return co_await ask_for_consent(own, call, std::move(need));
  const auto credential =
      co_await own.credentials.fetch(need, worker, within(credentials::bounds::fetch_timeout));
  if (credential) {
    co_return aws::Answer{.output = JsonObject{{"accessToken", token_of(**credential)}},
                          .body = {}};
  }
  const bool lacks_consent = credential.error().name == credentials::consent_required_name;
  if (!lacks_consent) co_return std::unexpected(credential.error());
  if (session) co_return fail(Code::denied, "Invalid or expired session");
  co_return co_await ask_for_consent(own, call, std::move(need));
}

Task<Result<aws::Answer>> get_resource_api_key(IdentityData& own, aws::Call& call,
                                               net::Worker& worker) {
  CO_TRY(const UserRef user,
         co_await open_workload_token(own, call, aws::text(call, "workloadIdentityToken")));
  (void)user;
  const Need need = credentials::Credentials::sealed(
      {.kind = Need::Kind::api_key,
       .place = {.account = call.account, .region = call.region},
       .provider = aws::text(call, "resourceCredentialProviderName"),
       .parameter_name = "key",
       .in_query = true});
  CO_TRY(const auto credential,
         co_await own.credentials.fetch(need, worker, within(credentials::bounds::fetch_timeout)));
  const auto* key = std::get_if<net::QueryCredential>(&credential->show);
  ASSERT(key != nullptr);
  co_return aws::Answer{.output = JsonObject{{"apiKey", key->value}}, .body = {}};
}

Task<Result<aws::Answer>> complete_resource_token_auth(IdentityData& own, aws::Call& call,
                                                       net::Worker& worker) {
  const Json* who = json::find(call.input, "userIdentifier");
  ASSERT(who != nullptr);
  std::string name;
  if (const auto token = json::find_string(*who, "userToken")) {
    CO_TRY(const auto user, co_await verified_user(own, std::string{*token}, worker));
    name = user.name;
  } else {
    name = credentials::user_of_id(json::find_string(*who, "userId").value_or(""));
  }
  const model::Place place{.account = call.account, .region = call.region};
  CO_TRY(const std::string target,
         co_await own.consents.complete(place, aws::text(call, "sessionUri"), std::move(name)));
  if (!target.empty() && own.consented) CO_TRY_DO(co_await own.consented(place, target));
  co_return aws::Answer{};
}

}  // namespace toolgate::services::identity_data
