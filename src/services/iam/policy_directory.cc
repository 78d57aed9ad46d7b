#include "services/iam/policy_directory.h"

#include <algorithm>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "base/log.h"
#include "json/members.h"
#include "model/kinds.h"
#include "services/iam/aws_managed.h"
#include "services/iam/documents.h"

namespace toolgate::services::iam {
namespace {

using identity::policy::PolicyRef;
using identity::policy::Use;

constexpr std::size_t page_documents = 1'000;
constexpr int attempts_max = 20;

constexpr std::string_view deny_everything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]})";
constexpr std::string_view deny_everyone =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]})";

// A stored policy that cannot be read any more might have denied: nothing is allowed beside it.
PolicyRef compile(std::string_view document, Use use, std::string name) {
  auto policy = identity::policy::parse(document, use, name);
  if (!policy) {
    log::error("policy {} cannot be read and denies everything: {}", json::quote(name),
               json::quote(policy.error().message));
    const bool names = use == Use::trust || use == Use::resource;
    policy = identity::policy::parse(names ? deny_everyone : deny_everything,
                                     names ? Use::resource : use, std::move(name));
    ASSERT(policy.has_value());
    policy->use = use;
  }
  return std::make_shared<const identity::policy::Policy>(*std::move(policy));
}

JsonObject body_of(const store::Document& document) {
  auto body = json::parse(document.body);
  if (!body || !body->is_object()) {
    log::error("{} {} is broken in the store", document.key.kind, document.key.id);
    return {};
  }
  return std::move(body->get_object());
}

EntityRef entity_of(const JsonObject& body, const Noun& noun) {
  auto entity = std::make_shared<Entity>();
  entity->name = member(body, noun.member);
  entity->arn = member(body, "Arn");
  entity->id = member(body, std::string{noun.title} + "Id");
  entity->bounded = !member(body, "PermissionsBoundary").empty();
  if (const Json* policies = body.if_contains("InlinePolicies");
      policies && policies->is_object()) {
    for (const auto& policy : policies->get_object()) {
      entity->policies.push_back(
          compile(text_of(policy.value()), Use::identity, std::string{policy.key()}));
    }
  }
  if (const Json* attached = body.if_contains("AttachedPolicies");
      attached && attached->is_array()) {
    for (const Json& arn : attached->get_array()) entity->attached.emplace_back(text_of(arn));
  }
  if (const Json* tags = body.if_contains("Tags"); tags && tags->is_array()) {
    for (const Json& tag : tags->get_array()) {
      entity->tags.emplace_back(json::find_string(tag, "Key").value_or(""),
                                json::find_string(tag, "Value").value_or(""));
    }
  }
  const std::string trust = member(body, "AssumeRolePolicyDocument");
  if (!trust.empty()) entity->trust = compile(trust, Use::trust, "trust policy of " + entity->name);
  return entity;
}

// The document of the default version.
std::string default_document(const JsonObject& body) {
  const std::string id = member(body, "DefaultVersionId");
  const Json* versions = body.if_contains("Versions");
  if (versions == nullptr || !versions->is_array()) return {};
  for (const Json& version : versions->get_array()) {
    if (json::find_string(version, "VersionId") == id) {
      return json::member(version, "Document");
    }
  }
  return {};
}

// One of AWS's, compiled when somebody has it: all of them together were a tenth of a start, and
// most servers use none.
struct OfAws {
  const AwsManaged* document = nullptr;
  mutable std::once_flag once;
  mutable PolicyRef compiled;
};

PolicyRef policy_of_aws(std::string_view arn) {
  static const TextMap<OfAws> all = [] {
    TextMap<OfAws> made;
    for (const AwsManaged& one : all_aws_managed()) made[arn_of(one)].document = &one;
    return made;
  }();
  const auto found = all.find(arn);
  if (found == all.end()) return nullptr;
  const OfAws& one = found->second;
  std::call_once(one.once, [&] {
    one.compiled = compile(one.document->document, Use::identity, found->first);
  });
  return one.compiled;
}

}  // namespace

EntityRef PolicyView::user(std::string_view name) const {
  const auto found = users.find(lower(name));
  return found == users.end() ? nullptr : found->second;
}

EntityRef PolicyView::role(std::string_view name) const {
  const auto found = roles.find(lower(name));
  return found == roles.end() ? nullptr : found->second;
}

PolicyRef PolicyView::policy(std::string_view arn) const {
  const auto found = managed.find(arn);
  return found == managed.end() ? policy_of_aws(arn) : found->second;
}

std::vector<PolicyRef> PolicyView::policies_of(const Entity& entity) const {
  std::vector<PolicyRef> all = entity.policies;
  for (const std::string& arn : entity.attached) {
    if (auto attached = policy(arn)) all.push_back(std::move(attached));
  }
  return all;
}

std::shared_ptr<const PolicyView> PolicyDirectory::view() const {
  const std::scoped_lock lock{mutex_};
  return view_;
}

std::shared_ptr<const PolicyDirectory::Picture> PolicyDirectory::picture() const {
  const std::scoped_lock lock{mutex_};
  return picture_;
}

