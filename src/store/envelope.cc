#include "store/envelope.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "json/members.h"
#include "model/kinds.h"

namespace toolgate::store {
namespace {

namespace kind = model::kind;

// How a sealed body begins: nothing else does.
constexpr std::string_view sealed_member = "$sealed";
constexpr std::string_view key_member = "$key";
constexpr std::string_view locked_member = "$locked";
constexpr std::string_view sealed_begin = R"({"$sealed":)";

// What of a document is sealed: all of it; the members but these, which lists, deletions and jobs
// need; or the members that are secrets, which are named so.
enum class What : unsigned char { whole, members_but, secrets };
enum class Owner : unsigned char { gateway, vault };
struct Rule {
  std::string_view kind;
  Owner owner;
  What what;
};
constexpr std::array rules{
    Rule{kind::target, Owner::gateway, What::members_but},
    Rule{kind::catalogue, Owner::gateway, What::whole},
    Rule{"tool_vectors", Owner::gateway, What::whole},  // search/vector_store.cc
    Rule{kind::api_key_provider, Owner::vault, What::secrets},
    Rule{kind::oauth2_provider, Owner::vault, What::secrets},
    Rule{kind::kept_token, Owner::vault, What::secrets},
    Rule{kind::user_token, Owner::vault, What::secrets},
    Rule{kind::consent, Owner::vault, What::secrets},
};
constexpr std::array<std::string_view, 13> clear_members{
    "gatewayArn", "targetId",    "name",        "status",    "wanted",
    "done",       "revision",    "createdAt",   "updatedAt", "lastSynchronizedAt",
    "catalogue",  "consentUser", "consentUntil"};

const Rule* rule_of(std::string_view kind) {
  const auto found = std::ranges::find(rules, kind, &Rule::kind);
  return found != rules.end() ? &*found : nullptr;
}

bool is_secret(const Rule& rule, std::string_view member) {
  if (rule.what == What::secrets) return member.starts_with("sealed");
  return std::ranges::find(clear_members, member) == clear_members.end();
}

std::string context_of(const Key& key) {
  return fmt::format("{}/{}/{}/{}", key.kind, key.account, key.region, key.id);
}

Result<std::string> unsealed(const Json& body, std::string_view context,
                             const crypto::SealKey& data_key) {
  const auto bytes = crypto::from_base64(json::find_string(body, sealed_member).value_or("!"));
  if (!bytes) return fail(Code::internal, "a sealed document is damaged", std::string{context});
  auto plain = crypto::unseal(data_key, *bytes, context);
  if (!plain) {
    return fail(Code::denied, "a sealed document is not the one that was sealed",
                std::string{context});
  }
  return plain;
}

JsonObject sealed_object(std::string_view plain, std::string_view context,
                         const std::string& data_key_id, const crypto::SealKey& data_key) {
  return {{sealed_member, crypto::base64(crypto::seal(data_key, plain, context))},
          {key_member, data_key_id}};
}

}  // namespace

Envelope envelope_of(const Json& document) {
  Envelope envelope;
  const Json* member = json::find(document, envelope_member);
  if (member == nullptr) return envelope;
  envelope.current = json::find_string(*member, "current").value_or("");
  if (const auto* keys = json::find_array(*member, "keys")) {
    for (const auto& key : *keys) {
      const auto text = [&key](std::string_view name) { return json::member(key, name); };
      envelope.keys.push_back(
          {.id = text("id"), .kms_key_arn = text("kmsKeyArn"), .wrapped = text("wrapped")});
    }
  }
  return envelope;
}

Json to_json(const Envelope& envelope) {
  JsonArray keys;
  for (const auto& key : envelope.keys) {
    keys.push_back(
        JsonObject{{"id", key.id}, {"kmsKeyArn", key.kms_key_arn}, {"wrapped", key.wrapped}});
  }
  return JsonObject{{"current", envelope.current}, {"keys", std::move(keys)}};
}

Result<void> check_open(const Keyring& keyring, const Envelope& envelope) {
  for (const auto& key : envelope.keys) TRY_DO(keyring.find(key.id));
  return {};
}

std::optional<Key> envelope_owner(const Key& key) {
  const Rule* rule = rule_of(key.kind);
  if (rule == nullptr) return std::nullopt;
  Key owner{.account = key.account, .region = key.region, .kind = {}, .id = {}};
  if (rule->owner == Owner::gateway) {
    owner.kind = kind::gateway;
    owner.id = key.id.substr(0, key.id.find('/'));
  } else {
    owner.kind = kind::token_vault;
    owner.id = "default";
  }
  return owner;
}

SealedKinds sealed_under(const Key& owner) {
  const bool gateway = owner.kind == kind::gateway;
  SealedKinds answer{.kinds = {}, .id_prefix = gateway ? owner.id + '/' : ""};
  for (const Rule& rule : rules) {
    if ((rule.owner == Owner::gateway) == gateway) answer.kinds.push_back(rule.kind);
  }
  return answer;
}

Result<std::string> seal_body(const Key& key, std::string body, const std::string& data_key_id,
                              const crypto::SealKey& data_key) {
  const Rule* rule = rule_of(key.kind);
  ASSERT(rule != nullptr);
  const std::string context = context_of(key);
  if (rule->what == What::whole) {
    return json::print(sealed_object(body, context, data_key_id, data_key));
  }
  TRY(Json document, json::parse(body));
  JsonObject& members = document.get_object();
  JsonObject secret;
  JsonObject clear;
  for (auto& [name, value] : members) {
    (is_secret(*rule, name) ? secret : clear)[name] = std::move(value);
  }
  JsonObject sealed = sealed_object(json::print(secret), context, data_key_id, data_key);
  for (auto& [name, value] : clear) sealed[name] = std::move(value);
  return json::print(sealed);
}

Result<std::string> keep_sealed(const Key& key, const std::string& body) {
  const Rule* rule = rule_of(key.kind);
  ASSERT(rule != nullptr);
  TRY(Json document, json::parse(body));
  JsonObject& members = document.get_object();
  const auto adds = [&](const auto& member) { return is_secret(*rule, member.key()); };
  if (rule->what == What::secrets && std::ranges::any_of(members, adds)) {
    TRY_DO(check_open(document));
  }
  JsonObject kept;
  kept[sealed_member] = members[sealed_member];
  for (auto& [name, value] : members) {
    if (name != sealed_member && name != locked_member) kept[name] = std::move(value);
  }
  return json::print(kept);
}

Result<std::string> open_body(const Key& key, std::string body, const Keyring& keyring) {
  if (!is_locked(body)) return body;
  const Rule* rule = rule_of(key.kind);
  if (rule == nullptr) return body;
  TRY(Json document, json::parse(body));
  const auto data_key = keyring.find(json::find_string(document, key_member).value_or(""));
  JsonObject& members = document.get_object();
  if (!data_key) {
    members[locked_member] = data_key.error().message;
    return json::print(document);
  }
  TRY(std::string plain, unsealed(document, context_of(key), **data_key));
  if (rule->what == What::whole) return plain;
  TRY(const Json secret, json::parse(plain));
  members.erase(sealed_member);
  members.erase(key_member);
  // What was written beside them while they could not be read counts.
  for (const auto& [name, value] : secret.get_object()) members.emplace(name, value);
  return json::print(document);
}

bool is_locked(std::string_view body) { return body.starts_with(sealed_begin); }

Result<void> check_open(const Json& document) {
  if (json::find(document, sealed_member) == nullptr) return {};
  return fail(Code::denied,
              std::string{json::find_string(document, locked_member).value_or("It is sealed.")});
}

std::string seal_text(std::string_view text, std::string_view context,
                      const std::string& data_key_id, const crypto::SealKey& data_key) {
  return json::print(sealed_object(text, context, data_key_id, data_key));
}

Result<std::string> open_text(std::string text, std::string_view context, const Keyring& keyring) {
  if (!is_locked(text)) return text;
  TRY(const Json body, json::parse(text));
  TRY(const auto data_key, keyring.find(json::find_string(body, key_member).value_or("")));
  return unsealed(body, context, *data_key);
}

}  // namespace toolgate::store
