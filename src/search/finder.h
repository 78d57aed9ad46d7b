// One gateway's tools, ready to be searched: their words from the first moment, their vectors as
// soon as the engine has them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "search/index.h"
#include "search/text_hash.h"
#include "search/vectors.h"
#include "store/store.h"

namespace toolgate::search {

// Vectors of all documents of a finder, in its order.
struct DocVectors {
  std::vector<TextId> ids;
  VectorTable table;
};

// The texts of which a finder's vectors are made, in its order. Any thread may ask.
struct Texts {
  std::size_t count = 0;
  std::function<std::string(std::size_t position)> text;
};

// Any thread. Immutable but for the vectors, which are set once.
class Finder {
 public:
  // `gateway` is the key of its document. `docs` is asked again, on any thread, until the vectors
  // are set, and is dropped then.
  Finder(store::Key gateway, std::size_t count, DocSource docs, Words words);
  Finder(store::Key gateway, const std::vector<Doc>& docs, Words words);

  [[nodiscard]] const store::Key& gateway() const { return gateway_; }
  [[nodiscard]] const Index& index() const { return *index_; }
  // Null until they are all there.
  [[nodiscard]] std::shared_ptr<const DocVectors> vectors() const { return vectors_.load(); }
  // Of which the vectors are made; null once they are set.
  [[nodiscard]] std::shared_ptr<const Texts> texts() const { return texts_.load(); }
  void set_vectors(std::shared_ptr<const DocVectors> vectors) {
    vectors_.store(std::move(vectors));
    texts_.store(nullptr);
  }

 private:
  store::Key gateway_;
  std::shared_ptr<const Index> index_;
  std::atomic<std::shared_ptr<const Texts>> texts_;
  std::atomic<std::shared_ptr<const DocVectors>> vectors_;
};

}  // namespace toolgate::search
