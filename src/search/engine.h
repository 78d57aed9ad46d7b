// Searches the tools of gateways by words and, where their vectors are there, by meaning; and makes
// the vectors, beside everything else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/offload.h"
#include "base/task.h"
#include "net/worker.h"
#include "search/embedder.h"
#include "search/finder.h"
#include "search/ranking.h"
#include "store/store.h"

namespace toolgate::search {

struct Question {
  std::string query;
  std::size_t limit = 10;
  // Whether the caller may see a document; empty: all. Runs on a thread of the pool: it refers only
  // to what lives until find() has answered.
  std::function<bool(std::size_t doc)> admits;
  // Called with what was found where it was found, so that printing it is no work of an I/O
  // thread's; empty: nothing. As with `admits`, on a thread of the pool.
  std::function<void(const std::vector<Hit>&)> found = {};
};

// Any thread.
class Engine {
 public:
  struct Options {
    store::Store* store = nullptr;
    Offload* offload = nullptr;          // for hashing, ranking, reading vectors
    net::Worker* background = nullptr;   // whose thread awaits the making of vectors
    std::unique_ptr<Embedder> embedder;  // null: by words alone
  };
  explicit Engine(Options options);
  ~Engine();

  // What the words of its finders' documents do: there may be no embedder.
  [[nodiscard]] Words words() const;
  // The vectors of this finder are wanted: they come from memory, from the store, or are made. It
  // is dropped when nobody else holds it any more.
  void add(std::shared_ptr<Finder> finder);
  // The gateway was deleted: its vectors are not kept.
  void forget(const store::Key& gateway);

  // The best documents of the finder. Never fails: without vectors, or when the query's cannot be
  // had in time, it goes by words, and the metrics say so.
  Task<std::vector<Hit>> find(std::shared_ptr<const Finder> finder, Question question,
                              net::Worker& worker);

  // Prometheus' text exposition format 0.0.4.
  [[nodiscard]] std::string exposition() const;

  // When the I/O threads have ended.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace toolgate::search
