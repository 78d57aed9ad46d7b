#include "catalogue/discover.h"

#include <fmt/format.h>

#include "base/log.h"
#include "catalogue/conform.h"
#include "json/members.h"
#include "model/kinds.h"
#include "store/envelope.h"
#include "targets/kinds.h"

namespace toolgate::catalogue {
namespace {

// The gateway that a target's key names. Without a role where the gateway is gone.
Task<Result<credentials::Owner>> owner_of(JobContext& context, const store::Key& target) {
  store::Key key = target;
  key.kind = model::kind::gateway;
  key.id = target.id.substr(0, target.id.find('/'));
  CO_TRY(const auto stored, co_await context.store.get(std::move(key)));
  CO_TRY(const Json gateway, json::parse(stored ? stored->body : "{}"));
  co_return credentials::owner_of({.account = target.account, .region = target.region}, gateway);
}

// Whose credential lists the tools. A user's own: of the administrator who consented when the
// target was created, else of the gateway itself by CLIENT_CREDENTIALS (AWS: "with DEFAULT listing
// the synchronisation uses 2LO"), else none.
credentials::Need listing_need(const credentials::Need& need, const store::Key& key,
                               const Json& document) {
  using credentials::Need;
  if (!is_per_user(need)) return need;
  const auto user = json::find_string(document, "consentUser");
  if (need.kind == Need::Kind::oauth_authorization_code) {
    if (!user) return {};
    return credentials::Credentials::bind(
        need, std::make_shared<credentials::User>(
                  credentials::User{.workload = key.id.substr(0, key.id.find('/')),
                                    .name = credentials::user_of_id(*user)}));
  }
  Need own = need;
  own.kind = Need::Kind::oauth_client_credentials;
  return credentials::Credentials::sealed(std::move(own));
}

// In messages: what is fetched, and for whom. No secret.
std::string name_of(const credentials::Need& need) {
  if (!need.provider.empty()) return "credential provider " + need.provider;
  if (need.kind == credentials::Need::Kind::gateway_role) return "role " + need.owner.role_arn;
  return "none";
}

using Shared = std::shared_ptr<const net::Credential>;

Task<Result<Shared>> fetch_credential(JobContext& context, const credentials::Need& configured,
                                      const credentials::Need& need, const Attempt& attempt) {
  OneStep step{attempt.steps, "credential", name_of(need)};
  const bool held = context.credentials.cached(need, attempt.worker) != nullptr;
  auto credential = co_await context.credentials.fetch(need, attempt.worker, attempt.deadline);
  if (!credential && configured.kind == credentials::Need::Kind::oauth_token_exchange) {
    // A provider that only exchanges users' tokens: targets that list without one still can.
    log::info("target {} is listed without a credential: {}", attempt.target.id,
              credential.error().message);
    step.ended(Steps::Outcome::left_out, credential.error().message);
    co_return co_await context.credentials.fetch({}, attempt.worker, attempt.deadline);
  }
  const bool none = need.kind == credentials::Need::Kind::none;
  step.ended(credential, none ? "" : held ? "held from before" : "fetched");
  if (!credential) {
    co_return fail(credential.error().code, "Failed to fetch the outbound credential. Error - " +
                                                credential.error().message);
  }
  co_return credential;
}

// As the kind of target says it in a status.
Error in_words_of(const Json& configuration, Error error) {
  const auto kind = targets::kind_of(configuration);
  if (kind) error.message.insert(0, (*kind)->discovery_failure);
  return error;
}

}  // namespace

Result<void> check_complete(const targets::Catalogue& catalogue) {
  constexpr std::size_t told_max = 10;
  const std::size_t count = catalogue.skipped.size() + catalogue.assumed.size();
  if (count == 0) return {};
  std::string text =
      fmt::format("--strict refuses a target of which {}:",
                  count == 1 ? "one part cannot be taken as it is"
                             : fmt::format("{} parts cannot be taken as they are", count));
  std::size_t told = 0;
  for (const auto& [what, why] : catalogue.skipped) {
    if (told++ < told_max) text += fmt::format(" {}: {};", what, why);
  }
  for (const auto& assumed : catalogue.assumed) {
    if (told++ < told_max) text += ' ' + assumed;
  }
  if (count > told_max) text += fmt::format(" … and {} more", count - told_max);
  return fail(Code::invalid, std::move(text));
}

Task<Result<targets::Catalogue>> discover(JobContext& context, Attempt attempt) {
  const auto& [key, document, worker, deadline, steps] = attempt;
  CO_TRY_DO(store::check_open(document));
  CO_TRY(const auto owner, co_await owner_of(context, key));
  CO_TRY(const auto configured,
         credentials::Credentials::compile(
             owner, json::find(document, "credentialProviderConfigurations")));
  const auto need = listing_need(configured, key, document);
  CO_TRY(const Shared credential, co_await fetch_credential(context, configured, need, attempt));
  const Json* configuration = json::find(document, "targetConfiguration");
  ASSERT(configuration != nullptr);
  CO_TRY(const auto target, targets::open({.id = key.id,
                                           .name = json::member(document, "name"),
                                           .configuration = *configuration,
                                           .place = owner.place}));
  // Only some targets need it: the others must not fail for want of it.
  const auto role_need = credentials::Credentials::role_of(owner);
  const auto fetched_role = co_await context.credentials.fetch(role_need, worker, deadline);
  if (!fetched_role) log::debug("target {}: {}", key.id, fetched_role.error().message);
  const net::Credential role = fetched_role ? **fetched_role : net::Credential{};
  const bool own = is_per_user(configured);
  auto catalogue = co_await target->discover(
      {*credential, role, worker, deadline, &context.offload, steps, own});
  if (!catalogue && catalogue.error().code == Code::unauthenticated) {
    // The token may have been revoked before its time: once more, with a new one.
    context.credentials.refused(need, *credential, worker);
    CO_TRY(const Shared fresh, co_await fetch_credential(context, configured, need, attempt));
    catalogue =
        co_await target->discover({*fresh, role, worker, deadline, &context.offload, steps, own});
  }
  if (!catalogue) co_return std::unexpected(in_words_of(*configuration, catalogue.error()));
  co_await context.offload.run([&catalogue] {
    conform(*catalogue);
    return true;
  });
  if (context.strict) CO_TRY_DO(check_complete(*catalogue));
  co_return catalogue;
}

Task<Result<targets::Catalogue>> try_out(JobContext& context, Attempt attempt) {
  OneStep step{attempt.steps, "catalogue",
               json::find_string(attempt.document, "name").value_or("")};
  auto catalogue = co_await discover(context, attempt);
  if (!catalogue) {
    step.failed(catalogue.error());
    co_return catalogue;
  }
  for (const auto& skipped : catalogue->skipped) {
    OneStep{attempt.steps, "tool", skipped.what}.ended(Steps::Outcome::left_out, skipped.why);
  }
  for (const auto* told : {&catalogue->assumed, &catalogue->notes}) {
    for (const auto& note : *told) OneStep{attempt.steps, "note", ""}.ok(note);
  }
  step.ok(fmt::format("{} tools, {} left out", catalogue->tools.size(), catalogue->skipped.size()));
  co_return catalogue;
}

}  // namespace toolgate::catalogue
