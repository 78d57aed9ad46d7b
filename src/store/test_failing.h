// A store that cannot be read while a test wants it so.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace toolgate::store {

class FailingStore final : public Store {
 public:
  explicit FailingStore(std::unique_ptr<Store> inner) : inner_{std::move(inner)} {}

  // Any thread.
  std::atomic<bool> fails = false;
  std::atomic<int> failures = 0;  // reads that have failed
  std::atomic<Code> code = Code::internal;

  Task<Result<std::optional<Document>>> get(Key key) override {
    if (fails) co_return failure();
    co_return co_await inner_->get(std::move(key));
  }
  Task<Result<Page>> list(Key prefix, std::size_t limit, std::string after) override {
    if (fails) co_return failure();
    co_return co_await inner_->list(std::move(prefix), limit, std::move(after));
  }
  Task<Result<Page>> list_behind(Key prefix, std::size_t limit, std::string last_id) override {
    if (fails) co_return failure();
    co_return co_await inner_->list_behind(std::move(prefix), limit, std::move(last_id));
  }
  Task<Result<std::vector<Key>>> keys_of(std::string kind) override {
    if (fails) co_return failure();
    co_return co_await inner_->keys_of(std::move(kind));
  }
  Task<Result<std::optional<Key>>> owner_of(Key scope, std::string name) override {
    if (fails) co_return failure();
    co_return co_await inner_->owner_of(std::move(scope), std::move(name));
  }
  Task<Result<Version>> commit(Batch batch) override { return inner_->commit(std::move(batch)); }
  Task<Result<std::optional<Idempotency>>> find_idempotent(std::string scope,
                                                           std::string token) override {
    return inner_->find_idempotent(std::move(scope), std::move(token));
  }
  Task<Result<std::optional<Job>>> claim_job(std::string owner,
                                             std::chrono::seconds lease_for) override {
    return inner_->claim_job(std::move(owner), lease_for);
  }
  Task<Result<void>> renew_job(const Job& job, std::chrono::seconds lease_for) override {
    return inner_->renew_job(job, lease_for);
  }
  Task<Result<void>> release_leases() override { return inner_->release_leases(); }
  Task<Result<void>> postpone_job(const Job& job, Time not_before) override {
    return inner_->postpone_job(job, not_before);
  }
  void on_change(Listener listener) override { inner_->on_change(std::move(listener)); }
  [[nodiscard]] Version version() const override { return inner_->version(); }

 private:
  std::unexpected<Error> failure() {
    ++failures;
    return fail(code, "the store cannot be read", "a test wants it so");
  }

  std::unique_ptr<Store> inner_;
};

}  // namespace toolgate::store
