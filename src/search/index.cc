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

// BM25F, with the weights that did best on a set of 1,998 tools and 2,135 requests
// (docs/search.md).
enum Field : std::uint8_t { prefix, name, description, parameter_name, parameter_description };
using Weights = std::array<float, 5>;
constexpr Weights alone{0.1F, 2.0F, 1.0F, 0.5F, 0.5F};
constexpr Weights beside_meaning{0.1F, 1.0F, 1.0F, 0.5F, 0.5F};
constexpr float saturation = 1.2F;  // k1
constexpr std::size_t fields_count = 5;
constexpr float length_share = 0.6F;  // b
// A document's terms beyond these are left out: what is longer is no description of a tool.
constexpr std::size_t field_terms_max = 4'096;
// A query's terms beyond these are left out: requests have tens of words.
constexpr std::size_t query_terms_max = 256;

using Term = std::uint32_t;
using Position = std::uint32_t;

// While building: a document and the term's weighted frequency in it.
struct Found {
  Position doc = 0;
  float frequency = 0;
};

// What a term adds to the score of a document: so many steps, `step` of the term each. A document
// is told by its distance from the posting before, the first one's from the beginning; one that is
// further than that can hold comes behind some postings of nothing.
struct Posting {
  std::uint16_t distance = 0;
  std::uint16_t steps = 0;
};
constexpr Position distance_max = std::numeric_limits<std::uint16_t>::max();
constexpr float steps_max = std::numeric_limits<std::uint16_t>::max();

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
  std::vector<float> rarities;  // of the terms
  std::vector<float> steps;     // of the terms
  std::size_t docs_count = 0;

  // Calls use(doc, steps) for every document that has the term, in order.
  template <class Use>
  void each(Term term, Use use) const {
    Position doc = 0;
    for (auto i = begins[term]; i < begins[term + 1]; ++i) {
      doc += postings[i].distance;
      if (postings[i].steps > 0) use(doc, postings[i].steps);
    }
  }

  // Adds a term's documents.
  void add(const std::vector<Found>& found) {
    begins.push_back(static_cast<std::uint32_t>(postings.size()));
    rarities.push_back(rarity(found.size()));
    const auto score = [&](float frequency) {
      return rarities.back() * frequency * (saturation + 1) / (saturation + frequency);
    };
    float largest = 0;
    for (const Found& one : found) largest = std::max(largest, one.frequency);
    steps.push_back(score(largest) / steps_max);
    Position last = 0;
    for (const Found& one : found) {
      for (; one.doc - last > distance_max; last += distance_max) {
        postings.push_back({.distance = distance_max, .steps = 0});
      }
      const float count = std::round(score(one.frequency) / steps.back());
      postings.push_back({.distance = static_cast<std::uint16_t>(one.doc - last),
                          .steps = static_cast<std::uint16_t>(std::max(count, 1.F))});
      last = one.doc;
    }
  }

  // The rarity of a term that so many documents have.
  [[nodiscard]] float rarity(std::size_t found) const {
    const auto count = static_cast<float>(docs_count);
    const auto with = static_cast<float>(found);
    return std::log(1 + (count - with + 0.5F) / (with + 0.5F));
  }
};

namespace {

class Builder {
 public:
  explicit Builder(std::size_t docs_count) { lengths_.resize(docs_count); }

  void add(Position position, const Doc& doc) {
    add_text(position, prefix, doc.prefix);
    add_text(position, name, doc.name);
    add_text(position, description, doc.description);
    for (const auto& one : doc.parameters) add_text(position, parameter_name, one.name);
    for (const auto& one : doc.parameters) {
      add_text(position, parameter_description, one.description);
    }
    ends_.push_back(occurrences_.size());
  }

  // Leaves the terms for the index.
  TextMap<Term> take_terms() { return std::move(terms_); }

