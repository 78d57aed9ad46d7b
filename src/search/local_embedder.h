// The embedder that runs the model beside the binary, on threads of its own: queries on up to four
// cores, documents on a thread of the lowest priority. All of them let others in between.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "base/offload.h"
#include "search/embedder.h"
#include "search/encoder.h"

namespace toolgate::search {

class LocalEmbedder final : public Embedder {
 public:
  // The file is mapped at the first use.
  explicit LocalEmbedder(std::string path);

  Task<Result<std::string>> id() override;
  Task<Result<std::vector<Vector>>> embed(std::vector<std::string> texts, Purpose purpose,
                                          net::Worker& worker, Deadline deadline) override;
  Task<void> embed_query(std::vector<std::string> texts, Use use, net::Worker& worker,
                         Deadline deadline, Offload& pool) override;
  [[nodiscard]] std::size_t batch() const override { return 16; }
  void rest() override;
  void stop() override;

 private:
  // What the jobs share; it outlives this object when one of them does.
  struct Model;
  // Fails, without a call of `use`, when too many wait or the server ends.
  Task<Result<void>> wait_in_line(std::vector<std::string> texts, Use use);
  std::shared_ptr<Model> model_;
  std::unique_ptr<Offload> queries_;
  std::unique_ptr<Offload> documents_;
};

}  // namespace toolgate::search
