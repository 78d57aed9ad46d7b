// The store as everybody sees it: what stands under a customer's KMS key (envelope.h) is sealed
// when it is written and opened when it is read, so that nobody can forget to. It never asks KMS
// itself: the keyring has a data key, or the document stays locked.
#pragma once

#include <memory>

#include "store/envelope.h"
#include "store/keyring.h"
#include "store/store.h"

namespace toolgate::store {

class SealingStore final : public Store {
 public:
  // `keyring` outlives it.
  SealingStore(std::unique_ptr<Store> inner, const Keyring& keyring);

  // Fails as the keyring says when the current data key is not open, beside what Store promises.
  Task<Result<Version>> commit(Batch batch) override;
  // A document that is sealed as a whole and locked: fails as the keyring says. Of others, what is
  // not secret (check_open).
  Task<Result<std::optional<Document>>> get(Key key) override;
  // As get; documents that are locked as a whole are there, without what they say.
  Task<Result<Page>> list(Key prefix, std::size_t limit, std::string after) override;
  Task<Result<Page>> list_behind(Key prefix, std::size_t limit, std::string last_id) override;
  Task<Result<std::vector<Key>>> keys_of(std::string kind) override;
  Task<Result<std::optional<Key>>> owner_of(Key scope, std::string name) override;
  Task<Result<std::optional<Idempotency>>> find_idempotent(std::string scope,
                                                           std::string token) override;
  Task<Result<std::optional<Job>>> claim_job(std::string owner,
                                             std::chrono::seconds lease_for) override;
  Task<Result<void>> renew_job(const Job& job, std::chrono::seconds lease_for) override;
  Task<Result<void>> release_leases() override;
  Task<Result<void>> postpone_job(const Job& job, Time not_before) override;
  void on_change(Listener listener) override;
  [[nodiscard]] Version version() const override;

 private:
  Task<Result<void>> seal(Batch& batch);
  Result<Page> open(Result<Page> page) const;

  std::unique_ptr<Store> inner_;
  const Keyring& keyring_;
};

}  // namespace toolgate::store