Task<Result<PolicyDirectory::CompiledById>> PolicyDirectory::read_kind(store::Key prefix,
                                                                       const CompiledById& before,
                                                                       Compile compile_it) const {
  CompiledById all;
  std::string after;
  do {
    CO_TRY(store::Page page, co_await store_.list(prefix, page_documents, std::move(after)));
    for (const store::Document& document : page.documents) {
      std::string id = document.key.region + '/' + document.key.id;
      const auto known = before.find(id);
      const bool same = known != before.end() && known->second.version == document.version;
      all.insert_or_assign(std::move(id), same ? known->second : compile_it(document));
    }
    after = std::move(page.next);
  } while (!after.empty());
  co_return all;
}

// They stand in the regions of their resources.
Task<Result<PolicyDirectory::CompiledById>> PolicyDirectory::read_resources(
    const CompiledById& before) const {
  const std::string kind{model::kind::resource_policy};
  CO_TRY(const std::vector<store::Key> keys, co_await store_.keys_of(kind));
  std::set<std::string> regions;
  for (const store::Key& key : keys) {
    if (key.account == account_) regions.insert(key.region);
  }
  CompiledById all;
  for (const std::string& region : regions) {
    CO_TRY(CompiledById some,
           co_await read_kind({.account = account_, .region = region, .kind = kind, .id = {}},
                              before, [](const store::Document& document) {
                                const std::string text = member(body_of(document), "policy");
                                return Compiled{.version = document.version,
                                                .entity = nullptr,
                                                .policy = compile(text, Use::resource,
                                                                  "policy of " + document.key.id),
                                                .arn = document.key.id};
                              }));
    all.merge(std::move(some));
  }
  co_return all;
}

Task<Result<void>> PolicyDirectory::reload() {
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const store::Version version = store_.version();
    const auto before = picture();
    auto fresh = std::make_shared<Picture>();
    CO_TRY(fresh->users, co_await read_kind(key_of(account_, kind::user, ""), before->users,
                                            [](const store::Document& document) {
                                              return Compiled{
                                                  .version = document.version,
                                                  .entity = entity_of(body_of(document), user_noun),
                                                  .policy = nullptr,
                                                  .arn = {}};
                                            }));
    CO_TRY(fresh->roles, co_await read_kind(key_of(account_, kind::role, ""), before->roles,
                                            [](const store::Document& document) {
                                              return Compiled{
                                                  .version = document.version,
                                                  .entity = entity_of(body_of(document), role_noun),
                                                  .policy = nullptr,
                                                  .arn = {}};
                                            }));
    CO_TRY(fresh->policies,
           co_await read_kind(key_of(account_, kind::policy, ""), before->policies,
                              [](const store::Document& document) {
                                const JsonObject body = body_of(document);
                                std::string arn = member(body, "Arn");
                                return Compiled{
                                    .version = document.version,
                                    .entity = nullptr,
                                    .policy = compile(default_document(body), Use::identity, arn),
                                    .arn = arn};
                              }));
    CO_TRY(fresh->resources, co_await read_resources(before->resources));
    if (take(std::move(fresh), version)) co_return Result<void>{};
  }
  co_return fail(Code::unavailable, "policies change faster than they can be read");
}

bool PolicyDirectory::take(std::shared_ptr<const Picture> fresh, store::Version version) {
  auto view = std::make_shared<PolicyView>();
  for (const auto& [id, user] : fresh->users) {
    view->users.insert_or_assign(lower(user.entity->name), user.entity);
  }
  for (const auto& [id, role] : fresh->roles) {
    view->roles.insert_or_assign(lower(role.entity->name), role.entity);
  }
  for (const auto& [id, policy] : fresh->policies) {
    view->managed.insert_or_assign(policy.arn, policy.policy);
  }
  for (const auto& [id, policy] : fresh->resources) {
    view->of_resources.insert_or_assign(policy.arn, policy.policy);
  }
  const std::scoped_lock lock{mutex_};
  // Something newer is already known: what was read may be older, so it is read again.
  if (version < as_of_) return false;
  // Policies of keys concern no invocation: the data plane need not ask because of them.
  guards_ = std::ranges::any_of(view->of_resources, [](const auto& entry) {
    return entry.first.find(":kms:") == std::string::npos;
  });
  picture_ = std::move(fresh);
  view_ = std::move(view);
  as_of_ = version;
  return true;
}

Task<Result<void>> PolicyDirectory::settle() {
  if (as_of_ >= wanted_) co_return Result<void>{};
  co_return co_await reload();
}

bool PolicyDirectory::concerns(const std::vector<store::Change>& changes) {
  bool touched = false;
  for (const store::Change& change : changes) {
    const std::string_view kind = change.key.kind;
    if (kind != kind::user && kind != kind::role && kind != kind::policy &&
        kind != model::kind::resource_policy) {
      continue;
    }
    touched = true;
    store::Version known = wanted_;
    while (known < change.version && !wanted_.compare_exchange_weak(known, change.version)) {
    }
  }
  return touched;
}

}  // namespace toolgate::services::iam
