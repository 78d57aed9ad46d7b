#include "search/ranking.h"

#include <algorithm>

namespace toolgate::search {
namespace {

// The cosine's weight is 1.
constexpr float relevance_weight = 0.30F;
constexpr float coverage_weight = 0.15F;
// The best part of a request counts as much as the whole.
constexpr float part_weight = 0.5F;
// Below it, and without a common word, a document is no answer: unrelated texts have up to 0.1.
constexpr float cosine_min = 0.15F;

// One kind of score of every document, over the whole request and its parts.
class Scores {
 public:
  explicit Scores(std::size_t count) : whole_(count), best_(count) {}

  // The whole request comes first.
  void add(std::vector<float> scores) {
    if (first_) whole_ = scores;
    if (first_) best_ = std::move(scores);
    if (!first_) {
      for (std::size_t i = 0; i < best_.size(); ++i) best_[i] = std::max(best_[i], scores[i]);
    }
    first_ = false;
  }
  [[nodiscard]] float operator[](std::size_t doc) const {
    return (1 - part_weight) * whole_[doc] + part_weight * best_[doc];
  }

 private:
  std::vector<float> whole_;
  std::vector<float> best_;
  bool first_ = true;
};

// So that the best document has 1.
void normalize(std::vector<float>& scores) {
  if (scores.empty()) return;
  const float largest = *std::ranges::max_element(scores);
  if (largest <= 0) return;
  for (float& score : scores) score /= largest;
}

}  // namespace

std::vector<Hit> rank(const Index& index, const VectorTable* table, const Request& request) {
  const std::size_t count = index.size();
  Scores relevance{count};
  Scores coverage{count};
  Scores cosine{count};
  for (const auto& part : request.parts) {
    WordScores words = index.score(part);
    normalize(words.relevance);
    relevance.add(std::move(words.relevance));
    coverage.add(std::move(words.coverage));
  }
  const bool by_meaning = table != nullptr && !request.vectors.empty() && table->size() == count;
  if (by_meaning) {
    for (const auto& vector : request.vectors) {
      std::vector<float> cosines(count);
      table->cosines(vector, cosines);
      cosine.add(std::move(cosines));
    }
  }
  const float whole = relevance_weight + coverage_weight + (by_meaning ? 1.F : 0.F);
  std::vector<Hit> hits;
  for (std::size_t doc = 0; doc < count; ++doc) {
    Hit hit{.doc = doc,
            .score = 0,
            .relevance = relevance[doc],
            .coverage = coverage[doc],
            .cosine = cosine[doc]};
    if (hit.relevance <= 0 && hit.cosine < cosine_min) continue;
    if (request.admits && !request.admits(doc)) continue;
    const float sum =
        relevance_weight * hit.relevance + coverage_weight * hit.coverage + hit.cosine;
    hit.score = sum / whole;
    if (hit.score > 0) hits.push_back(hit);
  }
  const auto best =
      hits.begin() + static_cast<std::ptrdiff_t>(std::min(request.limit, hits.size()));
  std::ranges::partial_sort(hits, best, [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.doc < b.doc;
  });
  hits.erase(best, hits.end());
  return hits;
}

}  // namespace toolgate::search
