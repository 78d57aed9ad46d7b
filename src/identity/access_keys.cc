#include "identity/access_keys.h"

#include "base/ids.h"
#include "crypto/hash.h"
#include "json/json.h"
#include "json/members.h"

namespace toolgate::identity {
namespace {

// Sealed with the token, so that no other text sealed under this key passes for a session.
constexpr std::string_view session_context = "toolgate session token 1";
// Bytes that make the 40 characters of a secret access key.
constexpr std::size_t secret_random_bytes = 30;
constexpr std::size_t access_key_id_random = 16;

struct KindName {
  Principal::Kind kind;
  std::string_view name;
};
constexpr KindName kind_names[] = {
    {Principal::Kind::root, "root"},           {Principal::Kind::user, "user"},
    {Principal::Kind::role_session, "role"},   {Principal::Kind::federated, "federated"},
    {Principal::Kind::anonymous, "anonymous"},
};

std::string_view name_of_kind(Principal::Kind kind) {
  for (const auto& row : kind_names) {
    if (row.kind == kind) return row.name;
  }
  return "anonymous";
}

std::optional<Principal::Kind> kind_of_name(std::string_view name) {
  for (const auto& row : kind_names) {
    if (row.name == name) return row.kind;
  }
  return std::nullopt;
}

std::unexpected<Error> not_ours(std::string detail) {
  return refused("InvalidClientTokenId", "The security token included in the request is invalid.",
                 std::move(detail));
}

std::optional<SessionTokens::Session> read_session(const Json& stored) {
  const Json* who = json::find(stored, "principal");
  const auto expires = json::find_int(stored, "expires");
  if (who == nullptr || !expires) return std::nullopt;
  const auto kind = kind_of_name(json::member(*who, "kind"));
  if (!kind) return std::nullopt;
  SessionTokens::Session session{.access_key_id = json::member(stored, "id"),
                                 .secret_access_key = json::member(stored, "secret"),
                                 .parent_key = json::member(stored, "parent"),
                                 .principal = {.kind = *kind,
                                               .account = json::member(*who, "account"),
                                               .arn = json::member(*who, "arn"),
                                               .id = json::member(*who, "id"),
                                               .access_key_id = json::member(stored, "id"),
                                               .client_id = json::member(*who, "client_id"),
                                               .claims = {}},
                                 .expires = Time{std::chrono::milliseconds{*expires}}};
  if (const Json* claims = json::find(*who, "claims")) session.principal.claims = *claims;
  return session;
}

}  // namespace

std::unexpected<Error> refused(std::string_view name, std::string message, std::string detail) {
  return std::unexpected(Error{.code = Code::unauthenticated,
                               .message = std::move(message),
                               .detail = std::move(detail),
                               .name = std::string{name},
                               .fields = {}});
}

SessionCredentials SessionTokens::issue(const Principal& principal, std::string_view parent_key,
                                        Time expires) const {
  SessionCredentials made{
      .access_key_id = "ASIA" + random_text(access_key_id_random, upper_alphanumeric),
      .secret_access_key = crypto::base64(crypto::random_bytes(secret_random_bytes)),
      .session_token = {},
      .expires = expires};
  const JsonObject stored{{"id", made.access_key_id},
                          {"secret", made.secret_access_key},
                          {"parent", parent_key},
                          {"expires", milliseconds_of(expires)},
                          {"principal", JsonObject{{"kind", name_of_kind(principal.kind)},
                                                   {"account", principal.account},
                                                   {"arn", principal.arn},
                                                   {"id", principal.id},
                                                   {"client_id", principal.client_id},
                                                   {"claims", principal.claims}}}};
  made.session_token = crypto::base64url(crypto::seal(key_, json::print(stored), session_context));
  return made;
}

Result<SessionTokens::Session> SessionTokens::open(std::string_view session_token, Time now) const {
  const auto sealed = crypto::from_base64url(session_token);
  if (!sealed) return not_ours("session token: not base64url");
  const auto plain = crypto::unseal(key_, *sealed, session_context);
  if (!plain) return not_ours("session token: " + plain.error().message);
  const auto stored = json::parse(*plain);
  auto session = stored ? read_session(*stored) : std::nullopt;
  if (!session) return not_ours("session token: sealed by another version");
  if (now >= session->expires) {
    return refused("ExpiredToken", "The security token included in the request is expired", {});
  }
  return *std::move(session);
}

}  // namespace toolgate::identity
