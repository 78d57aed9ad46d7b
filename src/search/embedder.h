// Who makes vectors of texts: the model beside the binary, or a service.
#pragma once

#include <string>
#include <vector>

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
  // How many texts are best given at a time.
  [[nodiscard]] virtual std::size_t batch() const = 0;
  // Ends running work, and fails what comes later. When the I/O threads have ended.
  virtual void stop() {}
};

}  // namespace toolgate::search
