#include "search/indexer.h"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace toolgate::search {
namespace {

// So often the new vectors are saved: a crash loses some seconds of work.
constexpr std::size_t save_every = 1'000;
constexpr auto batch_timeout = std::chrono::seconds{60};
// After failures of the embedder: twice as long each time.
constexpr auto first_pause = std::chrono::seconds{1};
constexpr auto pause_max = std::chrono::seconds{60};

// Indexing so many takes some times the memory that stays.
constexpr std::size_t many_documents = 10'000;

Task<void> sleep(std::chrono::steady_clock::duration time) {
  namespace asio = boost::asio;
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

using Rows = std::unordered_map<TextId, std::size_t, TextIdHash>;

Rows rows_of(const DocVectors* vectors) {
  Rows rows;
  if (vectors == nullptr) return rows;
  rows.reserve(vectors->ids.size());
  for (std::size_t i = 0; i < vectors->ids.size(); ++i) rows.emplace(vectors->ids[i], i);
  return rows;
}

}  // namespace

void Indexer::add(std::shared_ptr<Finder> finder) {
  const std::scoped_lock lock{mutex_};
  queue_.push_back(finder);
  begin();
}

void Indexer::forget(const store::Key& gateway) {
  const std::scoped_lock lock{mutex_};
  forgotten_.push_back(gateway);
  begin();
}

// With the mutex held.
void Indexer::begin() {
  if (working_ || stopped_) return;
  working_ = true;
  boost::asio::co_spawn(options_.worker->io(), work(shared_from_this()), boost::asio::detached);
}

Task<void> Indexer::work(std::shared_ptr<Indexer> self) {
  for (;;) {
    std::shared_ptr<Finder> finder;
    std::optional<store::Key> gone;
    {
      const std::scoped_lock lock{self->mutex_};
      if (!self->forgotten_.empty()) {
        gone = std::move(self->forgotten_.front());
        self->forgotten_.pop_front();
      } else if (self->queue_.empty() || self->stopped_) {
        self->working_ = false;
        co_return;
      } else {
        finder = self->queue_.front().lock();
        self->queue_.pop_front();
      }
    }
    if (gone) co_await self->drop(*std::move(gone));
    if (!finder) continue;  // a newer one has taken its place
    const std::string gateway = finder->gateway().id;
    const bool many = finder->index().size() >= many_documents;
    const auto done = co_await self->fill(std::move(finder));
    if (many) {
      self->options_.embedder->rest();
      co_await self->options_.offload->run([] { return ::malloc_trim(0); });
    }
    self->counts_.waiting = 0;
    if (!done) {
      log::warn("search: gateway {}: by words alone: {} {}", gateway, done.error().message,
                done.error().detail);
    }
  }
}

Task<void> Indexer::drop(store::Key gateway) {
  // Documents of a gateway that never had vectors need not be deleted.
  const bool known = known_.erase(gateway) > 0;
  if (!known) co_return;
  const auto done = co_await kept_.forget(gateway);
  if (!done) log::warn("search: gateway {}: {}", gateway.id, done.error().message);
}

Task<Result<void>> Indexer::fill(std::shared_ptr<Finder> finder) {
  Job job{.finder = std::move(finder), .texts = nullptr, .ids = {}, .missing = {}};
  job.texts = job.finder->texts();
  if (!job.texts) co_return Result<void>{};  // it has its vectors
  Known& known = known_[job.finder->gateway()];
  CO_TRY_DO(co_await name_texts(job));
  co_await find_missing(job, known);
  if (!job.missing.empty() && !known.loaded) {
    auto loaded = co_await kept_.load(job.finder->gateway());
    if (loaded) known.fresh.merge(*loaded);
    known.loaded = true;
    co_await find_missing(job, known);
  }
  CO_TRY_DO(co_await embed_missing(job, known));
  if (!job.missing.empty()) co_return Result<void>{};  // not wanted any more
  auto vectors = table_of(job, known);
  if (!vectors) {
    // A service may change what a model's name stands for: what was kept is of no use any more.
    log::warn(
        "search: gateway {}: the embedder's vectors have another length than those kept; all "
        "are made again",
        job.finder->gateway().id);
    known = {};
    known.loaded = true;
    known.touched.set();
    co_await find_missing(job, known);
    CO_TRY_DO(co_await embed_missing(job, known));
    if (!job.missing.empty()) co_return Result<void>{};
    vectors = table_of(job, known);
    if (!vectors) co_return fail(Code::upstream, "the embedder changes the length of its vectors");
  }
  if (known.unsaved > 0) co_await save(job, known);
  known.last = vectors;
  known.fresh.clear();
  job.finder->set_vectors(std::move(vectors));
  log::info("search: gateway {}: {} tools by meaning", job.finder->gateway().id, job.ids.size());
  co_return Result<void>{};
}

Task<Result<void>> Indexer::name_texts(Job& job) {
  CO_TRY(const std::string model, co_await options_.embedder->id());
  job.ids = co_await options_.offload->run([texts = job.texts, model] {
    std::vector<TextId> ids;
    ids.reserve(texts->count);
    for (std::size_t i = 0; i < texts->count; ++i) ids.push_back(text_id(model, texts->text(i)));
    return ids;
  });
  co_return Result<void>{};
}

Task<void> Indexer::find_missing(Job& job, Known& known) {
  const Rows rows = rows_of(known.last.get());
  std::unordered_set<TextId, TextIdHash> seen;
  job.missing.clear();
  for (std::size_t i = 0; i < job.ids.size(); ++i) {
    const TextId& id = job.ids[i];
    if (rows.contains(id) || known.fresh.contains(id) || !seen.insert(id).second) continue;
    job.missing.push_back(i);
  }
  co_return;
}

// Until nothing is missing, or nobody wants it. What was made stays known either way.
Task<Result<void>> Indexer::embed_missing(Job& job, Known& known) {
  auto pause = std::chrono::steady_clock::duration{first_pause};
  while (!job.missing.empty() && is_wanted(job)) {
    counts_.waiting = job.missing.size();
    const std::size_t count = std::min(job.missing.size(), options_.embedder->batch());
    const auto begin = job.missing.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<std::string> texts;
    for (auto at = begin; at != job.missing.end(); ++at) texts.push_back(job.texts->text(*at));
    auto made = co_await options_.embedder->embed(std::move(texts), Embedder::Purpose::document,
                                                  *options_.worker, within(batch_timeout));
    if (!made || made->size() != count) {
      ++counts_.failures;
      const Error error = made ? Error{.code = Code::upstream,
                                       .message = "not as many vectors as texts",
                                       .detail = {},
                                       .name = {},
                                       .fields = {}}
                               : made.error();
      if (error.code == Code::invalid || error.code == Code::not_found) {
        co_return std::unexpected(error);
      }
      log::warn("search: vectors of gateway {} wait: {} {}", job.finder->gateway().id,
                error.message, error.detail);
      co_await sleep(pause);
      pause = std::min<std::chrono::steady_clock::duration>(pause * 2, pause_max);
      continue;
    }
    pause = first_pause;
    for (std::size_t i = 0; i < count; ++i) {
      const TextId& id = job.ids[*(begin + static_cast<std::ptrdiff_t>(i))];
      known.touched.set(VectorStore::place_of(id));
      known.fresh.insert_or_assign(id, std::move((*made)[i]));
    }
    job.missing.erase(begin, job.missing.end());
    counts_.embedded += count;
    known.unsaved += count;
    if (known.unsaved >= save_every) co_await save(job, known);
  }
  co_return Result<void>{};
}

std::shared_ptr<const DocVectors> Indexer::table_of(const Job& job, const Known& known) {
  const Rows rows = rows_of(known.last.get());
  std::shared_ptr<DocVectors> made;
  for (const TextId& id : job.ids) {
    const auto fresh = known.fresh.find(id);
    const Vector vector =
        fresh != known.fresh.end() ? fresh->second : known.last->table.row(rows.at(id));
    if (!made) {
      made = std::make_shared<DocVectors>(DocVectors{job.ids, VectorTable{vector.values.size()}});
      made->table.reserve(job.ids.size());
    }
    if (vector.values.size() != made->table.width()) return nullptr;
    made->table.add(vector);
  }
  return made ? made : std::make_shared<DocVectors>(DocVectors{{}, VectorTable{0}});
}

// All vectors of the job's documents that are there: those of other documents leave the store.
Task<void> Indexer::save(const Job& job, Known& known) {
  const Rows rows = rows_of(known.last.get());
  std::array<KnownVectors, VectorStore::places> kept;
  for (const TextId& id : job.ids) {
    auto& place = kept[VectorStore::place_of(id)];
    if (const auto fresh = known.fresh.find(id); fresh != known.fresh.end()) {
      place.emplace(id, fresh->second);
    } else if (const auto row = rows.find(id); row != rows.end()) {
      place.emplace(id, known.last->table.row(row->second));
    }
  }
  known.unsaved = 0;
  const auto touched = std::exchange(known.touched, {});
  for (std::size_t place = 0; place < kept.size() && !stopped_; ++place) {
    if (!touched.test(place)) continue;
    const auto done = co_await kept_.save(job.finder->gateway(), place, std::move(kept[place]));
    if (done) continue;
    log::debug("search: vectors of gateway {} are not kept: {}", job.finder->gateway().id,
               done.error().message);
    co_return;
  }
}

}  // namespace toolgate::search
