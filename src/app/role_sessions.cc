#include "app/role_sessions.h"

#include <fmt/format.h>

#include "model/kinds.h"
#include "services/iam/documents.h"
#include "services/sts/service.h"

namespace toolgate::app {
namespace {

using namespace std::chrono_literals;

constexpr auto session_for = 1h;
constexpr std::size_t session_name_characters_max = 64;  // STS API Reference, "RoleSessionName"

// "gateway-ID": whose session it is, for who reads an ARN in a denial.
std::string session_name(const credentials::Owner& owner) {
  const std::string_view arn = owner.gateway_arn;
  std::string name = fmt::format("gateway-{}", arn.substr(arn.rfind('/') + 1));
  name.resize(std::min(name.size(), session_name_characters_max));
  return name;
}

}  // namespace

Task<Result<identity::Principal>> service_session(services::iam::Authorizer& authorizer,
                                                  ServiceSession wanted) {
  CO_TRY_DO(co_await authorizer.settle());
  const std::string_view arn = wanted.role_arn;
  const auto role = authorizer.view()->role(arn.substr(arn.rfind('/') + 1));
  if (role == nullptr || role->arn != arn) {
    co_return fail(Code::denied, fmt::format("The role {} does not exist", arn));
  }
  CO_TRY_DO(authorizer.service_may_assume(
      {.service = wanted.service, .role_arn = arn, .source_arn = wanted.source_arn}));
  co_return services::sts::session_principal(*role, wanted.account, wanted.session);
}

Task<Result<void>> GatewayRoles::may_be_assumed(const credentials::Owner& owner) const {
  CO_TRY_DO(co_await authorizer_.settle());
  const auto may = authorizer_.service_may_assume(
      {.service = agentcore_service, .role_arn = owner.role_arn, .source_arn = owner.gateway_arn});
  if (!may) {
    co_return fail(
        Code::denied,
        "Gateway service is not authorized to assume the execution role. " + may.error().message,
        may.error().detail);
  }
  co_return Result<void>{};
}

Task<Result<void>> GatewayRoles::allows(const credentials::Owner& owner, std::string_view action,
                                        std::string_view resource) const {
  CO_TRY_DO(co_await authorizer_.settle());
  const std::string session = session_name(owner);
  co_return authorizer_.role_may({.role_arn = owner.role_arn,
                                  .session = session,
                                  .action = action,
                                  .resource = resource,
                                  .region = owner.place.region});
}

Task<Result<identity::SessionCredentials>> GatewayRoles::assume(
    const credentials::Owner& owner) const {
  CO_TRY_DO(co_await may_be_assumed(owner));
  const std::string_view arn = owner.role_arn;
  const std::string name{arn.substr(arn.rfind('/') + 1)};
  const auto known = authorizer_.view()->role(name);
  // Where policies do not decide, a role need not exist.
  services::iam::Entity role;
  if (known != nullptr) {
    role = *known;
  } else {
    role.name = role.id = name;
  }
  const auto principal =
      services::sts::session_principal(role, owner.place.account, session_name(owner));
  co_return sessions_.issue(principal, {}, clock_.now() + session_for);
}

bool ages_credentials(const store::Change& change) {
  const std::string_view kind = change.key.kind;
  return kind == model::kind::oauth2_provider || kind == model::kind::api_key_provider ||
         kind == services::iam::kind::role || kind == services::iam::kind::policy;
}

}  // namespace toolgate::app
