// What one SQLite transaction does: the batches of a group and their jobs. The writer's thread
// only.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace toolgate::store::sqlite {

struct Commit {
  Version version = 0;
  std::vector<Change> changes;
};

// Between BEGIN and COMMIT.
struct Transaction {
  Connection& connection;
  Version version = 0;          // of the last commit, ours or another process's
  Time now;                     // as the latest batch says
  std::vector<Commit> commits;  // of this transaction, in order
};

// Applies a batch that `check` (store/rules.h) has passed, and gives its version. On failure the
// caller rolls the statements back; the transaction's own members are then unchanged.
[[nodiscard]] Result<Version> apply(Transaction& transaction, const Batch& batch, Time now);

}  // namespace toolgate::store::sqlite
