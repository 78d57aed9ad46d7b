// Makes a connection: resolve, ask the guard, connect, TLS.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/client.h"
#include "net/tls.h"
#include "net/upstream.h"

namespace toolgate::net {

class Connector {
 public:
  Connector(boost::asio::io_context& io, Client::Options options);
  // `steps` may be null.
  Task<Result<std::unique_ptr<Upstream>>> connect(const Url& url, Deadline deadline, Steps* steps);
  // Client::check_known.
  [[nodiscard]] Result<void> check_known(const Url& url) const;

 private:
  struct Candidate {
    std::string ip;
    std::uint16_t port = 0;
  };
  // What is known of the host without asking a name server; nothing of most names.
  [[nodiscard]] Result<std::vector<Candidate>> known(const Url& url) const;
  // All that the guard allows, in order; its refusal when it allows none.
  Task<Result<std::vector<Candidate>>> candidates(const Url& url, Deadline deadline, Steps* steps);
  // Without those that the guard refuses.
  Result<std::vector<Candidate>> allowed(std::vector<Candidate> found) const;
  Task<Result<std::vector<Candidate>>> resolve_host(const Url& url, Deadline deadline);
  Task<Result<std::unique_ptr<Upstream>>> connect_to(const Url& url, Candidate candidate,
                                                     Deadline deadline, Steps* steps);
  Task<Result<void>> connect_socket(Upstream& upstream, const Url& url, const Candidate& candidate);
  Task<Result<void>> start_tls(Upstream& upstream, const Url& url);

  boost::asio::io_context& io_;
  const Client::Options options_;
  std::shared_ptr<SSL_CTX> tls_;  // made at first use
};

// A failure of one step of a call: "connect: …", Error::name "connect".
[[nodiscard]] std::unexpected<Error> step_failed(Code code, std::string_view step,
                                                 std::string_view what, const Url& url);

}  // namespace toolgate::net
