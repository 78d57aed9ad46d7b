#include "services/iam/request_context.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"
#include "services/iam/documents.h"

namespace toolgate::services::iam {
namespace {

using identity::Principal;
using identity::policy::Caller;
using identity::policy::Context;

Caller::Kind kind_of(Principal::Kind kind) {
  switch (kind) {
    case Principal::Kind::root:
      return Caller::Kind::root;
    case Principal::Kind::user:
      return Caller::Kind::user;
    case Principal::Kind::role_session:
      return Caller::Kind::role_session;
    case Principal::Kind::federated:
      return Caller::Kind::federated;
    case Principal::Kind::anonymous:
      break;
  }
  return Caller::Kind::anonymous;
}

// aws:PrincipalType
std::string_view type_of(Caller::Kind kind) {
  switch (kind) {
    case Caller::Kind::root:
      return "Account";
    case Caller::Kind::user:
      return "User";
    case Caller::Kind::role_session:
      return "AssumedRole";
    case Caller::Kind::federated:
      return "FederatedUser";
    case Caller::Kind::service:
      return "Service";
    case Caller::Kind::anonymous:
      break;
  }
  return "Anonymous";
}

void add_caller_keys(const KnownCaller& who, Context& context) {
  const Caller& caller = who.caller;
  const bool session = caller.kind == Caller::Kind::role_session;
  context.set("aws:PrincipalType", std::string{type_of(caller.kind)});
  context.set("aws:PrincipalIsAWSService", caller.kind == Caller::Kind::service ? "true" : "false");
  context.set("aws:ViaAWSService", "false");
  if (!caller.account.empty()) context.set("aws:PrincipalAccount", caller.account);
  if (!caller.arn.empty()) {
    context.set("aws:PrincipalArn",
                session && !caller.role_arn.empty() ? caller.role_arn : caller.arn);
  }
  if (!caller.id.empty()) context.set("aws:userid", caller.id);
  if (caller.kind == Caller::Kind::user && who.entity != nullptr) {
    context.set("aws:username", who.entity->name);
  }
  if (who.entity != nullptr) {
    for (const auto& [key, value] : who.entity->tags) context.set("aws:PrincipalTag/" + key, value);
  }
  // A session's tag stands in place of the role's of the same key.
  for (const auto& [key, value] : who.facts.tags) context.set("aws:PrincipalTag/" + key, value);
  if (!who.facts.source_identity.empty()) {
    context.set("aws:SourceIdentity", who.facts.source_identity);
  }
}

void add_request_keys(const net::Request& request, Context& context) {
  context.set("aws:SecureTransport", request.peer.tls ? "true" : "false");
  if (!request.peer.address.empty()) context.set("aws:SourceIp", request.peer.address);
  if (const auto agent = request.headers.find("user-agent")) {
    context.set("aws:UserAgent", std::string{*agent});
  }
  if (const auto referer = request.headers.find("referer")) {
    context.set("aws:Referer", std::string{*referer});
  }
}

// "tags": {"team": "x"}, or "Tags": [{"Key": "team", "Value": "x"}].
void add_tag_keys(const Json& input, Context& context) {
  Context::Values keys;
  const auto add = [&](std::string_view key, std::string_view value) {
    context.set(fmt::format("aws:RequestTag/{}", key), std::string{value});
    keys.emplace_back(key);
  };
  for (const std::string_view member : {"tags", "Tags", "UserPoolTags", "Tagging"}) {
    const Json* tags = json::find(input, member);
    if (tags == nullptr) continue;
    if (const auto* object = tags->if_object()) {
      for (const auto& [key, value] : *object) {
        if (value.is_string()) add(key, text_of(value));
      }
    }
    const auto* list = tags->is_array() ? tags->if_array() : json::find_array(*tags, "TagSet");
    if (list == nullptr) continue;
    for (const Json& tag : *list) {
      const auto upper = json::find_string(tag, "Key");
      const auto key = upper ? upper : json::find_string(tag, "key");
      const auto value = json::find_string(tag, upper ? "Value" : "value");
      if (key) add(*key, value.value_or(""));
    }
  }
  for (const std::string_view member : {"tagKeys", "TagKeys"}) {
    const auto* list = json::find_array(input, member);
    if (list == nullptr) continue;
    for (const Json& key : *list) keys.emplace_back(text_of(key));
  }
  if (!keys.empty()) context.set_all("aws:TagKeys", std::move(keys));
}

// A service's own keys, by the member of the input that gives them.
struct InputKey {
  std::string_view service;
  std::string_view member;
  std::string_view key;
};
constexpr InputKey input_keys[] = {
    {"s3", "Prefix", "s3:prefix"},
    {"s3", "Delimiter", "s3:delimiter"},
    {"s3", "MaxKeys", "s3:max-keys"},
    {"s3", "VersionId", "s3:VersionId"},
    {"s3", "ACL", "s3:x-amz-acl"},
    {"s3", "StorageClass", "s3:x-amz-storage-class"},
    {"s3", "ServerSideEncryption", "s3:x-amz-server-side-encryption"},
    {"iam", "PolicyArn", "iam:PolicyARN"},
    {"iam", "PermissionsBoundary", "iam:PermissionsBoundary"},
    {"lambda", "Principal", "lambda:Principal"},
};

}  // namespace

std::string_view account_of(std::string_view arn) {
  const auto parts = split(arn, ':');
  return parts.size() >= 6 ? parts[4] : std::string_view{};
}

KnownCaller known_caller(const Principal& principal, const PolicyView& view) {
  KnownCaller known{.caller = {.kind = kind_of(principal.kind),
                               .account = principal.account,
                               .arn = principal.arn,
                               .role_arn = {},
                               .id = principal.id,
                               .service = {}},
                    .entity = nullptr,
                    .facts = session_facts(principal)};
  const std::string_view arn = principal.arn;
  if (principal.kind == Principal::Kind::user) {
    const auto user = view.user(arn.substr(arn.rfind('/') + 1));
    // One that was made anew under an old name is somebody else.
    if (user != nullptr && (principal.id.empty() || user->id == principal.id)) known.entity = user;
  } else if (principal.kind == Principal::Kind::role_session) {
    const auto parts = split(arn, '/');  // "arn:aws:sts::…:assumed-role", the role, the session
    const auto role = parts.size() == 3 ? view.role(parts[1]) : nullptr;
    const std::string_view id = std::string_view{principal.id}.substr(0, principal.id.find(':'));
    if (role != nullptr && role->id == id) {
      known.entity = role;
      known.caller.role_arn = role->arn;
    }
  }
  return known;
}

Context context_of(const ContextSource& source) {
  Context context;
  add_caller_keys(source.who, context);
  const auto now = std::chrono::floor<std::chrono::seconds>(source.now);
  context.set("aws:CurrentTime", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now));
  context.set("aws:EpochTime", fmt::format("{}", seconds_of(source.now)));
  if (!source.region.empty()) context.set("aws:RequestedRegion", std::string{source.region});
  if (!source.own_account.empty()) {
    context.set("aws:ResourceAccount", std::string{source.own_account});
    context.set("s3:ResourceAccount", std::string{source.own_account});
  }
  if (source.request != nullptr) add_request_keys(*source.request, context);
  return context;
}

void add_input_keys(const aws::Call& call, Context& context) {
  add_tag_keys(call.input, context);
  for (const InputKey& row : input_keys) {
    if (row.service != call.service) continue;
    const Json* value = json::find(call.input, row.member);
    if (value == nullptr) continue;
    if (value->is_string()) context.set(row.key, std::string{text_of(*value)});
    if (value->is_int64()) context.set(row.key, json::print(*value));
  }
}

}  // namespace toolgate::services::iam
