// Makes the vectors of finders, one finder at a time, beside everything else: from what is known of
// the gateway's last finder, from the store, and the rest from the embedder.
#pragma once

#include <atomic>
#include <bitset>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "base/offload.h"
#include "search/embedder.h"
#include "search/finder.h"
#include "search/vector_store.h"

namespace toolgate::search {

class Indexer : public std::enable_shared_from_this<Indexer> {
 public:
  struct Options {
    store::Store* store = nullptr;
    Offload* offload = nullptr;
    net::Worker* worker = nullptr;  // on whose thread it waits
    Embedder* embedder = nullptr;   // null: nothing is ever added
  };
  struct Counts {
    std::atomic<std::uint64_t> embedded = 0;
    std::atomic<std::uint64_t> failures = 0;
    std::atomic<std::uint64_t> waiting = 0;  // documents of the finder in work
  };

  explicit Indexer(Options options) : options_{options}, kept_{*options.store, *options.offload} {}

  // Any thread.
  void add(std::shared_ptr<Finder> finder);
  void forget(const store::Key& gateway);
  void stop() { stopped_ = true; }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  // What is known of a gateway. Only the one running coroutine touches it.
  struct Known {
    bool loaded = false;                       // from the store
    std::shared_ptr<const DocVectors> last;    // of its newest finished finder
    KnownVectors fresh;                        // not in `last`
    std::size_t unsaved = 0;                   // of `fresh`
    std::bitset<VectorStore::places> touched;  // where the unsaved ones belong
  };
  // One finder's work.
  struct Job {
    std::shared_ptr<Finder> finder;
    std::shared_ptr<const Texts> texts;
    std::vector<TextId> ids;           // of the texts
    std::vector<std::size_t> missing;  // positions of texts without a vector, each text once
  };

  void begin();
  static Task<void> work(std::shared_ptr<Indexer> self);
  Task<void> drop(store::Key gateway);
  Task<Result<void>> fill(std::shared_ptr<Finder> finder);
  Task<Result<void>> name_texts(Job& job);
  Task<void> find_missing(Job& job, Known& known);
  Task<Result<void>> embed_missing(Job& job, Known& known);
  // All of the job's, which are known; null when they are not of one length.
  static std::shared_ptr<const DocVectors> table_of(const Job& job, const Known& known);
  Task<void> save(const Job& job, Known& known);
  [[nodiscard]] bool is_wanted(const Job& job) const {
    return !stopped_ && job.finder.use_count() > 1;
  }

  Options options_;
  VectorStore kept_;
  Counts counts_;
  std::atomic<bool> stopped_ = false;

  std::mutex mutex_;  // guards what follows
  std::deque<std::weak_ptr<Finder>> queue_;
  std::deque<store::Key> forgotten_;
  bool working_ = false;

  std::map<store::Key, Known> known_;  // the running coroutine's
};

}  // namespace toolgate::search