  // Per term, the documents in order with the term's weighted frequency in each.
  std::vector<std::vector<Found>> found(const Weights& fields) {
    std::array<float, fields_count> mean{};
    for (const auto& lengths : lengths_) {
      for (std::size_t f = 0; f < mean.size(); ++f) mean[f] += static_cast<float>(lengths[f]);
    }
    for (float& one : mean) one /= static_cast<float>(std::max<std::size_t>(lengths_.size(), 1));
    std::vector<std::vector<Found>> found(terms_.size());
    std::size_t at = 0;
    for (Position doc = 0; doc < ends_.size(); ++doc) {
      std::array<float, fields_count> step{};
      for (std::size_t f = 0; f < step.size(); ++f) {
        const float relative = static_cast<float>(lengths_[doc][f]) / std::max(mean[f], 1e-6F);
        step[f] = fields[f] / (1 - length_share + length_share * relative);
      }
      for (; at < ends_[doc]; ++at) {
        auto& list = found[occurrences_[at].term];
        if (list.empty() || list.back().doc != doc) list.push_back({.doc = doc, .frequency = 0});
        list.back().frequency += step[occurrences_[at].field];
      }
    }
    occurrences_ = {};
    return found;
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
  std::vector<std::array<std::uint32_t, fields_count>> lengths_;
};

}  // namespace

std::shared_ptr<const Index> Index::build(std::size_t count, const DocSource& docs, Words words) {
  Builder builder{count};
  for (std::size_t i = 0; i < count; ++i) builder.add(static_cast<Position>(i), docs(i));
  auto impl = std::make_shared<Impl>();
  impl->docs_count = count;
  auto found = builder.found(words == Words::alone ? alone : beside_meaning);
  std::size_t postings = 0;
  for (const auto& list : found) postings += list.size();
  impl->postings.reserve(postings);
  for (auto& list : found) {
    impl->add(list);
    list = {};
  }
  impl->begins.push_back(static_cast<std::uint32_t>(impl->postings.size()));
  impl->terms = builder.take_terms();
  std::shared_ptr<Index> index{new Index};
  index->impl_ = std::move(impl);
  return index;
}

std::shared_ptr<const Index> Index::build(const std::vector<Doc>& docs, Words words) {
  return build(docs.size(), [&](std::size_t i) { return docs[i]; }, words);
}

namespace {

// A query's words, each once: people repeat themselves, tools do not.
struct Asked {
  std::vector<Term> terms;  // that the index has
  std::size_t unknown = 0;  // words that no document has
};

bool is_number(std::string_view word) {
  return word.find_first_not_of("0123456789") == std::string_view::npos;
}

// The words that say what is wanted. Numbers are values, and match examples in descriptions of
// parameters: they count only where there is nothing else.
std::vector<std::string> telling_words(std::string_view query) {
  std::vector<std::string> words = split_words(query);
  std::erase_if(words, is_stop_word);
  if (!std::ranges::all_of(words, is_number)) std::erase_if(words, is_number);
  return words;
}

Asked read_query(std::string_view query, const TextMap<Term>& known) {
  Asked asked;
  std::vector<std::string> strangers;
  for (const auto& word : telling_words(query)) {
    if (asked.terms.size() + strangers.size() == query_terms_max) break;
    auto stemmed = stem(word);
    if (const auto term = known.find(stemmed); term != known.end()) {
      asked.terms.push_back(term->second);
    } else {
      strangers.push_back(std::move(stemmed));
    }
  }
  std::ranges::sort(asked.terms);
  asked.terms.erase(std::ranges::unique(asked.terms).begin(), asked.terms.end());
  std::ranges::sort(strangers);
  strangers.erase(std::ranges::unique(strangers).begin(), strangers.end());
  asked.unknown = strangers.size();
  return asked;
}

}  // namespace

WordScores Index::score(std::string_view query) const {
  const Asked asked = read_query(query, impl_->terms);
  WordScores scores{.relevance = std::vector<float>(impl_->docs_count),
                    .coverage = std::vector<float>(impl_->docs_count)};
  float whole = static_cast<float>(asked.unknown) * impl_->rarity(0);
  for (const Term term : asked.terms) whole += impl_->rarities[term];
  for (const Term term : asked.terms) {
    const float share = impl_->rarities[term] / whole;
    const float step = impl_->steps[term];
    impl_->each(term, [&](Position doc, std::uint16_t steps) {
      scores.relevance[doc] += step * static_cast<float>(steps);
      scores.coverage[doc] += share;
    });
  }
  return scores;
}

std::vector<std::string> Index::matched(std::string_view query, std::size_t doc) const {
  std::vector<std::string> words;
  const Asked asked = read_query(query, impl_->terms);
  for (const auto& [word, term] : impl_->terms) {
    if (!std::ranges::binary_search(asked.terms, term)) continue;
    impl_->each(term, [&](Position has, std::uint16_t) {
      if (has == doc) words.push_back(word);
    });
  }
  std::ranges::sort(words);
  return words;
}

std::size_t Index::size() const { return impl_->docs_count; }

}  // namespace toolgate::search
