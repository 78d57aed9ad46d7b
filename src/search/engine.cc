#include "search/engine.h"

#include <atomic>

#include <fmt/format.h>

#include "base/log.h"
#include "search/indexer.h"
#include "search/parts.h"
#include "search/query_cache.h"

namespace toolgate::search {
namespace {

// A service that embeds must answer a query by then; words alone are better than waiting.
constexpr auto query_timeout = std::chrono::seconds{2};
// 2,000 queries of two parts are 2 MB.
constexpr std::size_t cached_queries_max = 2'000;
// Up to as many documents are ranked where they are asked for: it takes some microseconds.
constexpr std::size_t inline_docs_max = 500;

}  // namespace

struct Engine::Impl {
  explicit Impl(Options given)
      : store{given.store},
        offload{given.offload},
        embedder{std::move(given.embedder)},
        indexer{std::make_shared<Indexer>(Indexer::Options{.store = store,
                                                           .offload = offload,
                                                           .worker = given.background,
                                                           .embedder = embedder.get()})} {}

  store::Store* store;
  Offload* offload;
  std::unique_ptr<Embedder> embedder;
  std::shared_ptr<Indexer> indexer;
  QueryCache queries{cached_queries_max};
  std::atomic<std::uint64_t> by_meaning = 0;
  std::atomic<std::uint64_t> by_words = 0;
  std::atomic<std::uint64_t> query_failures = 0;
  std::atomic<std::uint64_t> query_hits = 0;

  // Once: it would be said of every query.
  void tell_of_width(std::size_t of_query, std::size_t of_tools) {
    if (told_of_width.test_and_set()) return;
    log::warn(
        "search: the embedder gives vectors of {} numbers, those of the tools have {}: until "
        "the tools change, or --embeddings-model has another name, search goes by words",
        of_query, of_tools);
  }
  std::atomic_flag told_of_width;

  void count_failure(const Error& error) {
    ++query_failures;
    log::debug("search: a query by words alone: {} {}", error.message, error.detail);
  }
};

Engine::Engine(Options options) : impl_{std::make_shared<Impl>(std::move(options))} {}
Engine::~Engine() { stop(); }

Words Engine::words() const { return impl_->embedder ? Words::beside_meaning : Words::alone; }

void Engine::add(std::shared_ptr<Finder> finder) {
  if (impl_->embedder) impl_->indexer->add(std::move(finder));
}

void Engine::forget(const store::Key& gateway) {
  if (impl_->embedder) impl_->indexer->forget(gateway);
}

Task<std::vector<Hit>> Engine::find(std::shared_ptr<const Finder> finder, Question question,
                                    net::Worker& worker) {
  const auto impl = impl_;
  Request request{.parts = parts_of(question.query),
                  .vectors = {},
                  .limit = question.limit,
                  .admits = std::move(question.admits)};
  auto vectors = impl->embedder ? finder->vectors() : nullptr;
  if (vectors && vectors->table.size() == 0) vectors = nullptr;  // nothing to compare with
  std::vector<Hit> hits;
  const auto rank_all = [&] {
    ++(request.vectors.empty() ? impl->by_words : impl->by_meaning);
    hits = rank(finder->index(), vectors ? &vectors->table : nullptr, request);
    if (question.found) question.found(hits);
    return true;
  };
  if (!vectors) {
    if (finder->index().size() <= inline_docs_max) {
      rank_all();
    } else {
      co_await impl->offload->run(rank_all);
    }
    co_return hits;
  }
  auto known = impl->queries.find(question.query);
  if (known && known->front().values.size() != vectors->table.width()) known.reset();
  if (known) ++impl->query_hits;
  if (known) request.vectors = *std::move(known);
  // Ranked where the vectors are made: another thread would have to be woken up for it.
  const auto use = [&](Result<std::vector<Vector>> made) {
    // A service may change what a model's name stands for.
    const auto width = vectors->table.width();
    if (made && !made->empty() && made->front().values.size() != width) {
      impl->tell_of_width(made->front().values.size(), width);
      made = fail(Code::upstream, "the query's vector is of another length than the tools'");
    }
    if (!made) impl->count_failure(made.error());
    if (made && !made->empty()) {
      impl->queries.add(question.query, *made);
      request.vectors = *std::move(made);
    }
    rank_all();
  };
  std::vector<std::string> asked;
  if (request.vectors.empty()) asked = request.parts;
  co_await impl->embedder->embed_query(std::move(asked), use, worker, within(query_timeout),
                                       *impl->offload);
  co_return hits;
}

std::string Engine::exposition() const {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                       std::uint64_t value) {
    fmt::format_to(std::back_inserter(out),
                   "# HELP toolgate_search_{0} {1}\n# TYPE toolgate_search_{0} {2}\n"
                   "toolgate_search_{0} {3}\n",
                   name, help, type, value);
  };
  const auto& indexed = impl_->indexer->counts();
  add("embedder", "gauge", "1 when tools can be found by meaning", impl_->embedder ? 1 : 0);
  add("by_meaning_total", "counter", "Searches by words and meaning", impl_->by_meaning);
  add("by_words_total", "counter", "Searches by words alone", impl_->by_words);
  add("query_failures_total", "counter",
      "Queries whose vector could not be had, or is of another length than the tools'",
      impl_->query_failures);
  add("query_cache_hits_total", "counter", "Queries whose vector was known", impl_->query_hits);
  add("embedded_total", "counter", "Tools whose vector was made", indexed.embedded);
  add("embedding_failures_total", "counter", "Failed attempts to make tools' vectors",
      indexed.failures);
  add("waiting", "gauge", "Tools that wait for their vectors", indexed.waiting);
  return out;
}

void Engine::stop() {
  impl_->indexer->stop();
  if (impl_->embedder) impl_->embedder->stop();
}

}  // namespace toolgate::search
