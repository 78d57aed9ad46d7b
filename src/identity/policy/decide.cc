#include "identity/policy/decide.h"

#include <algorithm>

#include <fmt/format.h>

namespace toolgate::identity::policy {
namespace {

bool any_matches(const std::vector<Pattern>& patterns, std::string_view text,
                 const Context& context) {
  return std::ranges::any_of(
      patterns, [&](const Pattern& pattern) { return pattern.matches(text, context); });
}

// Everything but the principal.
bool applies(const Statement& statement, const Request& request) {
  if (any_matches(statement.actions, request.action, request.context) ==
      statement.all_but_actions) {
    return false;
  }
  if (!statement.resources.empty() && any_matches(statement.resources, request.resource,
                                                  request.context) == statement.all_but_resources) {
    return false;
  }
  return std::ranges::all_of(statement.conditions, [&](const Condition& condition) {
    return condition.holds(request.context);
  });
}

// NotPrincipal excepts who is named, not the account they are of.
Named named_by(const Statement& statement, const Caller& caller) {
  if (!statement.principals) return Named::itself;
  const Named named = statement.principals->name(caller);
  if (!statement.all_but_principals) return named;
  return named == Named::not_at_all || named == Named::by_account ? Named::by_role
                                                                  : Named::not_at_all;
}

std::string called(const Policy& policy, const Statement& statement) {
  return fmt::format("{}{}Statement[{}]{}", policy.name, policy.name.empty() ? "" : ": ",
                     statement.index,
                     statement.sid.empty() ? "" : fmt::format(" \"{}\"", statement.sid));
}

// What one kind of policy says.
struct Verdict {
  bool denies = false;
  Named allows = Named::not_at_all;  // how closely the caller is named by what allows
  std::string statement;             // that denies, else that allows
};

void ask(const Policy& policy, const Request& request, Verdict& verdict) {
  for (const Statement& statement : policy.statements) {
    const Named named = named_by(statement, request.caller);
    if (named == Named::not_at_all || !applies(statement, request)) continue;
    if (!statement.allows) {
      verdict = {
          .denies = true, .allows = Named::not_at_all, .statement = called(policy, statement)};
      return;
    }
    if (named <= verdict.allows) continue;
    verdict.allows = named;
    verdict.statement = called(policy, statement);
  }
}

Verdict ask_all(std::span<const PolicyRef> policies, const Request& request) {
  Verdict verdict;
  for (const auto& policy : policies) {
    ask(*policy, request, verdict);
    if (verdict.denies) break;
  }
  return verdict;
}

Decision denied(Use by, Verdict verdict) {
  return {.outcome = Outcome::explicit_deny, .by = by, .statement = std::move(verdict.statement)};
}
Decision allowed(Use by, Verdict verdict) {
  return {.outcome = Outcome::allow, .by = by, .statement = std::move(verdict.statement)};
}
Decision not_allowed(Use by) {
  return {.outcome = Outcome::implicit_deny, .by = by, .statement = {}};
}

bool has_identity_policies(const Caller& caller) {
  using Kind = Caller::Kind;
  return caller.kind == Kind::root || caller.kind == Kind::user ||
         caller.kind == Kind::role_session;
}

}  // namespace

Decision decide(const Request& request, const Policies& policies) {
  const Caller& caller = request.caller;
  const Use resource_use = policies.resource != nullptr ? policies.resource->use : Use::resource;
  Verdict identity = ask_all(policies.identity, request);
  if (identity.denies) return denied(Use::identity, std::move(identity));
  Verdict session = ask_all(policies.session, request);
  if (session.denies) return denied(Use::session, std::move(session));
  Verdict resource;
  if (policies.resource != nullptr) ask(*policies.resource, request, resource);
  if (resource.denies) return denied(resource_use, std::move(resource));

  // A service, an anonymous caller and who shows a token are known to the resource's policy alone.
  if (!has_identity_policies(caller)) {
    return resource.allows >= Named::by_role ? allowed(resource_use, std::move(resource))
                                             : not_allowed(resource_use);
  }
  const bool own = request.resource_account.empty() || request.resource_account == caller.account;
  const bool by_identity =
      identity.allows != Named::not_at_all || (own && caller.kind == Caller::Kind::root);
  const bool in_session = policies.session.empty() || session.allows != Named::not_at_all;
  const bool by_resource =
      resource.allows == Named::itself || (resource.allows == Named::by_role && in_session);
  const bool trust = resource_use == Use::trust;
  // A trust policy that names an account, and another account's resource, take both sides.
  if ((trust || !own) && resource.allows == Named::not_at_all) return not_allowed(resource_use);
  if (own && by_resource) return allowed(resource_use, std::move(resource));
  if (by_identity && in_session) return allowed(Use::identity, std::move(identity));
  return not_allowed(by_identity ? Use::session : Use::identity);
}

std::string denial(const Request& request, const Decision& decision) {
  struct Words {
    Use use;
    std::string_view one;
    std::string_view none;
  };
  constexpr Words words[] = {
      {Use::identity, "an identity-based policy", "identity-based policy"},
      {Use::session, "a session policy", "session policy"},
      {Use::resource, "a resource-based policy", "resource-based policy"},
      {Use::trust, "the role trust policy", "role trust policy"},
  };
  const auto& row = *std::ranges::find(words, decision.by, &Words::use);
  const std::string who = request.caller.arn.empty() ? "anonymous" : request.caller.arn;
  const std::string what = fmt::format("User: {} is not authorized to perform: {} on resource: {}",
                                       who, request.action, request.resource);
  if (decision.outcome == Outcome::explicit_deny) {
    return fmt::format("{} with an explicit deny in {}", what, row.one);
  }
  return fmt::format("{} because no {} allows the {} action", what, row.none, request.action);
}

}  // namespace toolgate::identity::policy
