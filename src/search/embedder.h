// Who makes vectors of texts: the model beside the binary, or a service.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "net/worker.h"
#include "search/vectors.h"

namespace toolgate::search {

// Any thread; a coroutine resumes on its own.
class Embedder {
 public:
  // A query is waited for; documents are many and may take long.
  enum class Purpose : unsigned char { query, document };

  virtual ~Embedder() = default;

  // Names the model: vectors of one id compare. Fails as embed does.
  virtual Task<Result<std::string>> id() = 0;
  // One vector a text, in their order. Texts too long for the model are cut off. Fails with
  // Code::throttled (too many at a time), Code::timeout, Code::unavailable, Code::upstream (a
  // service's answer is none), Code::invalid (a model file that is none).
  virtual Task<Result<std::vector<Vector>>> embed(std::vector<std::string> texts, Purpose purpose,
                                                  net::Worker& worker, Deadline deadline) = 0;
  // What is done with a query's vectors.
  using Use = std::function<void(Result<std::vector<Vector>>)>;
  // Calls `use` once, with the vectors of a query's texts or with why there are none, on a thread
  // that may take its time: its own, or the pool's. Without texts it gets no vectors. What `use`
  // refers to must live until then: the awaiting coroutine's frame does.
  virtual Task<void> embed_query(std::vector<std::string> texts, Use use, net::Worker& worker,
                                 Deadline deadline, Offload& pool) {
    Result<std::vector<Vector>> made;
    if (!texts.empty()) made = co_await embed(std::move(texts), Purpose::query, worker, deadline);
    co_await use_on(pool, std::move(use), std::move(made));
  }
  // How many texts are best given at a time.
  [[nodiscard]] virtual std::size_t batch() const = 0;
  // There were many documents and are no more for now: gives back what only they needed.
  virtual void rest() {}
  // Ends running work, and fails what comes later. When the I/O threads have ended.
  virtual void stop() {}

 protected:
  static Task<void> use_on(Offload& pool, Use use, Result<std::vector<Vector>> made) {
    co_await pool.run([use = std::move(use), made = std::move(made)]() mutable {
      use(std::move(made));
      return true;
    });
  }
};

}  // namespace toolgate::search
