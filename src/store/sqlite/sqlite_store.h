// The store in one SQLite file: WAL, synchronous=FULL, one writer thread with group commit.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/offload.h"
#include "base/result.h"
#include "store/store.h"

namespace toolgate::store {

// Opens or makes `path`. Fails with Code::unavailable (not a database, of a newer schema, disk).
// `clock` and `offload` (for reads) outlive the store.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Offload& offload,
                                                         const Clock& clock);

}  // namespace toolgate::store
