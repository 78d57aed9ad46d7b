#include "store/memory/memory_store.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <tuple>

#include "crypto/hash.h"
#include "store/memory/job_table.h"
#include "store/page_token.h"
#include "store/rules.h"

namespace toolgate::store {
namespace {

// Account, region, kind, parent and name.
using NamePlace = std::tuple<std::string, std::string, std::string, std::string, std::string>;

NamePlace place_of(const Key& scope, std::string_view parent, const std::string& name) {
  return {scope.account, scope.region, scope.kind, std::string{parent}, name};
}
NamePlace place_of(const Name& name) {
  return place_of(name.owner, parent_of(name.owner.id), name.name);
}

bool same_listing(const Key& prefix, const Key& key) {
  return key.account == prefix.account && key.region == prefix.region && key.kind == prefix.kind &&
         key.id.starts_with(prefix.id);
}

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(const Clock& clock) : clock_{clock} {}

  Task<Result<Version>> commit(Batch batch) override {
    CO_TRY_DO(check(batch));
    Result<Version> made = write(std::move(batch), clock_.now());
    if (made) deliver();
    co_return made;
  }

  Task<Result<std::optional<Document>>> get(Key key) override {
    CO_TRY_DO(check(key));
    const std::lock_guard lock{mutex_};
    const auto found = documents_.find(key);
    if (found == documents_.end()) co_return std::nullopt;
    co_return found->second;
  }

  Task<Result<Page>> list(Key prefix, std::size_t limit, std::string after) override {
    CO_TRY_DO(check_listing(prefix));
    std::string last_id;
    if (!after.empty()) {
      CO_TRY(last_id, tokens_.read(prefix, after));
    }
    co_return read_page(prefix, std::max<std::size_t>(limit, 1), last_id);
  }

  Task<Result<Page>> list_behind(Key prefix, std::size_t limit, std::string last_id) override {
    CO_TRY_DO(check_listing(prefix));
    if (last_id < prefix.id) last_id.clear();
    co_return read_page(prefix, std::max<std::size_t>(limit, 1), last_id);
  }

  Task<Result<std::vector<Key>>> keys_of(std::string kind) override {
    CO_TRY_DO(check_part("kind", kind));
    const std::lock_guard lock{mutex_};
    std::vector<Key> keys;
    for (const auto& [key, document] : documents_) {
      if (key.kind == kind) keys.push_back(key);
    }
    co_return keys;
  }

  Task<Result<std::optional<Key>>> owner_of(Key scope, std::string name) override {
    const std::lock_guard lock{mutex_};
    const auto found = names_.find(place_of(scope, scope.id, name));
    if (found == names_.end()) co_return std::nullopt;
    co_return found->second;
  }

  Task<Result<std::optional<Idempotency>>> find_idempotent(std::string scope,
                                                           std::string token) override {
    const std::lock_guard lock{mutex_};
    const auto found = answers_.find({scope, token});
    if (found == answers_.end() || expired(found->second, clock_.now())) co_return std::nullopt;
    co_return found->second.kept;
  }

  Task<Result<std::optional<Job>>> claim_job(std::string owner,
                                             std::chrono::seconds lease_for) override {
    const std::lock_guard lock{mutex_};
    co_return jobs_.claim(owner, clock_.now(), lease_for);
  }

  Task<Result<void>> renew_job(const Job& job, std::chrono::seconds lease_for) override {
    const std::lock_guard lock{mutex_};
    co_return jobs_.renew(job, clock_.now() + lease_for);
  }

  Task<Result<void>> release_leases() override {
    const std::lock_guard lock{mutex_};
    jobs_.release_leases(clock_.now());
    co_return Result<void>{};
  }

  Task<Result<void>> postpone_job(const Job& job, Time not_before) override {
    const std::lock_guard lock{mutex_};
    co_return jobs_.postpone(job, not_before);
  }

  void on_change(Listener listener) override { listener_ = std::move(listener); }
  [[nodiscard]] Version version() const override { return version_.load(); }

 private:
  struct Answer {
    Idempotency kept;
    Time made;
  };
  struct Commit {
    Version version = 0;
    std::vector<Change> changes;
  };

  static bool expired(const Answer& answer, Time now) {
    return answer.made + idempotency_kept_for <= now;
  }

  Result<Page> read_page(const Key& prefix, std::size_t limit, const std::string& last_id) {
    const std::lock_guard lock{mutex_};
    Key from = prefix;
    if (!last_id.empty()) from.id = last_id;
    auto at = last_id.empty() ? documents_.lower_bound(from) : documents_.upper_bound(from);
    Page page;
    std::size_t bytes = 0;
    for (; at != documents_.end() && same_listing(prefix, at->first); ++at) {
      if (page.documents.size() == limit || bytes > page_bytes_max) {
        page.next = tokens_.make(prefix, page.documents.back().key.id);
        break;
      }
      bytes += at->second.body.size();
      page.documents.push_back(at->second);
    }
    return page;
  }

