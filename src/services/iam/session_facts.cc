#include "services/iam/session_facts.h"

#include "services/iam/documents.h"

namespace toolgate::services::iam {
namespace {

JsonArray array_of(const std::vector<std::string>& texts) {
  return JsonArray(texts.begin(), texts.end());
}

std::vector<std::string> texts_of(const Json& claims, std::string_view name) {
  std::vector<std::string> texts;
  if (const auto* items = json::find_array(claims, name)) {
    for (const Json& item : *items) texts.emplace_back(text_of(item));
  }
  return texts;
}

}  // namespace

Json claims_of(const SessionFacts& facts) {
  JsonObject claims;
  if (!facts.policy.empty()) claims["policy"] = facts.policy;
  if (!facts.policy_arns.empty()) claims["policyArns"] = array_of(facts.policy_arns);
  if (!facts.tags.empty()) {
    JsonObject tags;
    for (const auto& [key, value] : facts.tags) tags[key] = value;
    claims["tags"] = std::move(tags);
  }
  if (!facts.transitive_tags.empty()) claims["transitiveTags"] = array_of(facts.transitive_tags);
  if (!facts.source_identity.empty()) claims["sourceIdentity"] = facts.source_identity;
  if (claims.empty()) return nullptr;
  return claims;
}

SessionFacts session_facts(const identity::Principal& principal) {
  SessionFacts facts;
  using Kind = identity::Principal::Kind;
  if (principal.kind != Kind::role_session && principal.kind != Kind::root) return facts;
  const Json& claims = principal.claims;
  facts.policy = json::find_string(claims, "policy").value_or("");
  facts.policy_arns = texts_of(claims, "policyArns");
  if (const Json* tags = json::find(claims, "tags"); tags != nullptr && tags->is_object()) {
    for (const auto& [key, value] : tags->get_object())
      facts.tags.emplace_back(key, text_of(value));
  }
  facts.transitive_tags = texts_of(claims, "transitiveTags");
  facts.source_identity = json::find_string(claims, "sourceIdentity").value_or("");
  return facts;
}

}  // namespace toolgate::services::iam
