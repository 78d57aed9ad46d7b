#include "services/iam/authorizer.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "services/iam/endpoint_policy.h"
#include "services/iam/permissions.h"
#include "services/iam/request_context.h"

namespace toolgate::services::iam {
namespace {

using identity::Principal;
using identity::policy::Context;
using identity::policy::Decision;
using identity::policy::Policies;
using identity::policy::Policy;
using identity::policy::PolicyRef;
using identity::policy::Request;
using identity::policy::Use;

constexpr std::string_view invoke_gateway = "bedrock-agentcore:InvokeGateway";

std::unexpected<Error> denied(std::string message, std::string detail = {}) {
  return std::unexpected(Error{.code = Code::denied,
                               .message = std::move(message),
                               .detail = std::move(detail),
                               .name = "AccessDenied",
                               .fields = {}});
}

// All that holds for one caller, found once for the questions of one call.
struct Holding {
  KnownCaller who;
  std::vector<PolicyRef> identity;
  std::vector<PolicyRef> session;
};

// A policy that allows nothing: what a session is narrowed to by a policy that is not known.
PolicyRef nothing() {
  static const auto policy = std::make_shared<const Policy>(
      Policy{.name = "unknown policy", .use = Use::session, .statements = {}});
  return policy;
}

// What the account itself may, before its session is narrowed.
PolicyRef anything() {
  static const auto policy = std::make_shared<const Policy>(*identity::policy::parse(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
      Use::identity, "the account itself"));
  return policy;
}

Holding holding_of(const Principal& principal, const PolicyView& view) {
  Holding holding{.who = known_caller(principal, view), .identity = {}, .session = {}};
  if (holding.who.entity != nullptr) holding.identity = view.policies_of(*holding.who.entity);
  const SessionFacts& facts = holding.who.facts;
  if (principal.kind == Principal::Kind::root && facts.narrows()) {
    holding.identity.push_back(anything());
  }
  if (!facts.policy.empty()) {
    auto policy = identity::policy::parse(facts.policy, Use::session, "session policy");
    holding.session.push_back(policy ? std::make_shared<const Policy>(*std::move(policy))
                                     : nothing());
  }
  for (const auto& arn : facts.policy_arns) {
    const auto policy = view.policy(arn);
    holding.session.push_back(policy != nullptr ? policy : nothing());
  }
  return holding;
}

// Says no, and why: the caller learns AWS's words, the log the statement.
Result<void> answer(const Request& request, const Decision& decision) {
  if (decision.allowed()) return {};
  log::info("iam denied caller={} action={} resource={} by={}", request.caller.arn, request.action,
            json::quote(request.resource),
            decision.statement.empty() ? "nothing" : json::quote(decision.statement));
  return denied(denial(request, decision), decision.statement);
}

Result<void> refuse_bounded(const KnownCaller& who) {
  if (who.entity == nullptr || !who.entity->bounded) return {};
  return denied(
      fmt::format("{} has a permissions boundary, which toolgate does not evaluate: "
                  "remove it",
                  who.entity->arn));
}

// Functions' own policies (AddPermission) count for whatever is done to them; those of other
// resources count where these are used (may_use).
const Policy* policy_of_function(const aws::Call& call, const Permission& needed,
                                 const PolicyView& view) {
  if (call.service != "lambda") return nullptr;
  const auto found = view.of_resources.find(needed.resource);
  return found == view.of_resources.end() ? nullptr : found->second.get();
}

// The account itself, in a session that nothing narrows.
bool is_root(const Principal& principal) {
  return principal.kind == Principal::Kind::root && !session_facts(principal).narrows();
}

// GetCallerIdentity and GetSessionToken need no permission (STS API Reference); the others of STS
// ask the role's trust policy as well, which only they know.
bool decides_itself(const aws::Call& call) { return call.service == "sts"; }

}  // namespace

Task<Result<void>> Authorizer::allow(const aws::Call& call) {
  if (mode_ == Mode::everyone_may || is_root(call.caller) || decides_itself(call)) {
    co_return Result<void>{};
  }
  // The door lets a call through without a signature only where the contract does.
  if (call.caller.kind == Principal::Kind::anonymous) co_return Result<void>{};
  CO_TRY_DO(co_await directory_.settle());
  const auto view = directory_.view();
  const Holding holding = holding_of(call.caller, *view);
  CO_TRY_DO(refuse_bounded(holding.who));
  Context context = context_of({.who = holding.who,
                                .now = call.now,
                                .region = call.region,
                                .own_account = call.account,
                                .request = call.request});
  add_input_keys(call, context);
  for (const Permission& needed : permissions_of(call, *view)) {
    for (const auto& [key, value] : needed.keys) context.set(key, value);
    const Policy* own = policy_of_function(call, needed, *view);
    const Request request{.caller = holding.who.caller,
                          .action = needed.action,
                          .resource = needed.resource,
                          .resource_account = own == nullptr ? "" : account_of(needed.resource),
                          .context = context};
    CO_TRY_DO(answer(request, decide(request, {.identity = holding.identity,
                                               .session = holding.session,
                                               .resource = own})));
  }
  co_return Result<void>{};
}

Result<void> Authorizer::may(const Question& question) const {
  if (mode_ == Mode::everyone_may) return {};
  const auto view = directory_.view();
  const auto found = view->of_resources.find(question.resource);
  const Policy* own = found == view->of_resources.end() ? nullptr : found->second.get();
  if (own == nullptr && is_root(question.caller)) return {};
  const Holding holding = holding_of(question.caller, *view);
  TRY_DO(refuse_bounded(holding.who));
  const std::string_view account = account_of(question.resource);
  Context context = context_of({.who = holding.who,
                                .now = clock_.now(),
                                .region = question.region,
                                .own_account = account,
                                .request = question.request});
  for (const auto& [key, values] : question.keys) context.set_all(key, values);
  const Request request{.caller = holding.who.caller,
                        .action = question.action,
                        .resource = question.resource,
                        .resource_account = account,
                        .context = context};
  return answer(
      request,
      decide(request, {.identity = holding.identity, .session = holding.session, .resource = own}));
}

Task<Result<void>> Authorizer::may_use(const Use& use) {
  CO_TRY_DO(co_await directory_.settle());
  // What the server asks of itself has not come through the endpoint.
  if (endpoint_ != nullptr && use.request.peer.hops == 0 && use.action == invoke_gateway) {
    const auto who = known_caller(use.caller, *directory_.view());
    const Context context = context_of({.who = who,
                                        .now = clock_.now(),
                                        .region = use.region,
                                        .own_account = account_of(use.resource),
                                        .request = &use.request});
    CO_TRY_DO(passes(*endpoint_, who.caller, use.action, use.resource, context));
  }
  using Kind = Principal::Kind;
  const bool unknown = use.caller.kind == Kind::federated || use.caller.kind == Kind::anonymous;
  if (unknown && !directory_.view()->of_resources.contains(use.resource)) {
    co_return Result<void>{};
  }
  co_return may({.caller = use.caller,
                 .action = use.action,
                 .resource = use.resource,
                 .region = use.region,
                 .request = &use.request});
}

Result<void> Authorizer::role_may(const RoleQuestion& question) const {
  if (mode_ == Mode::everyone_may) return {};
  const auto view = directory_.view();
  const std::string_view arn = question.role_arn;
  const auto role = view->role(arn.substr(arn.rfind('/') + 1));
  if (role == nullptr || role->arn != arn) {
    return denied(fmt::format("The role {} does not exist", arn));
  }
  Principal principal;
  principal.kind = Principal::Kind::role_session;
  principal.account = account_of(arn);
  principal.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", principal.account, role->name,
                              question.session);
  principal.id = fmt::format("{}:{}", role->id, question.session);
  return may({.caller = principal,
              .action = question.action,
              .resource = question.resource,
              .region = question.region});
}

