#include <fmt/format.h>

#include "base/text.h"
#include "services/iam/documents.h"
#include "services/sts/service.h"

namespace toolgate::services::sts {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds session_default = 1h;  // STS API Reference, "AssumeRole"

std::unexpected<Error> not_authorized(const aws::Call& call, std::string_view role_arn) {
  return iam::refuse(Code::denied, "AccessDenied",
                     fmt::format("User: {} is not authorized to perform: sts:AssumeRole on "
                                 "resource: {}",
                                 call.caller.arn, role_arn));
}

// Until policies decide: root, its sessions and IAM users. What the role's trust policy says is
// decided with the policies.
bool may_assume(const identity::Principal& caller) {
  using Kind = identity::Principal::Kind;
  return caller.kind == Kind::root || caller.kind == Kind::user;
}

// The role's name, of "arn:aws:iam::ACCOUNT:role/path/NAME" in the caller's account. Fails with
// ValidationError for what is no role's ARN; nothing for another account's.
Result<std::optional<std::string>> role_name(const aws::Call& call, std::string_view arn) {
  const auto parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "iam" ||
      !parts[5].starts_with("role/") || parts[5].ends_with('/')) {
    return iam::validation_error(fmt::format("{} is invalid", arn));
  }
  if (parts[4] != call.account) return std::nullopt;
  return std::string{arn.substr(arn.rfind('/') + 1)};
}

}  // namespace

Task<Result<aws::Answer>> assume_role(Sts& sts, aws::Call& call, net::Worker&) {
  const std::string arn = aws::text(call, "RoleArn");
  CO_TRY(const std::optional<std::string> name, role_name(call, arn));
  if (!name || !may_assume(call.caller)) co_return not_authorized(call, arn);
  CO_TRY(const std::optional<iam::Loaded> role,
         co_await iam::load(sts.store, iam::key_of(call.account, iam::kind::role, *name)));
  // STS does not tell a missing role from a forbidden one.
  if (!role || iam::member(role->body, "Arn") != arn) co_return not_authorized(call, arn);

  const std::chrono::seconds lasts{
      json::find_int(call.input, "DurationSeconds").value_or(session_default.count())};
  if (lasts.count() > iam::number(role->body, "MaxSessionDuration")) {
    co_return iam::validation_error(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  const std::string session = aws::text(call, "RoleSessionName");
  identity::Principal principal;
  principal.kind = identity::Principal::Kind::role_session;
  principal.account = call.account;
  principal.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", call.account,
                              iam::member(role->body, "RoleName"), session);
  principal.id = fmt::format("{}:{}", iam::member(role->body, "RoleId"), session);
  const auto credentials =
      sts.sessions.issue(principal, parent_key_of(call.caller), call.now + lasts);

  JsonObject output{
      {"Credentials", credentials_shape(credentials)},
      {"AssumedRoleUser", JsonObject{{"AssumedRoleId", principal.id}, {"Arn", principal.arn}}}};
  iam::copy_members(call.input.as_object(), {"SourceIdentity"}, output);
  co_return aws::Answer{std::move(output), {}};
}

}  // namespace toolgate::services::sts
