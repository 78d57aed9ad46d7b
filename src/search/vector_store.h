// Where vectors are kept between starts: a gateway's, in some documents of the store, by the hash
// of text and model. Losing one costs its computation, nothing else.
#pragma once

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "search/text_hash.h"
#include "search/vectors.h"
#include "store/store.h"

namespace toolgate::search {

using KnownVectors = std::unordered_map<TextId, Vector, TextIdHash>;

// Any thread. Store and pool outlive the object.
class VectorStore {
 public:
  VectorStore(store::Store& store, Offload& offload) : store_{store}, offload_{offload} {}

  // All of a gateway; what cannot be read is left out.
  Task<Result<KnownVectors>> load(store::Key gateway);
  // Which of the gateway's documents holds the vector of a text.
  [[nodiscard]] static std::size_t place_of(const TextId& id);
  static constexpr std::size_t places = 32;
  // Replaces one of them. Fails with Code::conflict when the gateway is gone.
  Task<Result<void>> save(store::Key gateway, std::size_t place, KnownVectors vectors);
  // The gateway was deleted.
  Task<Result<void>> forget(store::Key gateway);

 private:
  store::Store& store_;
  Offload& offload_;
};

}  // namespace toolgate::search
