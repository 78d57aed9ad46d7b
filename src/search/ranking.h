// Which documents answer a request best: what their words say, and where there are vectors, what
// their meaning says, weighed as was measured (docs/search.md).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "search/index.h"
#include "search/vectors.h"

namespace toolgate::search {

struct Hit {
  std::size_t doc = 0;  // its position in the vector that the index was built from
  double score = 0;     // above 0, at most 1; comparable within one answer only
  // Of what it is made, each for the whole request and its best part together.
  float relevance = 0;  // of the words, 1 for the best document
  float coverage = 0;
  float cosine = 0;
};

struct Request {
  std::vector<std::string> parts;  // of parts_of: the whole first
  std::vector<Vector> vectors;     // of the parts; empty: by words alone
  std::size_t limit = 10;
  // Whether a document may be shown; empty: all may.
  std::function<bool(std::size_t doc)> admits;
};

// Best first; ties in order of document. `table` has the index's documents in its order; null: by
// words alone. A document that shares no word with the request must be near it in meaning.
[[nodiscard]] std::vector<Hit> rank(const Index& index, const VectorTable* table,
                                    const Request& request);

}  // namespace toolgate::search
