// The embedder that asks a service which speaks OpenAI's POST /v1/embeddings.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "net/client.h"
#include "net/credential.h"
#include "net/http.h"
#include "search/embedder.h"

namespace toolgate::search {

class RemoteEmbedder final : public Embedder {
 public:
  // The credential to show, kept sealed elsewhere and asked for before each request.
  using CredentialSource =
      std::function<Task<Result<std::shared_ptr<const net::Credential>>>(net::Worker&, Deadline)>;
  struct Options {
    std::string url;  // of the operation: "https://host/v1/embeddings"
    std::string model;
    std::string key;  // empty: no Authorization, or that of `credential`
    CredentialSource credential = {};
    // The service refused it (401).
    std::function<void(const net::Credential&, net::Worker&)> refused = {};
  };
  // Fails with Code::invalid: which option, what was expected.
  static Result<std::unique_ptr<RemoteEmbedder>> make(Options options);

  Task<Result<std::string>> id() override;
  // A document is tried again while the service is busy; a query is not. Texts that the service
  // refuses are asked for one by one, and shorter. Redirects are not followed.
  Task<Result<std::vector<Vector>>> embed(std::vector<std::string> texts, Purpose purpose,
                                          net::Worker& worker, Deadline deadline) override;
  [[nodiscard]] std::size_t batch() const override { return 64; }

 private:
  explicit RemoteEmbedder(Options options) : options_{std::move(options)} {}
  using Texts = std::span<const std::string>;
  // The service's answer, whatever it is, once it is not busy any more.
  Task<Result<net::ClientResponse>> post(Texts texts, Purpose purpose, net::Worker& worker,
                                         Deadline deadline);
  Task<Result<net::ClientResponse>> post_once(std::string_view body, net::Worker& worker,
                                              Deadline deadline);
  Task<Result<Vector>> embed_one(std::string text, Purpose purpose, net::Worker& worker,
                                 Deadline deadline);
  [[nodiscard]] std::string body_of(Texts texts) const;

  Options options_;
  net::Url url_;
  net::PreparedFields fields_;
};

// The vectors of a service's answer to `count` texts. Fails with Code::upstream, saying what is
// wrong with it. `body` is a JSON document.
[[nodiscard]] Result<std::vector<Vector>> read_embeddings(std::string_view body, std::size_t count);

}  // namespace toolgate::search
