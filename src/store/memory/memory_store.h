// The store in memory: the double that other rooms' tests use. Nothing survives.
#pragma once

#include <memory>

#include "base/clock.h"
#include "store/store.h"

namespace toolgate::store {

[[nodiscard]] std::unique_ptr<Store> make_memory_store(const Clock& clock);

}  // namespace toolgate::store
