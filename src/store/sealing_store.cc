#include "store/sealing_store.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/kinds.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::store {
namespace {

// Owners change seldom: more tries than this are an error of ours.
constexpr int attempts_max = 20;
constexpr std::string_view owner_changed = "what it is sealed under has changed meanwhile";

bool is_sealable(const Batch& batch) {
  return std::ranges::any_of(batch.puts,
                             [](const Put& put) { return envelope_owner(put.key).has_value(); });
}

std::string answer_context(std::string_view scope, std::string_view token) {
  return fmt::format("idempotency/{}/{}", scope, token);
}

// The owner may not change between our look at its envelope and the write.
Precondition unchanged(const Key& owner, const std::optional<Document>& found) {
  return store::unchanged(owner, found ? found->version : 0, std::string{owner_changed});
}

}  // namespace

SealingStore::SealingStore(std::unique_ptr<Store> inner, const Keyring& keyring)
    : inner_{std::move(inner)}, keyring_{keyring} {}

Task<Result<void>> SealingStore::seal(Batch& batch) {
  std::map<Key, std::string> current;
  for (Put& put : batch.puts) {
    const auto owner = envelope_owner(put.key);
    if (!owner) continue;
    if (!current.contains(*owner)) {
      CO_TRY(const auto found, co_await inner_->get(*owner));
      if (!found && owner->kind == model::kind::gateway) {
        co_return fail(Code::conflict, "The gateway was deleted meanwhile.");
      }
      CO_TRY(const Json document, json::parse(found ? found->body : "{}"));
      current[*owner] = envelope_of(document).current;
      batch.preconditions.push_back(unchanged(*owner, found));
    }
    if (is_locked(put.body)) {
      CO_TRY(put.body, keep_sealed(put.key, put.body));
      continue;
    }
    const std::string& id = current[*owner];
    if (id.empty()) continue;
    CO_TRY(const auto data_key, keyring_.find(id));
    CO_TRY(put.body, seal_body(put.key, std::move(put.body), id, *data_key));
    if (auto& answer = batch.idempotency; answer && !is_locked(answer->answer)) {
      answer->answer =
          seal_text(answer->answer, answer_context(answer->scope, answer->token), id, *data_key);
    }
  }
  co_return Result<void>{};
}

Task<Result<Version>> SealingStore::commit(Batch batch) {
  if (!is_sealable(batch)) co_return co_await inner_->commit(std::move(batch));
  for (int attempt = 1;; ++attempt) {
    Batch sealed = batch;
    CO_TRY_DO(co_await seal(sealed));
    auto version = co_await inner_->commit(std::move(sealed));
    const bool raced = !version && version.error().message == owner_changed;
    if (!raced || attempt == attempts_max) co_return version;
  }
}

Task<Result<std::optional<Document>>> SealingStore::get(Key key) {
  CO_TRY(auto found, co_await inner_->get(key));
  if (!found || !is_locked(found->body)) co_return found;
  CO_TRY(found->body, open_body(key, std::move(found->body), keyring_));
  const bool whole = key.kind == model::kind::catalogue;
  if (whole && is_locked(found->body)) {
    CO_TRY(const Json document, json::parse(found->body));
    CO_TRY_DO(check_open(document));
  }
  co_return found;
}

Result<Page> SealingStore::open(Result<Page> page) const {
  if (!page) return page;
  for (auto& document : page->documents) {
    TRY(document.body, open_body(document.key, std::move(document.body), keyring_));
  }
  return page;
}

Task<Result<Page>> SealingStore::list(Key prefix, std::size_t limit, std::string after) {
  co_return open(co_await inner_->list(std::move(prefix), limit, std::move(after)));
}

Task<Result<Page>> SealingStore::list_behind(Key prefix, std::size_t limit, std::string last_id) {
  co_return open(co_await inner_->list_behind(std::move(prefix), limit, std::move(last_id)));
}

Task<Result<std::vector<Key>>> SealingStore::keys_of(std::string kind) {
  return inner_->keys_of(std::move(kind));
}

Task<Result<std::optional<Key>>> SealingStore::owner_of(Key scope, std::string name) {
  return inner_->owner_of(std::move(scope), std::move(name));
}

Task<Result<std::optional<Idempotency>>> SealingStore::find_idempotent(std::string scope,
                                                                       std::string token) {
  const std::string context = answer_context(scope, token);
  CO_TRY(auto found, co_await inner_->find_idempotent(std::move(scope), std::move(token)));
  if (found) {
    CO_TRY(found->answer, open_text(std::move(found->answer), context, keyring_));
  }
  co_return found;
}

Task<Result<std::optional<Job>>> SealingStore::claim_job(std::string owner,
                                                         std::chrono::seconds lease_for) {
  return inner_->claim_job(std::move(owner), lease_for);
}

Task<Result<void>> SealingStore::renew_job(const Job& job, std::chrono::seconds lease_for) {
  return inner_->renew_job(job, lease_for);
}

Task<Result<void>> SealingStore::release_leases() { return inner_->release_leases(); }

Task<Result<void>> SealingStore::postpone_job(const Job& job, Time not_before) {
  return inner_->postpone_job(job, not_before);
}

void SealingStore::on_change(Listener listener) { inner_->on_change(std::move(listener)); }

Version SealingStore::version() const { return inner_->version(); }

}  // namespace toolgate::store
