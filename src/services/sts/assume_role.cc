// AssumeRole: the role's trust, the session's policies, tags and duration.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "json/members.h"
#include "services/iam/documents.h"
#include "services/iam/session_facts.h"
#include "services/sts/service.h"

namespace toolgate::services::sts {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds session_default = 1h;  // STS API Reference, "AssumeRole"
constexpr std::chrono::seconds chained_max = 1h;      // the same, "Role chaining"

std::unexpected<Error> not_authorized(const aws::Call& call, std::string_view role_arn) {
  return iam::refuse(Code::denied, "AccessDenied",
                     fmt::format("User: {} is not authorized to perform: sts:AssumeRole on "
                                 "resource: {}",
                                 call.caller.arn, role_arn));
}

bool is_chained(const aws::Call& call) {
  return call.caller.kind == identity::Principal::Kind::role_session;
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

// What the new session brings with it. Fails with MalformedPolicyDocument.
Result<iam::SessionFacts> facts_of(const aws::Call& call) {
  using identity::policy::Use;
  iam::SessionFacts facts;
  facts.policy = aws::text_if(call, "Policy").value_or("");
  if (!facts.policy.empty()) {
    TRY([[maybe_unused]] const auto policy, identity::policy::parse(facts.policy, Use::session));
  }
  if (const auto* arns = json::find_array(call.input, "PolicyArns")) {
    for (const Json& one : *arns) {
      facts.policy_arns.emplace_back(json::find_string(one, "arn").value_or(""));
    }
  }
  // Tags that the caller's session hands on stand, whatever the request says.
  const iam::SessionFacts before = iam::session_facts(call.caller);
  for (const auto& tag : before.tags) {
    if (std::ranges::find(before.transitive_tags, tag.first) == before.transitive_tags.end()) {
      continue;
    }
    facts.tags.push_back(tag);
    facts.transitive_tags.push_back(tag.first);
  }
  if (const auto* tags = json::find_array(call.input, "Tags")) {
    for (const Json& tag : *tags) {
      std::string key = json::member(tag, "Key");
      if (std::ranges::find(facts.transitive_tags, key) != facts.transitive_tags.end()) continue;
      facts.tags.emplace_back(std::move(key), json::find_string(tag, "Value").value_or(""));
    }
  }
  if (const auto* keys = json::find_array(call.input, "TransitiveTagKeys")) {
    for (const Json& key : *keys) facts.transitive_tags.emplace_back(iam::text_of(key));
  }
  facts.source_identity = aws::text_if(call, "SourceIdentity").value_or(before.source_identity);
  return facts;
}

// By the role's trust policy, for each thing that the call asks of it.
Result<void> check_trust(const Sts& sts, const aws::Call& call, std::string_view arn) {
  iam::Authorizer::Assumption asked{.caller = call.caller,
                                    .role_arn = arn,
                                    .keys = {},
                                    .request = call.request,
                                    .region = call.region};
  const auto add = [&](std::string_view member, std::string_view key) {
    if (auto value = aws::text_if(call, member)) {
      asked.keys.push_back({std::string{key}, {*std::move(value)}});
    }
  };
  add("ExternalId", "sts:ExternalId");
  add("RoleSessionName", "sts:RoleSessionName");
  add("SourceIdentity", "sts:SourceIdentity");
  std::vector<std::string> tag_keys;
  if (const auto* tags = json::find_array(call.input, "Tags")) {
    for (const Json& tag : *tags) {
      const std::string key = json::member(tag, "Key");
      asked.keys.push_back({"aws:RequestTag/" + key, {json::member(tag, "Value")}});
      tag_keys.push_back(key);
    }
  }
  const bool tagged = !tag_keys.empty();
  if (tagged) asked.keys.push_back({"aws:TagKeys", std::move(tag_keys)});
  TRY_DO(sts.authorizer.may_assume(asked));
  if (tagged) {
    asked.action = "sts:TagSession";
    TRY_DO(sts.authorizer.may_assume(asked));
  }
  if (aws::text_if(call, "SourceIdentity")) {
    asked.action = "sts:SetSourceIdentity";
    TRY_DO(sts.authorizer.may_assume(asked));
  }
  return {};
}

Result<std::chrono::seconds> lasts(const aws::Call& call, const JsonObject& role) {
  const std::chrono::seconds wanted{
      json::find_int(call.input, "DurationSeconds").value_or(session_default.count())};
  if (wanted.count() > iam::number(role, "MaxSessionDuration")) {
    return iam::validation_error(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  if (is_chained(call) && wanted > chained_max) {
    return iam::validation_error(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining.");
  }
  return wanted;
}

}  // namespace

identity::Principal session_principal(const iam::Entity& role, std::string_view account,
                                      std::string_view session) {
  identity::Principal principal;
  principal.kind = identity::Principal::Kind::role_session;
  principal.account = account;
  principal.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, role.name, session);
  principal.id = fmt::format("{}:{}", role.id, session);
  return principal;
}

Task<Result<aws::Answer>> assume_role(Sts& sts, aws::Call& call, net::Worker&) {
  const std::string arn = aws::text(call, "RoleArn");
  CO_TRY(const std::optional<std::string> name, role_name(call, arn));
  if (!name) co_return not_authorized(call, arn);
  CO_TRY(const std::optional<iam::Loaded> role,
         co_await store::load(sts.store, iam::key_of(call.account, iam::kind::role, *name)));
  // STS does not tell a missing role from a forbidden one.
  if (!role || iam::member(role->body, "Arn") != arn) co_return not_authorized(call, arn);
  CO_TRY_DO(co_await sts.authorizer.settle());
  CO_TRY_DO(check_trust(sts, call, arn));
  CO_TRY(const iam::SessionFacts facts, facts_of(call));
  CO_TRY(const std::chrono::seconds duration, lasts(call, role->body));

  iam::Entity entity;
  entity.name = iam::member(role->body, "RoleName");
  entity.id = iam::member(role->body, "RoleId");
  identity::Principal principal =
      session_principal(entity, call.account, aws::text(call, "RoleSessionName"));
  principal.claims = iam::claims_of(facts);
  const auto credentials =
      sts.sessions.issue(principal, parent_key_of(call.caller), call.now + duration);

  JsonObject output{
      {"Credentials", credentials_shape(credentials)},
      {"AssumedRoleUser", JsonObject{{"AssumedRoleId", principal.id}, {"Arn", principal.arn}}}};
  if (!facts.source_identity.empty()) output["SourceIdentity"] = facts.source_identity;
  co_return aws::Answer{std::move(output), {}};
}

}  // namespace toolgate::services::sts