Result<void> Authorizer::may_assume(const Assumption& assumption) const {
  if (mode_ == Mode::everyone_may || is_root(assumption.caller)) return {};
  const auto view = directory_.view();
  const std::string_view arn = assumption.role_arn;
  const auto role = view->role(arn.substr(arn.rfind('/') + 1));
  const auto refusal =
      denied(fmt::format("User: {} is not authorized to perform: {} on resource: {}",
                         assumption.caller.arn, assumption.action, arn));
  // STS does not tell a missing role from a forbidden one.
  if (role == nullptr || role->arn != arn || role->trust == nullptr) return refusal;
  const Holding holding = holding_of(assumption.caller, *view);
  TRY_DO(refuse_bounded(holding.who));
  Context context = context_of({.who = holding.who,
                                .now = clock_.now(),
                                .region = assumption.region,
                                .own_account = account_of(arn),
                                .request = assumption.request});
  for (const auto& [key, values] : assumption.keys) context.set_all(key, values);
  const Request request{.caller = holding.who.caller,
                        .action = assumption.action,
                        .resource = arn,
                        .resource_account = account_of(arn),
                        .context = context};
  const auto decided = answer(request, decide(request, {.identity = holding.identity,
                                                        .session = holding.session,
                                                        .resource = role->trust.get()}));
  if (!decided) return refusal;
  return {};
}

Result<void> Authorizer::service_may_assume(const ServiceAssumption& assumption) const {
  if (mode_ == Mode::everyone_may) return {};
  const auto view = directory_.view();
  const std::string_view arn = assumption.role_arn;
  const auto role = view->role(arn.substr(arn.rfind('/') + 1));
  if (role == nullptr || role->arn != arn || role->trust == nullptr) {
    return denied(fmt::format("The role {} does not exist", arn));
  }
  KnownCaller service;
  service.caller.kind = identity::policy::Caller::Kind::service;
  service.caller.service = assumption.service;
  Context context = context_of(
      {.who = service, .now = clock_.now(), .region = {}, .own_account = account_of(arn)});
  context.set("aws:SourceAccount", std::string{account_of(arn)});
  if (!assumption.source_arn.empty()) {
    context.set("aws:SourceArn", std::string{assumption.source_arn});
  }
  const Request request{.caller = service.caller,
                        .action = "sts:AssumeRole",
                        .resource = arn,
                        .resource_account = account_of(arn),
                        .context = context};
  const auto decision =
      decide(request, {.identity = {}, .session = {}, .resource = role->trust.get()});
  if (decision.allowed()) return {};
  return denied(fmt::format("{} may not assume the role {}: its trust policy {}",
                            assumption.service, arn,
                            decision.outcome == identity::policy::Outcome::explicit_deny
                                ? "denies it (" + decision.statement + ")"
                                : "does not allow sts:AssumeRole to this service"));
}

}  // namespace toolgate::services::iam
