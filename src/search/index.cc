#include "search/index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "search/stem.h"
#include "search/words.h"

namespace toolgate::search {
namespace {

// BM25F, with the weights that did best on a set of 1,998 tools and 2,135 requests.
constexpr float saturation = 1.2F;    // k1
constexpr float length_share = 0.6F;  // b
enum Field : std::uint8_t { prefix, name, description, parameter_name, parameter_description };
constexpr std::array<float, 5> weights{0.1F, 2.0F, 1.0F, 0.5F, 0.5F};
// A document's terms beyond these are left out: what is longer is no description of a tool.
constexpr std::size_t field_terms_max = 4'096;
// A query's terms beyond these are left out: requests have tens of words.
constexpr std::size_t query_terms_max = 256;

using Term = std::uint32_t;
using Position = std::uint32_t;

struct Posting {
  Position doc = 0;
  float value = 0;  // while building: the weighted frequency; then: what the term adds to a score
};

struct Occurrence {
  Term term = 0;
  Field field = prefix;
};

}  // namespace

struct Index::Impl {
  TextMap<Term> terms;
  // The postings of a term stand between its begin and the next one's.
  std::vector<std::uint32_t> begins;
  std::vector<Posting> postings;
  std::size_t docs_count = 0;
};

namespace {

class Builder {
 public:
  explicit Builder(std::size_t docs_count) { lengths_.resize(docs_count); }

  void add(Position position, const Doc& doc) {
    add_text(position, prefix, doc.prefix);
    add_text(position, name, doc.name);
    add_text(position, description, doc.description);
    for (const auto& text : doc.parameter_names) add_text(position, parameter_name, text);
    for (const auto& text : doc.parameter_descriptions) {
      add_text(position, parameter_description, text);
    }
    ends_.push_back(occurrences_.size());
  }

  // Leaves the terms for the index.
  TextMap<Term> take_terms() { return std::move(terms_); }

  // Per term, the documents in order with the term's weighted frequency in each.
  std::vector<std::vector<Posting>> postings() {
    std::array<float, weights.size()> mean{};
    for (const auto& lengths : lengths_) {
      for (std::size_t f = 0; f < mean.size(); ++f) mean[f] += static_cast<float>(lengths[f]);
    }
    for (float& one : mean) one /= static_cast<float>(std::max<std::size_t>(lengths_.size(), 1));
    std::vector<std::vector<Posting>> postings(terms_.size());
    std::size_t at = 0;
    for (Position doc = 0; doc < ends_.size(); ++doc) {
      std::array<float, weights.size()> step{};
      for (std::size_t f = 0; f < step.size(); ++f) {
        const float relative = static_cast<float>(lengths_[doc][f]) / std::max(mean[f], 1e-6F);
        step[f] = weights[f] / (1 - length_share + length_share * relative);
      }
      for (; at < ends_[doc]; ++at) {
        auto& list = postings[occurrences_[at].term];
        if (list.empty() || list.back().doc != doc) list.push_back({.doc = doc, .value = 0});
        list.back().value += step[occurrences_[at].field];
      }
    }
    return postings;
  }

 private:
  void add_text(Position position, Field field, std::string_view text) {
    for (auto& word : split_words(text)) {
      if (lengths_[position][field] == field_terms_max) return;
      const Term term = term_of(std::move(word));
      if (term == no_term) continue;
      ++lengths_[position][field];
      occurrences_.push_back({.term = term, .field = field});
    }
  }

  // Most words have been seen before; stemming them again would be most of the work.
  Term term_of(std::string word) {
    const auto [at, fresh] = words_.try_emplace(std::move(word), no_term);
    if (fresh && !is_stop_word(at->first)) {
      const auto next = static_cast<Term>(terms_.size());
      at->second = terms_.try_emplace(stem(at->first), next).first->second;
    }
    return at->second;
  }

  static constexpr Term no_term = std::numeric_limits<Term>::max();

  TextMap<Term> terms_;
  TextMap<Term> words_;                  // as they stand in texts; no_term: a stop word
  std::vector<Occurrence> occurrences_;  // document after document
  std::vector<std::size_t> ends_;        // of each document's occurrences
  std::vector<std::array<std::uint32_t, weights.size()>> lengths_;
};

}  // namespace

std::shared_ptr<const Index> Index::build(const std::vector<Doc>& docs) {
  Builder builder{docs.size()};
  for (std::size_t i = 0; i < docs.size(); ++i) builder.add(static_cast<Position>(i), docs[i]);
  auto impl = std::make_shared<Impl>();
  impl->docs_count = docs.size();
  const auto count = static_cast<float>(docs.size());
  for (const auto& list : builder.postings()) {
    impl->begins.push_back(static_cast<std::uint32_t>(impl->postings.size()));
    const auto found = static_cast<float>(list.size());
    const float rarity = std::log(1 + (count - found + 0.5F) / (found + 0.5F));
    for (const Posting& posting : list) {
      const float frequency = posting.value;
      impl->postings.push_back(
          {.doc = posting.doc,
           .value = rarity * frequency * (saturation + 1) / (saturation + frequency)});
    }
  }
  impl->begins.push_back(static_cast<std::uint32_t>(impl->postings.size()));
  impl->terms = builder.take_terms();
  std::shared_ptr<Index> index{new Index};
  index->impl_ = std::move(impl);
  return index;
}

std::vector<Hit> Index::search(std::string_view query, std::size_t limit) const {
  // A term that the query says twice counts once: people repeat themselves, tools do not.
  std::vector<Term> terms;
  for (const auto& word : split_words(query)) {
    if (terms.size() == query_terms_max) break;
    const auto term = is_stop_word(word) ? impl_->terms.end() : impl_->terms.find(stem(word));
    if (term != impl_->terms.end()) terms.push_back(term->second);
  }
  std::ranges::sort(terms);
  terms.erase(std::ranges::unique(terms).begin(), terms.end());

  std::vector<float> scores(impl_->docs_count);
  for (const Term term : terms) {
    for (auto i = impl_->begins[term]; i < impl_->begins[term + 1]; ++i) {
      scores[impl_->postings[i].doc] += impl_->postings[i].value;
    }
  }
  std::vector<Hit> hits;
  for (std::size_t doc = 0; doc < scores.size(); ++doc) {
    if (scores[doc] > 0) hits.push_back({.doc = doc, .score = scores[doc]});
  }
  const auto best = hits.begin() + static_cast<std::ptrdiff_t>(std::min(limit, hits.size()));
  std::ranges::partial_sort(hits, best, [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.doc < b.doc;
  });
  hits.erase(best, hits.end());
  return hits;
}

}  // namespace toolgate::search
