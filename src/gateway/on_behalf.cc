#include "gateway/on_behalf.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "identity/bearer.h"
#include "mcp/protocol.h"

namespace toolgate::gateway {
namespace {

constexpr std::string_view meta_member =
    "aws.bedrock-agentcore.gateway/credentialProviderConfiguration";
constexpr std::string_view consent_text = "Please login to this URL for authorization.";
// The first version whose clients know elicitations by URL.
constexpr std::string_view elicits_by_url = "2025-11-25";

// Read on the rare way only: a call with a credential of the caller's own.
Json options_of(const Turn& turn) {
  const auto meta = json::parse(turn.message.meta);
  const Json* found = meta ? json::find(*meta, meta_member, "oauthCredentialProvider") : nullptr;
  return found != nullptr ? *found : Json(nullptr);
}

bool speaks_of_urls(const Turn& turn) {
  if (turn.request == nullptr) return false;
  const auto named = turn.request->headers.find(mcp::version_header);
  const std::string_view version = turn.message.meta_protocol_version
                                       ? std::string_view{*turn.message.meta_protocol_version}
                                       : named.value_or(mcp::assumed_version);
  return version == elicits_by_url;
}

// The target's own, or one that the gateway's workload identity lists: anything else would let a
// caller send other users wherever they like.
Task<Result<std::string>> return_url_of(const Turn& turn, const credentials::Need& need) {
  const Json options = options_of(turn);
  const auto asked = json::find_string(options, "returnUrl");
  if (!asked || *asked == need.return_url) {
    if (!need.return_url.empty()) co_return need.return_url;
    co_return fail(
        Code::invalid,
        "The target has no defaultReturnUrl, and the request's _meta names no returnUrl: "
        "there is no place to go after the user's consent.");
  }
  CO_TRY(const bool listed, co_await turn.services.consents->is_return_url(
                                turn.snapshot.place, turn.snapshot.id, std::string{*asked}));
  if (listed) co_return std::string{*asked};
  co_return fail(Code::invalid,
                 fmt::format("returnUrl {} is not among the allowedResourceOauth2ReturnUrls of the "
                             "workload identity {}",
                             json::quote(*asked), turn.snapshot.id));
}

std::string elicitation_data(std::string_view url) {
  std::string data = R"({"elicitations":[{"mode":"url","elicitationId":)";
  data += json::quote(random_uuid());
  data += R"(,"url":)" + json::quote(url);
  data += R"(,"message":)" + json::quote(consent_text);
  return data + "}]}";
}

}  // namespace

Result<std::shared_ptr<const credentials::User>> user_of(const Turn& turn) {
  const auto issuer = json::find_string(turn.caller.claims, "iss");
  const auto subject = json::find_string(turn.caller.claims, "sub");
  const auto token = turn.request != nullptr ? identity::bearer_token(*turn.request) : std::nullopt;
  if (turn.snapshot.sign_in != SignIn::jwt || !issuer || !subject || !token) {
    return fail(Code::denied,
                "This target is called with a credential of the caller's own: the gateway's "
                "authorizer must be CUSTOM_JWT and the caller's token must have iss and sub.");
  }
  const Json* expires = json::find(turn.caller.claims, "exp");
  const double ends = expires != nullptr && expires->is_number() ? expires->to_number<double>() : 0;
  return std::make_shared<credentials::User>(credentials::User{
      .workload = turn.snapshot.id,
      .name = credentials::user_of_token(*issuer, *subject),
      .token = std::string{*token},
      .token_ends = Time{std::chrono::milliseconds{static_cast<std::int64_t>(ends * 1000)}}});
}

bool forces_consent(const Turn& turn) {
  if (turn.message.meta.empty()) return false;
  return json::find_bool(options_of(turn), "forceAuthentication").value_or(false);
}

Task<Result<Reply>> ask_for_consent(const Turn& turn, const credentials::Need& need) {
  if (turn.services.consents == nullptr) {
    co_return fail(Code::internal, "users cannot be asked for consent here");
  }
  CO_TRY(std::string return_url, co_await return_url_of(turn, need));
  CO_TRY(
      const auto begun,
      co_await turn.services.consents->begin(
          {.need = need, .return_url = std::move(return_url), .custom_state = {}, .target = {}}));
  Reply reply{.message = {}, .outcome = "consent_required"};
  if (speaks_of_urls(turn)) {
    reply.message =
        mcp::error_message(turn.message.id, mcp::url_elicitation_required,
                           "This request requires more information.", elicitation_data(begun.url));
  } else {
    const std::string text = fmt::format("{} {}", consent_text, begun.url);
    reply.message = mcp::result_message(turn.message.id, mcp::tool_error_result(text));
  }
  co_return reply;
}

}  // namespace toolgate::gateway
