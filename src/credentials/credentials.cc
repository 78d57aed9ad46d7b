#include "credentials/credentials.h"

#include <algorithm>
#include <ranges>

#include "base/log.h"
#include "credentials/bounds.h"
#include "credentials/kinds.h"
#include "credentials/thread_cache.h"

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

bool is_fresh(const ThreadCache::Entry& entry, Time now) { return now < entry.fresh_until; }

// The entry of something just made. A life that is shorter than the margin gives an entry that is
// not fresh at all: it serves those who wait for it now.
ThreadCache::Entry entry_of(Made made, const Need& need, store::Version provider,
                            std::uint64_t generation, Time now) {
  // Another secret of the provider is another credential: pools of sessions must not mix the two.
  made.credential.key = fmt::format("{}:{}", need.cache_key, provider);
  ThreadCache::Entry entry{
      .credential = std::make_shared<net::Credential>(std::move(made.credential)),
      .fresh_until = Time::max(),
      .ends = Time::max(),
      .provider = provider,
      .generation = generation};
  if (made.life) {
    const auto life = std::min<std::chrono::seconds>(*made.life, bounds::token_life_max);
    const auto early = std::max<std::chrono::seconds>(bounds::refresh_early_min,
                                                      life / bounds::refresh_early_share);
    entry.ends = now + life;
    entry.fresh_until = now + std::max(life - early, std::chrono::seconds{0});
  }
  return entry;
}

}  // namespace

Shared Credentials::cached(const Need& need, net::Worker& worker) const {
  if (need.kind == Need::Kind::none) return no_credential();
  const auto* entry = worker.local<ThreadCache>().find(need.cache_key);
  if (entry == nullptr || entry->generation != generation_.load(std::memory_order_acquire) ||
      !is_fresh(*entry, clock_.now())) {
    return nullptr;
  }
  return entry->credential;
}

Task<Result<Shared>> Credentials::fetch(const Need& need, net::Worker& worker,
                                        Deadline deadline) const {
  auto& cache = worker.local<ThreadCache>();
  for (;;) {
    if (auto ready = cached(need, worker)) co_return ready;
    const auto flight = cache.flight(need.cache_key);
    if (!flight) break;
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
  const Deadline whole = within(bounds::fetch_timeout);
  ThreadCache::Lead lead{cache, need.cache_key, generation_.load(std::memory_order_acquire)};
  auto outcome = co_await renew(need, cache, worker, std::min(deadline, whole));
  // The others may have more time than this caller had.
  const bool cut_short = !outcome && outcome.error().code == Code::timeout && deadline < whole;
  if (!cut_short) lead.share(outcome);
  co_return outcome;
}

Task<Result<Shared>> Credentials::renew(const Need& need, ThreadCache& cache, net::Worker& worker,
                                        Deadline deadline) const {
  const CredentialKind& kind = kind_of(need);
  const auto generation = generation_.load(std::memory_order_acquire);
  if (kind.provider_kind.empty()) co_return co_await renew_own(need, cache, worker, deadline);
  CO_TRY(const auto provider, co_await store_.get({.account = need.place.account,
                                                   .region = need.place.region,
                                                   .kind = std::string{kind.provider_kind},
                                                   .id = need.provider}));
  if (!provider) {
    cache.drop(need.cache_key);
    co_return fail(Code::not_found,
                   fmt::format("credential provider '{}' not found", need.provider));
  }
  if (auto may = co_await check_role(need, *provider); !may) {
    cache.drop(need.cache_key);
    co_return std::unexpected(std::move(may).error());
  }
  if (auto* entry = cache.find(need.cache_key)) {
    if (entry->provider != provider->version) {
      cache.drop(need.cache_key);
    } else if (is_fresh(*entry, clock_.now())) {  // another provider changed, not this one
      entry->generation = generation;
      co_return entry->credential;
    }
  }
  auto made = co_await kind.make(need, *provider,
                                 {.secrets = secrets_,
                                  .clock = clock_,
                                  .worker = worker,
                                  .deadline = deadline,
                                  .roles = roles_});
  const Time now = clock_.now();
  if (made) {
    auto entry = entry_of(*std::move(made), need, provider->version, generation, now);
    auto credential = entry.credential;
    if (is_fresh(entry, now)) {
      cache.put(need.cache_key, std::move(entry), now);
    } else {
      cache.drop(need.cache_key);
    }
    co_return credential;
  }
  // The old token's last minute, or its last tenth, bridges a token endpoint that is away.
  auto* old = cache.find(need.cache_key);
  if (old == nullptr || old->ends <= now) co_return std::unexpected(std::move(made).error());
  log::warn("credential provider '{}': the old token serves on, no new one: {}", need.provider,
            made.error().message);
  old->generation = generation;
  old->fresh_until = std::min<Time>(old->ends, now + bounds::retry_refresh_after);
  co_return old->credential;
}

// Of a kind without a provider's document: what was made before a change is not believed after it.
Task<Result<Shared>> Credentials::renew_own(const Need& need, ThreadCache& cache,
                                            net::Worker& worker, Deadline deadline) const {
  const auto generation = generation_.load(std::memory_order_acquire);
  cache.drop(need.cache_key);
  const store::Document none;
  CO_TRY(auto made, co_await kind_of(need).make(need, none,
                                                {.secrets = secrets_,
                                                 .clock = clock_,
                                                 .worker = worker,
                                                 .deadline = deadline,
                                                 .roles = roles_}));
  const Time now = clock_.now();
  auto entry = entry_of(std::move(made), need, none.version, generation, now);
  auto credential = entry.credential;
  if (is_fresh(entry, now)) cache.put(need.cache_key, std::move(entry), now);
  co_return credential;
}

void Credentials::refused(const Need& need, const net::Credential& credential,
                          net::Worker& worker) const {
  auto& cache = worker.local<ThreadCache>();
  const auto* entry = cache.find(need.cache_key);
  // Another call may have replaced it already: the new one was not refused.
  if (entry != nullptr && entry->credential.get() == &credential) cache.drop(need.cache_key);
}

}  // namespace toolgate::credentials
