// Tokens that outlive the process: sealed in the store, so that a restart (or another replica) does
// not fetch them again. Losing one costs a fetch, so nothing here can fail a call.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "credentials/kinds.h"
#include "credentials/sweeper.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::credentials {

// Any thread.
class KeptTokens {
 public:
  // Both outlive the object.
  KeptTokens(store::Store& store, const store::Secrets& secrets)
      : store_{store}, secrets_{secrets} {}

  // The token that was made for this need from this version of the provider, if it lives on.
  Task<std::optional<Made>> find(const Need& need, store::Version provider, Time now) const;
  Task<void> keep(const Need& need, store::Version provider, const Made& made, Time now) const;

 private:
  store::Store& store_;
  const store::Secrets& secrets_;
  mutable Sweeper sweeper_;
};

}  // namespace toolgate::credentials
