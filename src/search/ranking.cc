#include "search/ranking.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace toolgate::search {
namespace {

// The cosine's weight is 1.
constexpr float relevance_weight = 0.30F;
constexpr float coverage_weight = 0.10F;
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
  // Zeros if nothing was added.
  std::vector<float> take(std::size_t count) {
    if (whole_.empty()) return std::vector<float>(count);
    for (std::size_t i = 0; i < best_.size(); ++i) {
      whole_[i] = (1 - part_weight) * whole_[i] + part_weight * best_[i];
    }
    return std::move(whole_);
  }

 private:
  std::vector<float> whole_;
  std::vector<float> best_;  // empty while there is one part
};

bool is_better(const Hit& a, const Hit& b) {
  return a.score != b.score ? a.score > b.score : a.doc < b.doc;
}

// The best of many, without keeping the others: a heap whose front is the worst of them. They come
// in order of document.
class Best {
 public:
  explicit Best(std::size_t limit) : limit_{limit} {}

  // What a score must be above to be among them.
  [[nodiscard]] float least() const { return least_; }

  void add(const Hit& hit) {
    if (limit_ == 0) return;
    if (hits_.size() == limit_) {
      std::ranges::pop_heap(hits_, is_better);
      hits_.pop_back();
    }
    hits_.push_back(hit);
    std::ranges::push_heap(hits_, is_better);
    if (hits_.size() == limit_) least_ = static_cast<float>(hits_.front().score);
  }
  std::vector<Hit> take() {
    std::ranges::sort(hits_, is_better);
    return std::move(hits_);
  }

 private:
  std::size_t limit_;
  float least_ = 0;
  std::vector<Hit> hits_;
};

// So that the best document has 1.
void normalize(std::vector<float>& scores) {
  // Floats that are not negative are ordered as their bits are, and integers have a vector maximum.
  std::uint32_t largest_bits = 0;
  for (const float score : scores) {
    largest_bits = std::max(largest_bits, std::bit_cast<std::uint32_t>(score));
  }
  const auto largest = std::bit_cast<float>(largest_bits);
  if (largest <= 0) return;
  for (float& score : scores) score /= largest;
}

// What every document has of the three, weighed.
struct Weighed {
  std::vector<float> relevance, coverage, cosine;
  std::vector<float> sums;  // 0: no answer
};

Weighed weigh(const Index& index, const VectorTable* table, const Request& request) {
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
  if (table != nullptr) {
    for (const auto& vector : request.vectors) {
      std::vector<float> cosines(count);
      table->cosines(vector, cosines);
      cosine.add(std::move(cosines));
    }
  }
  Weighed all{.relevance = relevance.take(count),
              .coverage = coverage.take(count),
              .cosine = cosine.take(count),
              .sums = std::vector<float>(count)};
  for (std::size_t doc = 0; doc < count; ++doc) {
    const float relevant = all.relevance[doc];
    const float near = all.cosine[doc];
    const bool answers = relevant > 0 || near >= cosine_min;
    const float sum = relevance_weight * relevant + coverage_weight * all.coverage[doc] + near;
    all.sums[doc] = answers ? sum : 0.F;
  }
  return all;
}

}  // namespace

std::vector<Hit> rank(const Index& index, const VectorTable* table, const Request& request) {
  const bool by_meaning = table != nullptr && !request.vectors.empty() &&
                          table->size() == index.size() &&
                          std::ranges::all_of(request.vectors, [&](const Vector& vector) {
                            return vector.values.size() == table->width();
                          });
  const Weighed all = weigh(index, by_meaning ? table : nullptr, request);
  const float whole = relevance_weight + coverage_weight + (by_meaning ? 1.F : 0.F);
  Best best{request.limit};
  for (std::size_t doc = 0; doc < all.sums.size(); ++doc) {
    // Almost all end here.
    if (all.sums[doc] <= best.least()) continue;
    if (request.admits && !request.admits(doc)) continue;
    best.add({.doc = doc,
              .score = all.sums[doc],
              .relevance = all.relevance[doc],
              .coverage = all.coverage[doc],
              .cosine = all.cosine[doc]});
  }
  auto hits = best.take();
  for (Hit& hit : hits) hit.score /= whole;
  return hits;
}

}  // namespace toolgate::search