  // Checks everything before it changes anything.
  Result<Version> write(Batch batch, Time now) {
    const std::lock_guard lock{mutex_};
    TRY_DO(check_token(batch, now));
    for (const auto& wanted : batch.preconditions) {
      if (!holds(wanted)) return precondition_failed(wanted);
    }
    if (batch.job_done && !jobs_.is_leased(*batch.job_done)) return lease_lost();
    TRY_DO(check_claims(batch));

    const Version version = version_.load() + 1;
    if (batch.job_done) jobs_.remove(batch.job_done->id);
    auto changes = change_documents(batch, version);
    for (auto& job : batch.jobs) jobs_.add(std::move(job), now);
    if (batch.idempotency) {
      auto& answer = answers_[{batch.idempotency->scope, batch.idempotency->token}];
      answer = {.kept = *std::move(batch.idempotency), .made = now};
    }
    version_.store(version);
    undelivered_.push_back({.version = version, .changes = std::move(changes)});
    return version;
  }

  Result<void> check_token(const Batch& batch, Time now) const {
    if (!batch.idempotency) return {};
    const auto found = answers_.find({batch.idempotency->scope, batch.idempotency->token});
    if (found != answers_.end() && !expired(found->second, now)) return token_used();
    return {};
  }

  [[nodiscard]] bool holds(const Precondition& wanted) const {
    const auto found = documents_.find(wanted.key);
    switch (wanted.holds) {
      case Precondition::Holds::absent:
        return found == documents_.end();
      case Precondition::Holds::present:
        return found != documents_.end();
      case Precondition::Holds::at_version:
        return found != documents_.end() && found->second.version == wanted.version;
      case Precondition::Holds::no_children: {
        const auto first = documents_.lower_bound(wanted.key);
        return first == documents_.end() || !same_listing(wanted.key, first->first);
      }
    }
    return false;
  }

  [[nodiscard]] Result<void> check_claims(const Batch& batch) const {
    std::map<NamePlace, Key> claimed;
    for (const auto& claim : batch.claims) {
      const auto place = place_of(claim);
      const auto [own, fresh] = claimed.try_emplace(place, claim.owner);
      if (!fresh && own->second != claim.owner) return name_taken(claim.name);
      const auto held = names_.find(place);
      if (held == names_.end() || held->second == claim.owner) continue;
      const auto is_holder = [&](const Key& key) { return key == held->second; };
      const auto gives_up = [&](const Name& name) {
        return name.owner == held->second && name.name == claim.name;
      };
      if (!std::ranges::any_of(batch.deletes, is_holder) &&
          !std::ranges::any_of(batch.releases, gives_up)) {
        return name_taken(claim.name);
      }
    }
    return {};
  }

  std::vector<Change> change_documents(Batch& batch, Version version) {
    std::map<Key, bool> deleted;
    for (const auto& key : batch.deletes) {
      if (documents_.erase(key) > 0) deleted[key] = true;
      std::erase_if(names_, [&](const auto& name) { return name.second == key; });
    }
    for (const auto& name : batch.releases) {
      const auto held = names_.find(place_of(name));
      if (held != names_.end() && held->second == name.owner) names_.erase(held);
    }
    for (auto& name : batch.claims) names_.insert_or_assign(place_of(name), std::move(name.owner));
    for (auto& put : batch.puts) {
      deleted[put.key] = false;
      auto& document = documents_[put.key];
      document = {.key = std::move(put.key), .version = version, .body = std::move(put.body)};
    }
    std::vector<Change> changes;
    for (const auto& [key, gone] : deleted) {
      changes.push_back({.version = version, .key = key, .deleted = gone});
    }
    return changes;
  }

  // One thread at a time delivers; another's commit is left to it. A listener may so call the
  // store.
  void deliver() {
    std::unique_lock lock{mutex_};
    if (delivering_) return;
    delivering_ = true;
    while (!undelivered_.empty()) {
      const Commit commit = std::move(undelivered_.front());
      undelivered_.pop_front();
      lock.unlock();
      if (listener_) listener_(commit.version, commit.changes);
      lock.lock();
    }
    delivering_ = false;
  }

  const Clock& clock_;
  const PageTokens tokens_{crypto::random_bytes(page_token_key_bytes)};
  Listener listener_;
  std::atomic<Version> version_{0};

  std::mutex mutex_;  // guards what follows
  std::map<Key, Document> documents_;
  std::map<NamePlace, Key> names_;
  std::map<std::pair<std::string, std::string>, Answer> answers_;
  JobTable jobs_;
  std::deque<Commit> undelivered_;
  bool delivering_ = false;
};

}  // namespace

std::unique_ptr<Store> make_memory_store(const Clock& clock) {
  return std::make_unique<MemoryStore>(clock);
}

}  // namespace toolgate::store
