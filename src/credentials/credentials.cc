#include "credentials/credentials.h"

#include <algorithm>
#include <ranges>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.h"
#include "credentials/bounds.h"
#include "credentials/entries.h"
#include "credentials/kept_tokens.h"
#include "credentials/kinds.h"
#include "credentials/shared_cache.h"
#include "store/envelope.h"

namespace toolgate::credentials {
namespace {

using Shared = std::shared_ptr<const net::Credential>;

// Shared without a count: every call to a target that needs nothing comes by here.
Shared no_credential() {
  static const net::Credential none{};
  return {std::shared_ptr<void>{}, &none};
}

const CredentialKind& kind_of(const Need& need) {
  const auto kinds = credential_kinds();
  const auto found = std::ranges::find(kinds, need.kind, &CredentialKind::kind);
  ASSERT(found != kinds.end());
  return *found;
}

bool is_fresh(const Entry& entry, Time now) { return now < entry.fresh_until; }

// The entry of something just made. A life that is shorter than the margin gives an entry that is
// not fresh at all: it serves those who wait for it now.
Entry entry_of(Made made, const Need& need, store::Version provider, std::uint64_t generation,
               Time now) {
  // Another secret of the provider is another credential: pools of sessions must not mix the two.
  made.credential.key = fmt::format("{}:{}", need.cache_key, provider);
  Entry entry{.credential = std::make_shared<net::Credential>(std::move(made.credential)),
              .renew_from = Time::max(),
              .fresh_until = Time::max(),
              .ends = Time::max(),
              .provider = provider,
              .generation = generation};
  if (made.life) {
    const auto life = std::min<std::chrono::seconds>(*made.life, bounds::token_life_max);
    const auto early = std::max<std::chrono::seconds>(bounds::refresh_early_min,
                                                      life / bounds::refresh_early_share);
    entry.ends = now + life;
    entry.renew_from = now + std::max(life - early, std::chrono::seconds{0});
    entry.fresh_until = life > early ? entry.ends - bounds::serve_margin : now;
  }
  return entry;
}

}  // namespace

// What a fetch holds while it is under way.
struct Credentials::Flying {
  std::shared_ptr<SharedCache::Flight> flight;
};

Credentials::Credentials(store::Store& store, const store::Secrets& secrets, const Clock& clock,
                         const RoleSessions* roles, const KeySigner* signer)
    : store_{store},
      secrets_{secrets},
      clock_{clock},
      roles_{roles},
      signer_{signer},
      shared_{std::make_shared<SharedCache>()},
      kept_{std::make_unique<KeptTokens>(store, secrets)} {}

Credentials::~Credentials() = default;

bool Credentials::is_current(const Entry& entry) const {
  return entry.generation == generation_.load(std::memory_order_acquire) &&
         is_fresh(entry, clock_.now());
}

Shared Credentials::cached(const Need& need, net::Worker& worker) const {
  if (need.kind == Need::Kind::none) return no_credential();
  auto* entry = worker.local<ThreadCache>().find(need.cache_key);
  if (entry == nullptr || !is_current(*entry)) return nullptr;
  if (clock_.now() >= entry->renew_from) renew_soon(need, *entry, worker);
  return entry->credential;
}

// Another thread may have renewed it; else this one begins to.
void Credentials::renew_soon(const Need& need, Entry& entry, net::Worker& worker) const {
  const Time now = clock_.now();
  entry.renew_from = now + bounds::retry_refresh_after;
  const auto shared = shared_->find(need.cache_key);
  if (shared && is_current(*shared) && now < shared->renew_from) {
    entry = *shared;
    return;
  }
  boost::asio::co_spawn(worker.io(), renew_in_background(need, worker), boost::asio::detached);
}

Task<void> Credentials::renew_in_background(Need need, net::Worker& worker) const {
  auto joined = shared_->join(need.cache_key, generation_.load(std::memory_order_acquire));
  if (!joined.leads) co_return;
  const auto renewed =
      co_await lead(need, worker, {std::move(joined.flight)}, within(bounds::fetch_timeout));
  if (!renewed) {
    log::warn("credential provider '{}': no new token yet: {}", need.provider,
              renewed.error().message);
  }
}

Task<Result<Shared>> Credentials::fetch(const Need& need, net::Worker& worker,
                                        Deadline deadline) const {
  for (;;) {
    if (auto ready = cached(need, worker)) co_return ready;
    if (auto shared = shared_->find(need.cache_key); shared && is_current(*shared)) {
      auto credential = shared->credential;
      worker.local<ThreadCache>().put(need.cache_key, *std::move(shared), clock_.now());
      co_return credential;
    }
    auto joined = shared_->join(need.cache_key, generation_.load(std::memory_order_acquire));
    if (joined.leads) {
      co_return co_await lead(need, worker, {std::move(joined.flight)}, deadline);
    }
    const auto flight = std::move(joined.flight);
    const bool ended = co_await flight->ended.wait(deadline);
    if (!ended) {
      co_return fail(Code::timeout,
                     fmt::format("credential provider '{}': no credential in time", need.provider));
    }
    // One that began before the provider changed may hold what is not right any more.
    if (flight->outcome && flight->generation == generation_.load(std::memory_order_acquire)) {
      co_return *flight->outcome;
    }
  }
}

Task<Result<Shared>> Credentials::lead(const Need& need, net::Worker& worker, Flying flying,
                                       Deadline deadline) const {
  SharedCache::Lead lead{shared_, need.cache_key, std::move(flying.flight)};
  const Deadline whole = within(bounds::fetch_timeout);
  auto outcome = co_await renew(need, worker, std::min(deadline, whole));
  // The others may have more time than this caller had.
  const bool cut_short = !outcome && outcome.error().code == Code::timeout && deadline < whole;
  if (!cut_short) lead.share(outcome);
  co_return outcome;
}

Shared Credentials::put(const Need& need, Entry entry, net::Worker& worker) const {
  const Time now = clock_.now();
  auto credential = entry.credential;
  if (is_fresh(entry, now)) {
    shared_->put(need.cache_key, entry, now);
    worker.local<ThreadCache>().put(need.cache_key, std::move(entry), now);
  } else {
    shared_->drop(need.cache_key);
    worker.local<ThreadCache>().drop(need.cache_key);
  }
  return credential;
}

Task<Result<Shared>> Credentials::renew(const Need& need, net::Worker& worker,
                                        Deadline deadline) const {
  const CredentialKind& kind = kind_of(need);
  if (kind.provider_kind.empty()) co_return co_await renew_own(need, worker, deadline);
  const auto generation = generation_.load(std::memory_order_acquire);
  CO_TRY(const auto provider, co_await store_.get({.account = need.place.account,
                                                   .region = need.place.region,
                                                   .kind = std::string{kind.provider_kind},
                                                   .id = need.provider}));
  auto old = shared_->find(need.cache_key);
  if (old && (!provider || old->provider != provider->version)) {
    shared_->drop(need.cache_key);
    old.reset();
  }
  if (!provider) {
    co_return fail(Code::not_found,
                   fmt::format("credential provider '{}' not found", need.provider));
  }
  // Behind a KMS key that cannot be used: what was made of the secret is not used either.
  auto may = co_await check_role(need, *provider);
  if (may && store::is_locked(provider->body)) {
    CO_TRY(const Json body, json::parse(provider->body));
    may = store::check_open(body);
  }
  if (!may) {
    shared_->drop(need.cache_key);
    worker.local<ThreadCache>().drop(need.cache_key);
    co_return std::unexpected(std::move(may).error());
  }
  // Another provider changed, not this one; or another thread was faster.
  if (old && clock_.now() < old->renew_from) {
    old->generation = generation;
    co_return put(need, *old, worker);
  }
  std::string refused = shared_->refused_mark(need.cache_key);
  if (kind.kept && !old) {
    auto kept = co_await kept_->find(need, provider->version, clock_.now());
    if (kept && mark_of(kept->credential) != refused) {
      co_return put(need,
                    entry_of(*std::move(kept), need, provider->version, generation, clock_.now()),
                    worker);
    }
  }
  auto made = co_await kind.make(need, *provider,
                                 {.secrets = secrets_,
                                  .clock = clock_,
                                  .worker = worker,
                                  .deadline = deadline,
                                  .store = store_,
                                  .roles = roles_,
                                  .signer = signer_,
                                  .refused = std::move(refused)});
  const Time now = clock_.now();
  if (made) {
    if (kind.kept) co_await kept_->keep(need, provider->version, *made, now);
    co_return put(need, entry_of(*std::move(made), need, provider->version, generation, now),
                  worker);
  }
  // The old token's last minute, or its last tenth, bridges a token endpoint that is away.
  if (!old || old->ends <= now) co_return std::unexpected(std::move(made).error());
  log::warn("credential provider '{}': the old token serves on, no new one: {}", need.provider,
            made.error().message);
  old->generation = generation;
  old->renew_from = std::min<Time>(old->ends, now + bounds::retry_refresh_after);
  old->fresh_until = std::max(old->fresh_until, old->renew_from);
  co_return put(need, *old, worker);
}

// Of a kind without a provider's document: what was made before a change is not believed after it.
Task<Result<Shared>> Credentials::renew_own(const Need& need, net::Worker& worker,
                                            Deadline deadline) const {
  const auto generation = generation_.load(std::memory_order_acquire);
  const auto old = shared_->find(need.cache_key);
  if (old && old->generation == generation && clock_.now() < old->renew_from) {
    co_return put(need, *old, worker);  // another thread was faster
  }
  const store::Document none;
  auto made = co_await kind_of(need).make(need, none,
                                          {.secrets = secrets_,
                                           .clock = clock_,
                                           .worker = worker,
                                           .deadline = deadline,
                                           .store = store_,
                                           .roles = roles_});
  if (!made) {
    shared_->drop(need.cache_key);
    worker.local<ThreadCache>().drop(need.cache_key);
    co_return std::unexpected(std::move(made).error());
  }
  co_return put(need, entry_of(*std::move(made), need, none.version, generation, clock_.now()),
                worker);
}

void Credentials::refused(const Need& need, const net::Credential& credential,
                          net::Worker& worker) const {
  // Another call may have replaced it already: the new one was not refused.
  worker.local<ThreadCache>().drop(need.cache_key, credential);
  shared_->refuse(need.cache_key, credential, mark_of(credential));
}

void Credentials::forget(const Need& need) {
  shared_->drop(need.cache_key);
  // What the threads have is looked at again, and then there is nothing.
  provider_changed();
}

}  // namespace toolgate::credentials
