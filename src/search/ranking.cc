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
  // The whole request comes first; it is its own best part.
  void add(std::vector<float> scores) {
    if (whole_.empty()) {
      whole_ = std::move(scores);
      return;
    }
    if (best_.empty()) best_ = whole_;
    for (std::size_t i = 0; i < best_.size(); ++i) best_[i] = std::max(best_[i], scores[i]);
  }
  [[nodiscard]] float operator[](std::size_t doc) const {
    if (whole_.empty()) return 0;
    if (best_.empty()) return whole_[doc];
    return (1 - part_weight) * whole_[doc] + part_weight * best_[doc];
  }

 private:
  std::vector<float> whole_;
  std::vector<float> best_;  // empty while there is one part
};

bool is_better(const Hit& a, const Hit& b) {
  return a.score != b.score ? a.score > b.score : a.doc < b.doc;
}

// The best of many, without keeping the others: a heap whose front is the worst of them.
class Best {
 public:
  explicit Best(std::size_t limit) : limit_{limit} {}

  void add(const Hit& hit) {
    if (limit_ == 0) return;
    if (hits_.size() == limit_) {
      if (!is_better(hit, hits_.front())) return;
      std::ranges::pop_heap(hits_, is_better);
      hits_.pop_back();
    }
    hits_.push_back(hit);
    std::ranges::push_heap(hits_, is_better);
  }
  std::vector<Hit> take() {
    std::ranges::sort(hits_, is_better);
    return std::move(hits_);
  }

 private:
  std::size_t limit_;
  std::vector<Hit> hits_;
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
  Scores relevance;
  Scores coverage;
  Scores cosine;
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
  Best best{request.limit};
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
    if (hit.score > 0) best.add(hit);
  }
  return best.take();
}

}  // namespace toolgate::search
