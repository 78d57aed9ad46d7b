// A tool's input schema, compiled when somebody first asks: of a large catalogue most tools are
// never called, and a compiled schema takes some kilobytes.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "json/schema.h"

namespace toolgate::gateway {

// Any thread; moved only before it is shared.
class LazySchema {
 public:
  LazySchema() = default;
  LazySchema(LazySchema&& other) noexcept : made_{other.made_.exchange(nullptr)} {}
  LazySchema& operator=(LazySchema&&) = delete;
  ~LazySchema() { delete made_.load(); }

  // Null until keep() was called.
  [[nodiscard]] const std::optional<json::Schema>* get() const {
    return made_.load(std::memory_order_acquire);
  }
  // Nothing: it is no schema. What the first of several callers gives is kept.
  const std::optional<json::Schema>& keep(std::optional<json::Schema> schema) const {
    auto fresh = std::make_unique<const std::optional<json::Schema>>(std::move(schema));
    const std::optional<json::Schema>* kept = nullptr;
    if (made_.compare_exchange_strong(kept, fresh.get(), std::memory_order_acq_rel)) {
      kept = fresh.release();
    }
    return *kept;
  }

 private:
  mutable std::atomic<const std::optional<json::Schema>*> made_ = nullptr;
};

}  // namespace toolgate::gateway
