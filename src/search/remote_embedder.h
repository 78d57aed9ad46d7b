// The embedder that asks a service which speaks OpenAI's POST /v1/embeddings.
#pragma once

#include <memory>
#include <string>

#include "net/client.h"
#include "net/http.h"
#include "search/embedder.h"

namespace toolgate::search {

class RemoteEmbedder final : public Embedder {
 public:
  struct Options {
    std::string url;  // of the operation: "https://host/v1/embeddings"
    std::string model;
    std::string key;  // empty: no Authorization
  };
  // Fails with Code::invalid: which option, what was expected.
  static Result<std::unique_ptr<RemoteEmbedder>> make(Options options);

  Task<Result<std::string>> id() override;
  // A document is tried again while the service is busy; a query is not. Redirects are not
  // followed.
  Task<Result<std::vector<Vector>>> embed(std::vector<std::string> texts, Purpose purpose,
                                          net::Worker& worker, Deadline deadline) override;
  [[nodiscard]] std::size_t batch() const override { return 64; }

 private:
  RemoteEmbedder() = default;
  net::Url url_;
  net::PreparedFields fields_;
  std::string model_;
};

// The vectors of a service's answer to `count` texts. Fails with Code::upstream, saying what is
// wrong with it. `body` is a JSON document.
[[nodiscard]] Result<std::vector<Vector>> read_embeddings(std::string_view body, std::size_t count);

}  // namespace toolgate::search
